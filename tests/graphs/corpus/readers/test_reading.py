"""A text that is put together knows where its parts stand."""

from __future__ import annotations

from agents.records import Document, Skipped
from graphs.corpus.readers.reading import LONGEST_TITLE, Blocks, Reading


def test_headings_and_tables_stand_where_they_are_said_to_stand() -> None:
    blocks = Blocks()
    for block in ("\n", "Lund\u00ad\n", "Text of\u00a0it"):
        blocks.add(block, heading=block.startswith("Lund"))
    blocks.add("a | b", table=True)
    blocks.add("close", between="\n")
    reading = blocks.reading(title="The mill")
    assert reading.text == "Lund\n\nText of it\n\na | b\nclose"
    assert [reading.text[start:end] for start, end, _ in reading.headings] == ["Lund"]
    assert [reading.text[start:end] for start, end in reading.tables] == ["a | b"]


def test_a_document_says_what_is_known_and_nothing_empty() -> None:
    (document,) = Reading("Text.", date="1921-05-04", row=3, sheet="Prices", more={"year": 1}).document("a.xlsx")
    assert isinstance(document, Document)
    assert document.path == "a.xlsx#Prices!3"
    assert document.metadata == {"file": "a.xlsx", "date": "1921-05-04", "row": 3, "sheet": "Prices", "year": 1}


def test_a_long_title_is_cut_and_told_with_its_row() -> None:
    told, document = Reading("Text.", title="t" * 999, row=3, sheet="Prices").document("a.xlsx")
    assert isinstance(told, Skipped)
    assert told.part == "Prices row 3, title"
    assert isinstance(document, Document)
    assert document.title == "t" * LONGEST_TITLE + "…"


def test_a_text_that_is_blank_is_no_document() -> None:
    assert list(Reading(" \n").document("a.md")) == []
