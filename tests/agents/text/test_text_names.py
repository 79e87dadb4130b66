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
    ],
    ids=["full-names", "possessive", "opener", "none"],
)
def test_names_are_the_capitalised_ones_without_openers(text: str, expected: list[Any]) -> None:
    assert names_in(text) == expected
