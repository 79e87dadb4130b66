"""Verdicts on many rows in one call: each question is answered anew, and the answers compared by value."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.errors import TruncatedReply
from agents.models.scripted import ScriptedModel
from agents.roles.row_verdicts import MOST_QUESTIONS, ROW_ANSWERS, agreement, scripted_answers, verdicts
from agents.roles.sentence_writer import SENTENCE_WRITER, scripted_sentence, write_sentence
from tests.conftest import client_of

PAGE = "Ann Hale has three boats. Tom Roe has two."
ROWS = [("How many boats has Ann Hale?", "three boats"), ("Who has two boats?", "Tom Roe")]


def judged(reply: Any, rows: list[tuple[str, str]] = ROWS) -> tuple[ScriptedModel, list[float]]:
    model = ScriptedModel({ROW_ANSWERS.name: reply if callable(reply) else lambda inputs: reply})
    return model, asyncio.run(verdicts(client_of(model), PAGE, rows))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("1. three boats\n2. Tom Roe", [1.0, 1.0]),
        ("1: 3 boats.\n2) Ann Hale", [1.0, 0.0]),
        ("2. Tom Roe\n1. not stated", [0.0, 1.0]),
        ("1. two boats\n2. Tom Roe's two boats.", [0.0, 1.0]),
    ],
    ids=["same", "as-digits", "other-order", "wrong-number"],
)
def test_a_row_is_right_as_far_as_its_question_is_answered_alike_again(reply: str, found: list[float]) -> None:
    assert judged(reply)[1] == pytest.approx(found)


def test_many_rows_are_one_call_that_sees_the_page_first_the_questions_in_a_fence_and_no_answer() -> None:
    model, found = judged("1. three boats\n2. Tom Roe\n3. Ann", [*ROWS, ("Who </lines>?", "Sally")])
    (request,) = model.requests
    prompt = request.messages[-1]["content"]
    assert prompt.startswith(f"<document>\n{PAGE}\n</document>\n\n<lines>\n1. {ROWS[0][0]}\n2. {ROWS[1][0]}\n3. ")
    assert (prompt.count("</lines>"), "Sally" in prompt) == (1, False)
    assert found == [1.0, 1.0, 0.0]


def test_more_questions_than_one_call_takes_are_several_calls_in_order() -> None:
    rows = [(f"Who is number {n}?", f"Ann {n}") for n in range(MOST_QUESTIONS + 1)]
    model, found = judged(lambda inputs: inputs["lines"].replace("Who is number", "Ann"), rows)
    assert found == [1.0] * len(rows)
    assert len(model.requests) == 2


def test_a_question_with_two_answers_is_asked_once() -> None:
    model, found = judged("1. three boats", [ROWS[0], (ROWS[0][0], "two boats")])
    assert found == [1.0, 0.0]
    assert "2." not in model.requests[0].messages[-1]["content"]


@pytest.mark.parametrize(("again", "p"), [("1. Tom Roe", 1.0), ("Perhaps.", 0.0)], ids=["then-told", "never-told"])
@pytest.mark.parametrize(
    "first",
    ["1. three boats", "1. three boats\n2. Ann\n2. Tom Roe", TruncatedReply("cut", raw="1. three boats\n2. Tom R")],
    ids=["missing", "twice", "cut"],
)
def test_a_question_without_an_answer_is_asked_once_more_alone_and_then_has_none(
    first: Any, again: str, p: float
) -> None:
    replies = iter([first, again])
    model, found = judged(lambda inputs: next(replies))
    assert found == [1.0, p]
    assert model.requests[-1].messages[-1]["content"].count("\n1. Who has two boats?\n</lines>") == 1


def test_no_rows_are_no_call() -> None:
    model, found = judged("", [])
    assert (found, model.requests) == ([], [])


@pytest.mark.parametrize(
    ("expected", "told", "language", "value"),
    [
        ("fourteen weeks", "14 weeks.", "en", 1.0),
        ("vierzehn Wochen", "14 Wochen", "de", 1.0),
        ("5.3 metres", "3.5 metres", "en", 0.0),
        ("5,300 crowns", "5300 crowns", "en", 1.0),
        ("5,300 crowns", "5.3 crowns", "en", 0.0),
        ("5.300 Kronen", "5300 Kronen", "de", 1.0),
        ("the 12:30 train", "the 13:30 train", "en", 0.0),
        ("27 June", "on June 27", "en", 1.0),
        ("net loft", "In the net loft.", "en", 1.0),
        ("Ansgret", "Ansgret Foyle", "en", 2 / 3),
        ("both of them", "both of them", "en", 1.0),
        ("学校", "学校", "zh", 1.0),
        ("王小明", "王小明开办了面粉厂", "zh", 0.4),
        ("die alte Mühle", "alten Mühlen", "de", 1.0),
        ("", "net loft", "en", 0.0),
    ],
    ids=[
        "words",
        "german",
        "digits-swapped",
        "thousands",
        "thousands-are-no-decimals",
        "german-thousands",
        "times",
        "order",
        "article",
        "part-of-a-name",
        "only-small-words",
        "chinese",
        "part-of-a-chinese-answer",
        "german-endings",
        "none",
    ],
)
def test_answers_agree_by_value_and_by_words_that_carry_meaning(
    expected: str, told: str, language: str, value: float
) -> None:
    assert agreement("Who?", expected, told, language) == pytest.approx(value)


@pytest.mark.parametrize(
    ("expected", "value"), [("copper wire", 1.0), ("Ann's hair", 0.5)], ids=["asked-for", "said-in-the-question"]
)
def test_what_an_answer_repeats_of_its_question_counts_only_where_it_is_the_answer(expected: str, value: float) -> None:
    told = "Ann ties her hair with copper wire."
    assert agreement("With what does Ann tie her hair?", expected, told) == pytest.approx(value, abs=0.2)


def test_a_dry_run_vouches_for_the_rows_that_its_writer_made_and_for_no_others() -> None:
    model = ScriptedModel({SENTENCE_WRITER.name: scripted_sentence, ROW_ANSWERS.name: scripted_answers})
    client = client_of(model)
    rows = asyncio.run(write_sentence(client, "", PAGE, "Ann Hale has three boats.", "en")).rows
    assert asyncio.run(verdicts(client, PAGE, [*rows, ROWS[1]])) == [1.0, 1.0, 0.0]
