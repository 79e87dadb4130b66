"""A book gives its chapters in their order."""

from __future__ import annotations

from pathlib import Path

from agents.records import Document
from graphs.corpus.readers import read_file
from tests.graphs.corpus.readers.made import epub


def test_the_chapters_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    chapters = {
        "2.xhtml": "<h1>The mill</h1><p>Anna&#160;opened<a id='n'/> it.</p>",
        "1.xhtml": "<h2>The wheel</h2>Karl&nbsp;built it.",
    }
    (tmp_path / "a.epub").write_bytes(epub(chapters, **{"text/nav.xhtml": "<p>Contents</p>"}))
    (document,) = read_file(tmp_path / "a.epub", "a.epub", 10**7)
    assert isinstance(document, Document)
    assert document.text == "The mill\n\nAnna opened it.\n\nThe wheel\n\nKarl built it."
    said = document.metadata
    assert (document.title, said["author"], said["date"]) == ("The Mill", "Ann", "1921-05-04")
    assert [(document.text[start:end], level) for start, end, level in said["headings"]] == [
        ("The mill", 1),
        ("The wheel", 2),
    ]
