"""Drafts become the data files: filtered, completed, split and written."""
