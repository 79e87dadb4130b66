"""What a writer is told of a chunk beside its sentences: where it stands, who speaks, and of which day it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agents.records import Chunk, Document
from graphs.facts.checks import check
from graphs.facts.passage import Page
from graphs.facts.rows import Question
from tests.graphs.facts.conftest import sources_of

CHAT = "Ann: I sold the boat yesterday. It was old.\nTom: To whom?\nAnn: To Bo.\nTom: Good. Bo pays well.\nAnn: Yes.\n"


def page_of(text: str, start: int = 0, headings: tuple[str, ...] = (), path: str = "a.txt", **metadata: Any) -> Page:
    document = Document(id="doc-1", path=path, title="Boats", text=text, metadata=metadata)
    piece = text[start:]
    chunk = Chunk(id="chunk-1", document_id="doc-1", start=start, end=len(text), text=piece, headings=list(headings))
    sources = replace(sources_of(), documents={"doc-1": document}, chunks={"chunk-1": chunk})
    return Page(sources, chunk)


def test_a_sentence_within_a_turn_is_shown_with_its_speaker() -> None:
    shown = page_of(CHAT).document
    assert "[1] Ann: I sold the boat yesterday.\n[2] Ann: It was old.\n[3] Tom: To whom?" in shown
    assert "Tom: Bo pays well." in shown


def test_a_chunk_that_begins_within_a_turn_is_shown_with_its_speaker() -> None:
    assert "[1] Ann: It was old." in page_of(CHAT, CHAT.index("It was old")).document


def test_the_headings_over_a_chunk_are_shown_with_the_title() -> None:
    assert page_of("Fill it.", headings=("Engine", "Oil")).document.splitlines()[1] == "Title: Boats: Engine: Oil"


def test_the_writer_is_told_the_day_of_a_document_and_yesterday_is_in_the_passage() -> None:
    page = page_of(CHAT, date="2026-09-14")
    assert "Date: 2026-09-14 (Monday)" in page.document
    statement = "Ann sold the boat on 13 September 2026."
    asked = Question(
        "local", "fact-1", "date", "When did Ann sell the boat?", "13 September 2026", statement, page.evidence([1])
    )
    assert check(asked, page) is None
    assert check(asked, page_of(CHAT)) == "number not in the passage"
    assert check(asked, page_of(CHAT, date="2025-09-14")) == "number not in the passage"


@pytest.mark.parametrize("path", ["a.txt", "01-journal-3-april.md"])
def test_without_a_day_and_a_heading_nothing_is_shown_of_them(path: str) -> None:
    shown = page_of("Anna Berg opened the mill at Lund.", path=path).document
    assert shown.splitlines()[1:] == ["Title: Boats", "", "[1] Anna Berg opened the mill at Lund.", "</document>"]


TABLE = "Prices at Marrow.\n\nItem | Price | Seller\nlamp oil | 9 | Ann Hale\nwick | 2 | Tom Reed\n"


def table_of(text: str, start: int = 0) -> Page:
    return page_of(text, start, tables=[[text.index("Item"), len(text) - 1]])


def test_a_row_of_a_table_is_shown_with_its_headers() -> None:
    shown = table_of(TABLE).document
    assert "[3] Item: lamp oil; Price: 9; Seller: Ann Hale\n[4] Item: wick; Price: 2; Seller: Tom Reed" in shown


def test_a_row_in_a_later_chunk_has_its_headers_too_and_they_count_as_told() -> None:
    page = table_of(TABLE, TABLE.index("wick"))
    assert "[1] Item: wick; Price: 2; Seller: Tom Reed" in page.document
    assert "Item | Price | Seller" in page.context
    asked = Question("local", "fact-1", "person", "Seller of the wick?", "Tom Reed", page.said[0], page.evidence([1]))
    assert (check(asked, page), asked.evidence[0].quote) == (None, "wick | 2 | Tom Reed")
