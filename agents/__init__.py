"""Who speaks to a model: the items, the client, the call store and the roles. Imports nothing of ours."""
