"""Numbers are digits and number words."""

from __future__ import annotations

from typing import Any

import pytest

from agents.text.numbers import numbers_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forty coppers on 3 April", {"forty", "3"}),
        ("twenty-one boats and one man", {"twenty-one"}),
        ("at half past", set()),
        ("the 10th page", {"10th"}),
    ],
    ids=["word-and-digit", "compound", "half", "ordinal"],
)
def test_numbers_are_digits_and_number_words(text: str, expected: set[str] | set[Any]) -> None:
    assert numbers_in(text) == expected
