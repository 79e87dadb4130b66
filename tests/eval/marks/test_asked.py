"""What a question asks for is read from the first word that asks."""

from __future__ import annotations

import pytest

from eval.marks.asked import kind_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who built it?", "name"),
        ("How old was the oak when it fell?", "number"),
        ("Wann wurde sie gebaut?", "date"),
        ("Où est-elle née ?", "place"),
        ("What did she say?", ""),
    ],
)
def test_the_first_word_that_asks_counts(question: str, kind: str) -> None:
    assert kind_of(question) == kind
