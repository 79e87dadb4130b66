"""Some briefs through the whole loop, to look at before a run."""
