"""General questions keep the student's own whole answers, once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.models.weights import KNOWN
from tests.tuning.conftest import tiny_base
from tuning.model import Generation, Student
from tuning.recipe import Recipe
from tuning.replay import general_questions, replay_rows, whole_sentences


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every question is answered with itself; questions that begin with "What" are cut inside the first sentence."""
    asked = []

    def generate(self, prompts: Sequence[Any], max_new_tokens: int, batch_size: int = 32) -> list[Generation]:
        asked.append(len(prompts))
        questions = [prompt[-1]["content"] for prompt in prompts]
        return [
            Generation(f"About {q}", 1, 1, 0.1, finished=not q.startswith("What"))
            for q in (q.rstrip("?!.") for q in questions)
        ]

    monkeypatch.setattr(Student, "generate", generate)
    return asked


@pytest.mark.parametrize(
    ("text", "finished", "kept"),
    [
        ("Bees make honey.", True, "Bees make honey."),
        ("Bees make honey. They also", False, "Bees make honey."),
        ("Bees make honey and", False, ""),
        ("Honey", True, "Honey"),
        ("1. Apples are", False, ""),
        ("Wait! Why? Because", False, "Wait! Why?"),
        ("It is 3.5 metres lo", False, ""),
        ("Snow\nfalls.", True, "Snow falls."),
    ],
    ids=[
        "whole",
        "cut-later",
        "cut-in-first",
        "finished-without-stop",
        "list-number",
        "other-marks",
        "decimal-point",
        "lines",
    ],
)
def test_an_answer_ends_with_its_last_whole_sentence(text: str, finished: bool, kept: str) -> None:
    assert whole_sentences(Generation(text, 1, 1, 0.1, finished)) == kept


def test_unfinished_answers_are_dropped(
    student_folder: Path, tmp_path: Path, console: Console, answers: list[Any]
) -> None:
    questions = [q for q in general_questions() if not q.startswith("What")]
    rows = replay_rows(len(questions), tmp_path / "replay.jsonl", tiny_base(student_folder), console)
    assert [row.messages[1]["content"] for row in rows] == questions
    assert all(row.kind == "replay" and row.messages[-1]["content"].startswith("About") for row in rows)
    with pytest.raises(InputError, match=f"answered {len(questions)}"):
        replay_rows(len(questions) + 1, tmp_path / "replay.jsonl", tiny_base(student_folder), console)


def test_the_questions_are_answered_once_for_one_student(
    student_folder: Path, tmp_path: Path, console: Console, answers: list[Any]
) -> None:
    base, cache = tiny_base(student_folder), tmp_path / "data" / "replay.jsonl"
    first = replay_rows(5, cache, base, console)
    assert replay_rows(5, cache, base, console) == first
    assert answers == [len(general_questions())]
    lines = [json.loads(line) for line in cache.read_text().splitlines()]
    cache.write_text("".join(json.dumps({**line, "base": "another"}) + "\n" for line in lines))
    replay_rows(5, cache, base, console)
    assert len(answers) == 2


def test_the_default_student_has_answered_already(
    student_folder: Path, tmp_path: Path, console: Console, answers: list[Any]
) -> None:
    default = replace(tiny_base(student_folder), sha256=KNOWN[Recipe.model_validate({}).base].sha256)
    rows = replay_rows(30, tmp_path / "replay.jsonl", default, console)
    assert answers == []
    assert {row.messages[-2]["content"] for row in rows} <= set(general_questions())
    assert {row.kind for row in rows} == {"replay"}


def test_rows_are_spread_over_the_topics(
    student_folder: Path, tmp_path: Path, console: Console, answers: list[Any]
) -> None:
    few = replay_rows(4, tmp_path / "replay.jsonl", tiny_base(student_folder), console)
    every = [q for q in general_questions() if not q.startswith("What")]
    places = [every.index(row.messages[1]["content"]) for row in few]
    assert places == [i * len(every) // 4 for i in range(4)]


def test_no_replay_asks_nothing(student_folder: Path, tmp_path: Path, console: Console, answers: list[Any]) -> None:
    assert replay_rows(0, tmp_path / "replay.jsonl", tiny_base(student_folder), console) == []
    assert answers == []
    assert not (tmp_path / "replay.jsonl").exists()


def test_the_questions_are_many_short_and_different() -> None:
    questions = general_questions()
    assert 60 <= len(questions) <= 80
    assert len({q.lower() for q in questions}) == len(questions)
    assert max(map(len, questions)) < 80
