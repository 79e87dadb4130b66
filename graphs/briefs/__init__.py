"""What to ask, decided before any question is written."""
