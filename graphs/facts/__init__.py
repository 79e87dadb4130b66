"""Facts first: passages become facts with questions, facts become a graph, and rows over several facts."""
