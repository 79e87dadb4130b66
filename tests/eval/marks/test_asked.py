"""What a question asks for is read from the first word that asks."""

from __future__ import annotations

import pytest

from eval.marks.asked import kind_of, still_open


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


WHO = "Who painted the barn?"
AGE = "How old was the oak?"


@pytest.mark.parametrize(
    ("question", "before", "refusal", "rest", "is_context", "is_open"),
    [
        pytest.param(WHO, "The barn was painted in May", "who painted it is not told", "who it", True, True, id="who"),
        pytest.param(
            WHO,
            "Ada Brandt",
            "who painted the shed is not told",
            "who painted the shed",
            False,
            False,
            id="a bare answer",
        ),
        pytest.param(
            WHO,
            "It was Ada Brandt",
            "nothing more about the barn is told",
            "about the barn",
            True,
            False,
            id="more is an aside",
        ),
        pytest.param(
            WHO, "The barn was painted by Ada Brandt", "when is not told", "when", True, False, id="when, not who"
        ),
        pytest.param(
            "Whose barn was painted?",
            "The barn was painted in May",
            "who owned it is not told",
            "who owned it",
            True,
            True,
            id="whose is who",
        ),
        pytest.param(
            "What colour was the barn?",
            "The barn is old",
            "how it was painted is not told",
            "how it painted",
            True,
            True,
            id="how is what",
        ),
        pytest.param(
            WHO,
            "The barn was painted in 1912",
            "the painter is not told",
            "the painter",
            True,
            True,
            id="a year is no name",
        ),
        pytest.param(
            AGE,
            "The oak was planted by Ada Brandt",
            "its age is not told",
            "its age",
            True,
            True,
            id="a name is no age",
        ),
        pytest.param(
            AGE, "The oak was 90 years old", "the exact day is not told", "the exact day", True, False, id="an age"
        ),
        pytest.param(
            "Why was the barn painted?",
            "The barn was painted in May",
            "no reason is given",
            "reason",
            True,
            True,
            id="no reason",
        ),
        pytest.param(
            "Why was the barn painted?",
            "Because it was damp",
            "no other reason is given",
            "other reason",
            True,
            False,
            id="a reason was given",
        ),
        pytest.param(WHO, "Painted in May", "the painter is not told", "the painter", True, True, id="a verb first"),
        pytest.param(WHO, "It is old. Painted in May", "the painter is untold", "the painter", True, True, id="later"),
        pytest.param(
            "Wer strich die Scheune?",
            "Die Scheune bekam einen Anstrich",
            "der Maler fehlt",
            "der Maler",
            True,
            True,
            id="de",
        ),
    ],
)
def test_a_refusal_behind_another_statement_is_about_what_was_asked(
    question: str, before: str, refusal: str, rest: str, is_context: bool, is_open: bool
) -> None:
    assert still_open(question, before, refusal, rest, is_context) is is_open
