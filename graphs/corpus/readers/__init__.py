"""Files become text: one module for each family of kinds; `files` tells which reads what."""

from graphs.corpus.readers.files import READERS, read_file
from graphs.corpus.readers.reading import LONGEST_TITLE, short_title, title_of

__all__ = ["LONGEST_TITLE", "READERS", "read_file", "short_title", "title_of"]
