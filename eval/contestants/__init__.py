"""Who answers: what each contestant reads, which model it asks, and its answers on disk."""
