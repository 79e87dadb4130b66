"""Marks on several cores are the marks of one."""

from __future__ import annotations

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
