"""The page of a run: chat, rows, graph and run on one page, served on this machine."""
