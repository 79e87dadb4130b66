"""A table is a line a row, each whole; merged cells stand wherever they belong."""

from __future__ import annotations

import pytest

from agents.errors import UnreadableFile
from graphs.corpus.readers.grid import Cell, table_text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([[Cell("Item"), Cell("Price")], [Cell("oil"), Cell("9")]], "Item | Price\noil | 9"),
        (
            [[Cell("a", rows=3), Cell("1")], [Cell("2")], [Cell("3")], [Cell("b"), Cell("4")]],
            "a | 1\na | 2\na | 3\nb | 4",
        ),
        ([[Cell("1"), Cell("a", rows=2)], [Cell("2")]], "1 | a\n2 | a"),
        ([[Cell("1"), Cell(""), Cell("a", rows=2)], [Cell("2")]], "1 |  | a\n2 |  | a"),
        (
            [[Cell("In crowns", columns=2), Cell("x")], [Cell("1"), Cell("2"), Cell("3")]],
            "In crowns | In crowns | x\n1 | 2 | 3",
        ),
        ([[Cell("All", columns=3)], [Cell(""), Cell("")]], "All"),
        ([], ""),
    ],
    ids=["plain", "over-rows", "last-column-over-rows", "short-row", "over-columns", "over-all-and-empty", "nothing"],
)
def test_each_row_is_whole(rows: list[list[Cell]], text: str) -> None:
    assert table_text(rows) == text


def test_cells_without_end_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="span more than"):
        table_text([[Cell("x", 1000)] * 10_000])
