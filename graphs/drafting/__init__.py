"""A brief becomes a draft, and the draft passes its gates or goes."""
