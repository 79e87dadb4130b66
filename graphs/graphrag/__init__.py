"""A Microsoft GraphRAG index, read and written."""
