"""Rules about words, sentences and names that need no model."""
