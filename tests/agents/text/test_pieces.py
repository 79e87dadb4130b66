"""The pieces of a sentence: what a question can ask for, each where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.pieces import pieces


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("On 30 April Tom Hale sold me his grey mare.", ["30 April", "Tom Hale", "grey mare"]),
        ("Ann paid one hundred and ten crowns for it.", ["Ann", "one hundred and ten crowns"]),
        ("There are thirty-one steps, 5.3 metres high.", ["thirty-one steps", "5.3 metres high"]),
        ("The Tollin Light's lens broke.", ["Tollin Light"]),
        ("She rowed me home, and smiled.", []),
        ("It sits in the net loft, between barrels and nets.", ["net loft", "barrels"]),
        ("It sank off Dorn sixty years ago.", ["Dorn", "sixty years ago"]),
    ],
    ids=["date-name-thing", "and-in-a-number", "digits", "possessive", "verbs", "comma", "name-in-a-run"],
)
def test_names_dates_amounts_and_things_are_pieces_and_verbs_are_not(sentence: str, found: list[str]) -> None:
    assert [sentence[start:end] for start, end in pieces(sentence)] == found


@given(st.text("ab 1.,Tthe andof'’-"))
def test_no_piece_is_empty_or_lies_in_another(sentence: str) -> None:
    found = pieces(sentence)
    assert all(sentence[start:end].strip() for start, end in found)
    assert all(end <= start for (_, end), (start, _) in zip(found, found[1:], strict=False))
