"""Questions by rule that a page does not answer."""

from __future__ import annotations

import pytest

from agents.records import REFUSAL
from agents.roles.checks import Draft
from agents.text.unanswerable_templates import TEMPLATES, question_by_template
from tests.conftest import check_draft


@pytest.mark.parametrize("style", TEMPLATES)
def test_every_style_has_a_question_that_the_checks_let_pass(style: str) -> None:
    question = question_by_template("Ann Hale", style, "Ann Hale sold the mill.")
    assert check_draft(Draft("unanswerable", question, "", REFUSAL, []), "Ann Hale sold the mill.") is None


@pytest.mark.parametrize(
    ("style", "page"),
    [
        ("about their family", "Tom is the brother of Ann Hale."),
        ("about their early life", "Ann Hale grew up in Marrow."),
        ("about a price or an amount", "Ann Hale is paid monthly, and her wages are low."),
        ("about what they own", "Ann Hale called her dogs."),
    ],
    ids=["brother", "grew", "wages", "dogs"],
)
def test_what_a_page_may_answer_is_not_asked(style: str, page: str) -> None:
    assert question_by_template("Ann Hale", style, page) == ""


def test_a_style_without_a_form_is_left_to_the_writer() -> None:
    assert question_by_template("Ann Hale", "about a song", "") == ""
