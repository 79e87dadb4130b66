"""How the roles are joined: from a folder of documents to train.jsonl."""
