"""What was extracted becomes one graph of entities, relations and communities."""
