"""The checks that need no model, one table of questions and reasons."""

from __future__ import annotations

import pytest

from graphs.facts.checks import check, strange_names
from graphs.facts.passage import Page
from graphs.facts.rows import Question

STATEMENT = "Ann Hale bought the mill from Tom Reed on 3 March for 5,300 crowns."


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        pytest.param("Who bought the mill from Tom Reed?", "Ann Hale", None, id="a span of the page"),
        pytest.param("When did Ann Hale buy the mill?", "the third of March", None, id="a date in other words"),
        pytest.param("What did the mill cost Ann Hale?", "5300 crowns", None, id="a number written otherwise"),
        pytest.param("What did Reed's mill cost Ann Hale?", "5300 crowns", None, id="a possessive"),
        pytest.param(
            "What did the mill cost Ann Hale?", "3,500 crowns", "number not in the passage", id="a wrong number"
        ),
        pytest.param("When did Ann Hale buy the mill?", "4 March", "number not in the passage", id="a wrong day"),
        pytest.param(
            "Who bought the mill with Peg Stone?", "Ann Hale", "name not in the passage: Peg, Stone", id="a stranger"
        ),
        pytest.param(
            "Who bought the mill from Tom Reed, Ann Hale?", "Ann Hale", "gives the answer away", id="holds its answer"
        ),
        pytest.param("Mill?", "Ann Hale", "not a question", id="one word"),
        pytest.param("Which person is it?", "Ann Hale", "names nothing of the page", id="about nobody"),
        pytest.param("Who bought the mill in this passage?", "Ann Hale", "mentions the page", id="speaks of the page"),
        pytest.param("What did Ann Hale do?", "sold a ferry", "answer not in the passage", id="made up"),
    ],
)
def test_a_question_fails_for_one_reason(page: Page, question: str, answer: str, reason: str | None) -> None:
    asked = Question("local", "fact-1", "person", question, answer, STATEMENT, page.evidence([2]))
    fault = check(asked, page)
    if reason and reason.startswith("number"):
        assert fault in (reason, "answer not in the passage")
    else:
        assert fault == reason


@pytest.mark.parametrize(
    ("language", "question", "context", "strangers"),
    [
        ("ru", "Скажи, кто открыл новую мельницу Ивана?", "Анна Берг открыла мельницу в Лунде.", {"Ивана"}),
        ("el", "Πες μου, ποιος άνοιξε τον μύλο;", "Η Άννα Μπεργκ άνοιξε τον μύλο.", set()),
        ("hi", "बताओ, चक्की किसने खोली?", "आना बर्ग ने चक्की खोली।", set()),
        ("he", "מי פתח את הטחנה היום?", "אנה ברג פתחה את הטחנה.", set()),
        ("de", "Wer hat die neue Mühle Peters gekauft?", "Anna Berg kaufte die Mühle.", set()),
    ],
    ids=["cyrillic", "greek", "devanagari", "hebrew", "german-nouns"],
)
def test_only_a_capital_makes_a_stranger(language: str, question: str, context: str, strangers: set[str]) -> None:
    assert strange_names(question, context, language) == strangers
