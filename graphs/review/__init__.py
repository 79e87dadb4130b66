"""A person decides about the kept facts."""
