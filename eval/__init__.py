"""Is the tuned model better than retrieval? Contestants, measures, report and chat."""
