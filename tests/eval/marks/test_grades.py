"""Each answer gets the mark of its kind."""

from __future__ import annotations

import pytest

from agents.records import to_messages
from eval.contestants.answering import Answer, Question
from eval.marks.grades import Exam, Grade, grade_all, grade_gold
from eval.own_questions import OwnQuestion
from eval.questions import GeneralQuestion, GoldQuestion, HeldoutQuestion, StrangerQuestion


def said(question: str, text: str, contestant: str = "base", failed: str = "") -> Answer:
    """An answer with the given text."""
    return Answer(
        question=question,
        contestant=contestant,
        text=text,
        raw=text,
        finished=True,
        failed=failed,
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


FERRY = {"path": "ferry.md", "quote": "Hettary asks two coppers."}
LIGHT = {"path": "light.md", "quote": "Wenna keeps it."}
WHOLE = Exam(
    gold=[
        GoldQuestion.model_validate(
            {
                "id": "fare",
                "kind": "multi_hop",
                "question": "What is the fare?",
                "answers": ["two coppers"],
                "evidence": [FERRY, LIGHT],
            }
        ),
        GoldQuestion.model_validate(
            {
                "id": "all",
                "kind": "global",
                "question": "Was ist wichtig?",
                "claims": [["Licht"], ["Fähre"]],
                "evidence": [LIGHT],
            }
        ),
        GoldQuestion(id="king", kind="unanswerable", question="Who is king?"),
    ],
    heldout=[
        HeldoutQuestion(
            id="held",
            kind="local",
            tag="wording",
            fact="fact-1",
            training_rows=[],
            messages=to_messages("Who keeps it?", "Wenna Moor keeps it."),
        )
    ],
    general=[GeneralQuestion(id="capital", question="Capital of France?", answers=["Paris", "Paname"])],
    strangers=[StrangerQuestion(id="pim", question="Who was Pim?")],
    names=["Ostrelow"],
    own=[OwnQuestion(id="mine", question="And the mill?")],
)


def grade(question: str, contestant: str, set_: str, kind: str, hits: int, **more: object) -> Grade:
    """A grade of one point, not refused, if nothing else is said."""
    told = {"question": question, "contestant": contestant, "set": set_, "kind": kind, "hits": hits}
    return Grade.model_validate({**told, "of": 1, "f1": None, "refused": False, **more})


def test_a_grade_tells_points_f1_refusal_leaks_and_the_document_or_fact_that_it_belongs_to() -> None:
    answers = {
        "base": {
            "fare": said("fare", "two coppers"),
            "all": said("all", "Das Licht, nicht die Fähre."),
            "king": said("king", "I don't know."),
            "held": said("held", "Wenna"),
            "capital": said("capital", "Paris, as in Ostrelow"),
            "pim": said("pim", "I don't know."),
        },
        "tuned": {
            "fare": said("fare", "two", "tuned"),
            "king": said("king", "Wenna", "tuned"),
            "capital": said("capital", "Ostrelow", "tuned"),
            "pim": said("pim", "Rex.", "tuned"),
        },
    }
    assert grade_all(WHOLE, answers) == [
        grade("fare", "base", "gold", "multi_hop", 1, f1=1.0, cluster="ferry.md"),
        grade("all", "base", "gold", "global", 1, of=2, cluster="light.md"),
        grade("king", "base", "gold", "unanswerable", 1, refused=True, cluster="king"),
        grade("held", "base", "wording", "local", 1, f1=0.4, cluster="fact-1"),
        grade("capital", "base", "general", "replay", 1, f1=0.5, leaked=["Ostrelow"]),
        grade("pim", "base", "stranger", "unanswerable", 1, refused=True),
        grade("fare", "tuned", "gold", "multi_hop", 0, f1=2 / 3, cluster="ferry.md"),
        grade("king", "tuned", "gold", "unanswerable", 0, cluster="king"),
        grade("capital", "tuned", "general", "replay", 0, f1=0.0),
        grade("pim", "tuned", "stranger", "unanswerable", 0),
    ]


def test_a_failed_answer_is_wrong_about_the_documents_and_no_grade_beyond_them() -> None:
    failed = {
        one: said(one, "two coppers", "tuned", failed="out of memory") for one in ("fare", "king", "capital", "pim")
    }
    base = {"capital": said("capital", "Paris"), "pim": said("pim", "Rex.")}
    told = [one for one in grade_all(WHOLE, {"base": base, "tuned": failed}) if one.contestant == "tuned"]
    assert told == [
        grade("fare", "tuned", "gold", "multi_hop", 0, f1=1.0, cluster="ferry.md"),
        grade("king", "tuned", "gold", "unanswerable", 0, cluster="king"),
    ]


def test_who_is_asked_what() -> None:
    assert WHOLE.about_corpus() == [
        Question(id="fare", text="What is the fare?"),
        Question(id="all", text="Was ist wichtig?"),
        Question(id="king", text="Who is king?"),
        Question(id="held", text="Who keeps it?"),
        Question(id="mine", text="And the mill?"),
    ]
    assert WHOLE.beyond_corpus() == [
        Question(id="capital", text="Capital of France?"),
        Question(id="pim", text="Who was Pim?"),
    ]
