"""Each answer gets the mark of its kind."""

from __future__ import annotations

import pytest

from agents.records import to_messages
from eval.contestants.answering import Answer
from eval.marks.grades import Exam, grade_all, grade_gold
from eval.questions import GeneralQuestion, GoldQuestion, HeldoutQuestion, StrangerQuestion


def said(question: str, text: str, contestant: str = "base") -> Answer:
    """An answer with the given text."""
    return Answer(
        question=question,
        contestant=contestant,
        text=text,
        raw=text,
        finished=True,
        prompt_tokens=1,
        completion_tokens=1,
        seconds=0.1,
    )


@pytest.mark.parametrize(
    ("kind", "extra", "text", "hits", "of"),
    [
        pytest.param("local", {"answers": ["Wenna"]}, "It is Wenna.", 1, 1, id="local right"),
        pytest.param("multi_hop", {"answers": ["Wenna"]}, "It is Bastow.", 0, 1, id="multi-hop wrong"),
        pytest.param(
            "global", {"claims": [["lens"], ["fare"], ["ferry"]]}, "The lens and the ferry.", 2, 3, id="claims"
        ),
        pytest.param("unanswerable", {}, "I don't know.", 1, 1, id="refused"),
        pytest.param("unanswerable", {}, "Rex.", 0, 1, id="invented"),
    ],
)
def test_gold_is_marked_by_its_kind(kind: str, extra: dict[str, list[str]], text: str, hits: int, of: int) -> None:
    grade = grade_gold(
        GoldQuestion.model_validate({"id": "g", "kind": kind, "question": "Who?", **extra}), said("g", text)
    )
    assert (grade.hits, grade.of, grade.right, grade.kind) == (hits, of, hits == of, kind)


def test_a_contestant_gets_marks_for_what_it_was_asked_and_leaks_are_measured_against_base() -> None:
    held = HeldoutQuestion(
        id="h",
        kind="local",
        tag="untrained",
        fact="f",
        training_rows=[],
        messages=to_messages("Who keeps it?", "Wenna."),
    )
    exam = Exam(
        gold=[],
        heldout=[held],
        general=[GeneralQuestion(id="general", question="Capital of France?", answers=["Paris"])],
        strangers=[StrangerQuestion(id="stranger", question="Who was Pim?")],
        names=["Ostrelow"],
    )
    answers = {
        "base": {
            "h": said("h", "Bastow"),
            "general": said("general", "Paris"),
            "stranger": said("stranger", "A king."),
        },
        "rag": {"h": said("h", "Wenna", "rag")},
        "tuned": {
            "h": said("h", "Wenna", "tuned"),
            "general": said("general", "Ostrelow", "tuned"),
            "stranger": said("stranger", "I don't know.", "tuned"),
        },
    }
    grades = {(grade.contestant, grade.question): grade for grade in grade_all(exam, answers)}
    assert len(grades) == 7
    assert [grades[name, "h"].right for name in ("base", "rag", "tuned")] == [False, True, True]
    assert grades["rag", "h"].set == "untrained"
    assert grades["tuned", "general"].leaked == ["Ostrelow"]
    assert not grades["base", "stranger"].right
    assert grades["tuned", "stranger"].right
