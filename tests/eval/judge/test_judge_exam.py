"""A judge that decides by place, length or chance does not pass, and an honest one does."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from agents.models.scripted import ScriptedModel
from agents.models.store import Reply
from agents.progress import Stage
from agents.project import Project
from agents.roles.pairwise_judge import MEANINGS, NEEDS_SOURCE, PairwiseVerdict
from eval.judge.exam import PADDING, ExamItems, ExamResult, exam_items, take_exam
from eval.judge.pairs import read_pairs, read_questions
from tests.conftest import client_of

Judge = Callable[[dict[str, Any]], PairwiseVerdict]


@pytest.fixture
def items(judged_run: Project) -> ExamItems:
    questions = read_questions(judged_run)
    return exam_items(read_pairs(judged_run, questions, "tuned", "rag"), questions, list(MEANINGS), 20)


def held(model: ScriptedModel, items: ExamItems, probabilities: bool = False) -> ExamResult:
    reading = "probabilities" if probabilities else "written"
    return asyncio.run(take_exam(client_of(model, useless_replies=1000), items, reading, Stage("exam")))


def test_an_honest_judge_passes(
    items: ExamItems, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    exam = held(model_of(judges["honest"]), items)
    assert exam.passed
    assert (exam.first_slot, exam.consistency, exam.found.hits, exam.found.n) == (0.5, 1.0, 20, 20)
    assert exam.padded == 0.5


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("always the first", "of identical answers it prefers the first in 100%"),
        ("always the longer", "it finds 10 of 20 planted faults"),
        ("random", "it keeps its verdict in the other order"),
    ],
)
def test_a_judge_without_judgement_is_rejected(
    name: str, why: str, items: ExamItems, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    exam = held(model_of(judges[name]), items)
    assert not exam.passed
    assert any(why in fault for fault in exam.faults)


def test_who_prefers_padding_is_told(
    items: ExamItems, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    exam = held(model_of(judges["always the longer"]), items)
    assert exam.padded == 1.0
    assert set(exam.padded_by_criterion) == set(MEANINGS)


def test_in_every_second_pair_with_a_fault_the_wrong_answer_is_the_longer(items: ExamItems) -> None:
    assert [PADDING in c.other for c in items.planted[::2]] == [False, True] * 10
    assert all((PADDING in c.one) != (PADDING in c.other) for c in items.planted)


def test_a_planted_fault_is_nothing_that_the_source_says(items: ExamItems) -> None:
    assert all(c.source and c.other.split(".")[0] not in c.source for c in items.planted)


def test_the_source_is_shown_where_the_criterion_asks_for_it_and_nowhere_else(items: ExamItems) -> None:
    for part in (items.identical, items.padded):
        assert {one.criterion for one in part} == set(MEANINGS)
        for one in part:
            assert bool(one.source) == (one.criterion in NEEDS_SOURCE)
    assert all(one.source for one in items.planted)


def test_identical_answers_are_those_of_both_contestants_in_turn(judged_run: Project) -> None:
    questions = read_questions(judged_run)
    pairs = read_pairs(judged_run, questions, "tuned", "rag")
    said = exam_items(pairs, questions, list(MEANINGS), 20).identical
    assert [(one.one, one.other) for one in said] == [
        (same, same) for same in ((pair.one, pair.other)[n % 2] for n, pair in enumerate(pairs[:20]))
    ]
    silent = [pair.model_copy(update={("one", "other")[n % 2]: ""}) for n, pair in enumerate(pairs)]
    other = exam_items(silent, questions, list(MEANINGS), 20).identical
    assert [one.one for one in other] == [pair.other if n % 2 == 0 else pair.one for n, pair in enumerate(silent[:20])]


def test_every_reply_unreadable_is_no_pass(items: ExamItems) -> None:
    exam = held(ScriptedModel({"judge.pairwise": lambda inputs: "the first, I think"}), items)
    assert not exam.passed
    assert exam.first_slot is None
    assert exam.unreadable == items.calls


def by_token(honesty: float, bias: float) -> ScriptedModel:
    """A model that writes nothing of use, and whose token 1 has the log-odds of its bias and of what it knows."""

    def reply(inputs: dict[str, Any]) -> Reply:
        key = inputs["source"].partition("kept by ")[2].partition(".")[0] or "keeps"
        odds = bias + honesty * ((key in inputs["first"]) - (key in inputs["second"]))
        p = 1 / (1 + math.exp(-odds))
        return Reply(text="1", top_logprobs={"1": math.log(p), " 2": math.log(1 - p), "Both": -9.0})

    return ScriptedModel({"judge.token": reply})


def test_by_probabilities_a_favourite_place_is_found_and_taken_off(items: ExamItems) -> None:
    exam = held(by_token(honesty=4, bias=3), items, probabilities=True)
    assert exam.bias == pytest.approx(3, abs=0.01)
    assert exam.passed, exam.faults


def test_a_model_whose_probabilities_know_nothing_is_rejected(items: ExamItems) -> None:
    exam = held(by_token(honesty=0, bias=3), items, probabilities=True)
    assert exam.found.hits == 0
    assert not exam.passed


def test_with_few_questions_no_judge_can_pass(
    judged_run: Project, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    questions = read_questions(judged_run)[:4]
    items = exam_items(read_pairs(judged_run, questions, "tuned", "rag"), questions, ["correctness"], 20)
    exam = held(model_of(judges["honest"]), items)
    assert any("only 4 faults could be planted" in fault for fault in exam.faults)
