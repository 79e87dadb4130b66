"""Names are the capitalised ones."""

from __future__ import annotations

from typing import Any

import pytest

from agents.text.names import names_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The boat of Bastow Pask lies at Gull Point.", ["Bastow Pask", "Gull Point"]),
        ("She met Ann's brother.", ["Ann"]),
        ("When Ostrey slept, the council of the North met.", ["Ostrey", "North"]),
        ("nothing here", []),
        ("In Lund Émile Zola met Łucja Lang and Özgür Çelik.", ["Lund Émile Zola", "Łucja Lang", "Özgür Çelik"]),
        ("He thought I’ll come, and I’ve lost, and Don’t, and That’s why O’Brien wept.", ["O’Brien"]),
    ],
    ids=["full-names", "possessive", "opener", "none", "accents", "contractions"],
)
def test_names_are_the_capitalised_ones_without_openers(text: str, expected: list[Any]) -> None:
    assert names_in(text) == expected
