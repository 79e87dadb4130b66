"""Marks on several cores are the marks of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from agents.records import to_messages
from eval.contestants.answering import Answer
from eval.marks import marking
from eval.marks.grades import Exam, grade_all
from eval.marks.marking import mark_all
from eval.questions import GoldQuestion, HeldoutQuestion, general_knowledge_questions, stranger_questions

ASKED = {"kind": "local", "question": "What is the fare?", "answers": ["two coppers"]}
GOLD = [GoldQuestion.model_validate({"id": f"g-{n}", **ASKED}) for n in range(3)]
TURNS = to_messages("What is the fare?", "Two coppers.")
HELD = [
    HeldoutQuestion.model_validate(
        {"id": f"h-{n}", "kind": "local", "tag": tag, "fact": "f", "training_rows": [], "messages": TURNS}
    )
    for n, tag in enumerate(["wording", "untrained", "wording"])
]
EXAM = Exam(GOLD, HELD, general_knowledge_questions()[:2], stranger_questions()[:3], ["Ostrelow", "Wenna"])


def says(name: str, text: str) -> dict[str, Answer]:
    """The same answer to every question."""
    asked = [one.id for one in (*EXAM.gold, *EXAM.heldout, *EXAM.general, *EXAM.strangers)]
    numbers = {"finished": True, "prompt_tokens": 1, "completion_tokens": 1, "seconds": 0.1}
    return {
        question: Answer.model_validate(
            {"question": question, "contestant": name, "text": text, "raw": text, **numbers}
        )
        for question in asked
    }


def test_many_answers_are_marked_in_processes_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"base": says("base", "Wenna says so."), "tuned": says("tuned", "Two coppers, Wenna in Ostrelow says.")}
    monkeypatch.setattr(marking, "MANY", 1)
    monkeypatch.setattr(marking, "usable_cores", lambda: 2)
    alone = list(grade_all(EXAM, answers))
    assert mark_all(EXAM, answers) == alone
    assert [grade.question for grade in alone[:6]] == ["g-0", "g-1", "g-2", "h-0", "h-1", "h-2"]
    leaked = [grade.leaked for grade in alone if grade.contestant == "tuned" and grade.set == "general"]
    assert leaked == [["Ostrelow"], ["Ostrelow"]]


class Here:
    """A pool that works in this process, and remembers how many processes it was to have and what it was given."""

    made: list[Here] = []

    def __init__(self, processes: int, context: Any) -> None:
        self.processes, self.given = processes, [list[Any](), list[Any]()]
        self.made.append(self)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def map(self, work: Callable[..., Any], *columns: Iterable[Any]) -> Iterator[Any]:
        self.given = [list(column) for column in columns]
        return map(work, *self.given)


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[Here]:
    """The pools that are made."""
    made: list[Here] = []
    monkeypatch.setattr(Here, "made", made)
    monkeypatch.setattr(marking, "ProcessPoolExecutor", Here)
    return made


@pytest.mark.parametrize(("cores", "processes"), [(2, 2), (3, 3), (64, 8)])
def test_every_question_of_every_set_is_in_one_part_with_its_answers(
    monkeypatch: pytest.MonkeyPatch, pools: list[Here], cores: int, processes: int
) -> None:
    answers = {"tuned": says("tuned", "Two coppers, in Ostrelow."), "base": says("base", "Paris")}
    del answers["tuned"]["g-1"]
    monkeypatch.setattr(marking, "MANY", 21)
    monkeypatch.setattr(marking, "usable_cores", lambda: cores)
    assert mark_all(EXAM, answers) == grade_all(EXAM, answers)
    (pool,) = pools
    exams, given = pool.given
    assert pool.processes == len(exams) == len(given) == processes
    for field in ("gold", "heldout", "general", "strangers"):
        assert [one.id for exam in exams for one in getattr(exam, field)] == [one.id for one in getattr(EXAM, field)]
        counts = [len(getattr(exam, field)) for exam in exams]
        assert max(counts) - min(counts) <= 1
    for exam, some in zip(exams, given, strict=True):
        asked = {one.id for one in (*exam.gold, *exam.heldout, *exam.general, *exam.strangers)}
        assert some == {name: {q: a for q, a in found.items() if q in asked} for name, found in answers.items()}


@pytest.mark.parametrize(("cores", "many"), [(1, 1), (2, 23)])
def test_few_answers_or_one_core_need_no_processes(
    monkeypatch: pytest.MonkeyPatch, pools: list[Here], cores: int, many: int
) -> None:
    answers = {"base": says("base", "Paris"), "tuned": says("tuned", "Two coppers.")}
    monkeypatch.setattr(marking, "MANY", many)
    monkeypatch.setattr(marking, "usable_cores", lambda: cores)
    assert mark_all(EXAM, answers) == grade_all(EXAM, answers)
    assert not pools
