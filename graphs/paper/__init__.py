"""The published recipe, to compare with."""
