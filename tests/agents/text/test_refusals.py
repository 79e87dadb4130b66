"""Refusals: every wording is one that the evaluation knows, and they vary."""

from __future__ import annotations

import pytest

from agents.text.refusals import PLAIN, STRANGER, UNTOLD, WORDINGS, refusal
from eval.marks.refusal import is_refusal

FORMS = (*PLAIN, *UNTOLD, *STRANGER)


@pytest.mark.parametrize("form", FORMS)
def test_every_wording_is_a_refusal_for_the_evaluation(form: str) -> None:
    assert is_refusal(form.format(name="the Captain's Old House at Gull Point"))


@pytest.mark.parametrize("language", [code for code in WORDINGS if code != "en"])
def test_every_wording_of_a_language_is_a_refusal_for_the_evaluation(language: str) -> None:
    name = {"zh": "林小明", "ja": "田中一郎"}.get(language, "Orla Dunn")
    said = [form.format(name=name) for part in WORDINGS[language] for form in part]
    assert [form for form in said if not is_refusal(form)] == []
    assert len(set(said)) == len(said) > 10
    assert refusal("?", name, known=True, language=language) in said


def test_a_language_that_the_evaluation_does_not_know_is_refused_in_english() -> None:
    assert refusal("Кто?", "", known=False, language="ru") in PLAIN


def test_there_are_more_than_ten_wordings_and_none_twice() -> None:
    assert len(set(FORMS)) == len(FORMS) > 20


def test_the_wording_of_a_question_is_always_the_same_and_of_many_questions_all_of_them() -> None:
    said = [refusal(f"Who saw bird {n}?", "Ann Hale", known=True) for n in range(400)]
    assert said == [refusal(f"Who saw bird {n}?", "Ann Hale", known=True) for n in range(400)]
    assert set(said) == {form.format(name="Ann Hale") for form in (*PLAIN, *UNTOLD)}


def test_about_a_stranger_nothing_is_said_that_supposes_it_is_known() -> None:
    said = {refusal(f"Who saw bird {n}?", "Ann Hale", known=False) for n in range(400)}
    assert not said & {form.format(name="Ann Hale") for form in UNTOLD}


def test_without_a_name_the_wording_names_nobody() -> None:
    assert {refusal(f"Who saw bird {n}?", "", known=False) for n in range(400)} == set(PLAIN)
