"""A model compares the answers of two contestants, after it has shown that it can."""
