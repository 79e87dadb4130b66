"""The outer loop: what the student does not know gets further rows, and training goes on."""
