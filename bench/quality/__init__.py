"""What the rows, the critic, the extractor and the recipes are worth."""
