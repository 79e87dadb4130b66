"""A row of a table is told with the headers of its columns."""

from __future__ import annotations

import pytest

from agents.text.table_rows import header_of, with_headers

PIPES = "Prices.\n\n| Item | Price |\n|---|---|\n| oil | 9 |\n| wick | 2 |\n\nThat is all."
PLAIN = "Prices.\n\nItem | Price\noil | 9\nwick | 2\n\nThat is all."


@pytest.mark.parametrize("text", [PIPES, PLAIN], ids=["markdown", "plain"])
@pytest.mark.parametrize(
    ("words", "told"),
    [("oil", "Item: oil; Price: 9"), ("wick", "Item: wick; Price: 2"), ("Item", ""), ("Prices", ""), ("That", "")],
)
def test_a_row_has_the_headers_of_its_columns(text: str, words: str, told: str) -> None:
    lines = text.splitlines(keepends=True)
    at = next(sum(map(len, lines[:n])) for n, line in enumerate(lines) if words in line)
    first, last = text.index("Item"), text.index("\n\nThat")
    start = text.rfind("\n", 0, first) + 1
    header = header_of(text, [[start, last]], at)
    assert (with_headers(text[at:].partition("\n")[0], header) if header else "") == told


def test_the_rule_under_the_headers_is_no_row() -> None:
    assert header_of(PIPES, [[PIPES.index("|"), PIPES.index("\n\nThat")]], PIPES.index("|---")) == ""


@pytest.mark.parametrize(
    ("row", "header", "told"),
    [
        ("oil | 9 | new", "Item | Price", "oil | 9 | new"),
        ("oil | ", "Item | Price", "Item: oil"),
        ("oil | 9", " | Price", "oil; Price: 9"),
        (r"a \| b | 9", "Item | Price", r"Item: a \| b; Price: 9"),
    ],
    ids=["cells-do-not-match", "empty-cell", "column-without-a-name", "escaped-sign"],
)
def test_what_a_row_says_depends_on_its_cells(row: str, header: str, told: str) -> None:
    assert with_headers(row, header) == told
