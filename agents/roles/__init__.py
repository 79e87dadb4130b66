"""The roles: one file each, with its prompt, its schema, and the rules by which its replies are read."""
