"""Rich text (rtf) by striprtf; a row of a table is a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from agents.errors import UnreadableFile
from graphs.corpus.readers.reading import Blocks, Options, Reading

ROW = re.compile(r"\|(.*)\|")
INFO = r"\{\\%s ([^{}\\]*)\}"


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """One text, with its title and author.

    Raises:
        UnreadableFile: it does not begin as rich text does.

    """
    from striprtf.striprtf import rtf_to_text

    raw = file.read_bytes()
    if not raw.lstrip().startswith(b"{\\rtf"):
        raise UnreadableFile("broken", "not rich text: it does not begin with {\\rtf")
    marked = raw.decode("latin-1")  # all that is no ASCII is written as \'e4 or \u228, but by careless programs
    blocks = Blocks()
    blocks.left_out["picture"] = marked.count("\\pict")
    for line in rtf_to_text(marked, errors="replace").split("\n"):
        row = ROW.fullmatch(line.strip())
        blocks.add(row[1].replace("|", " | ") if row else line.strip(), between="\n" if row else "\n\n")
    said = {key: re.search(INFO % key, marked[:10_000]) for key in ("title", "author")}
    yield blocks.reading(**{key: found[1].strip() if found else "" for key, found in said.items()})
