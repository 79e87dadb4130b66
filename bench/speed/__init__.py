"""What a synthesis costs beside its model calls."""
