"""How a model is reached: the client with its call store, retries, limits and budget; backends; weights."""
