"""Notes and running heads are told from the text by size, mark and place."""

from __future__ import annotations

import pytest

from graphs.corpus.readers.pdf_edges import usual_size, without_heads, without_notes
from graphs.corpus.readers.pdf_layout import Piece

TEXT = "Anna opened the mill at Lund in May"


def piece(text: str, bottom: float, size: float = 10, left: float = 72) -> Piece:
    return Piece(text, left, left + 5 * len(text), bottom, bottom + size, letter=size)


@pytest.mark.parametrize(
    ("foot", "notes"),
    [
        ([piece("1 Found in a letter.", 60, 8), piece("2 So says", 50, 8), piece("the book.", 40, 8)], [20, 19]),
        ([piece("3", 60, 8), piece("Found in a letter.", 60, 8, left=90)], [20]),
        ([piece("* Found in a letter.", 60, 8)], [20]),
        ([piece("1 Found in a letter.", 60, 10)], []),
        ([piece("A picture of the mill.", 60, 8)], []),
        ([piece("1", 60, 8), piece("Rope", 60, 8, left=150), piece("2", 60, 8, left=250)], []),
    ],
    ids=["two", "mark-apart", "star", "large", "no-mark", "row-of-a-table"],
)
def test_notes_are_small_lines_at_the_foot_that_begin_with_a_mark(foot: list[Piece], notes: list[int]) -> None:
    body = [piece(TEXT, 700), piece(TEXT, 688)]
    text, found = without_notes([*body, *foot], 10)
    assert [len(note.text) for note in found] == notes
    assert text == (body if notes else [*body, *foot])


def test_a_line_at_the_edge_goes_if_it_comes_again_at_the_same_height() -> None:
    def page(number: int, at: float) -> list[Piece]:
        return [piece("Of mills", at), *(piece(f"{TEXT} {chr(97 + number)}{n}", 700 - 12 * n) for n in range(5))]

    others = [[piece(f"{TEXT} {chr(97 + n)}", 700)] for n in range(3, 20)]
    kept, count = without_heads([*(page(n, 750) for n in range(3)), *others], 10)
    assert count == 3
    assert all("Of mills" not in [one.text for one in pieces] for pieces in kept)
    assert without_heads([*(page(n, 730 + 5 * n) for n in range(3)), *others], 10)[1] == 0


def test_the_usual_size_is_that_of_most_letters() -> None:
    assert usual_size([[piece(TEXT, 700), piece("Mill", 750, 20)], [piece("1 note", 40, 8)]]) == 10
    assert usual_size([]) == 0
