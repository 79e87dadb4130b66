"""nano-graphrag and LightRAG on the same documents and server."""
