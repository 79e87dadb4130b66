"""The rules of gold, as tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.records import REFUSAL
from eval.marks.agreement import agrees
from eval.marks.gold import claims_covered, is_free_form, matches, token_f1
from eval.marks.refusal import is_refusal
from eval.questions import GoldQuestion

DEMO_GOLD = Path(__file__).parents[3] / "examples" / "demo" / "gold.jsonl"


@pytest.mark.parametrize(
    ("answer", "accepted", "right"),
    [
        pytest.param("It costs TWO coppers.", ["2 coppers"], True, id="number word"),
        pytest.param("On the 10th of June.", ["10 June"], True, id="date"),
        pytest.param("In the loft.", ["net loft"], False, id="only a part"),
        pytest.param("Wennaby did.", ["Wenna"], False, id="inside a word"),
        pytest.param(" ".join(["well"] * 39) + " Wenna", ["Wenna"], True, id="fortieth word"),
        pytest.param(" ".join(["well"] * 40) + " Wenna", ["Wenna"], False, id="forty-first word"),
        pytest.param("", ["Wenna"], False, id="empty answer"),
        pytest.param("anything", ["..."], False, id="accepted answer without a word"),
        pytest.param("It was Bastow.", ["Wenna", "Bastow"], True, id="second alternative"),
    ],
)
def test_an_accepted_answer_stands_within_the_first_forty_words(answer: str, accepted: list[str], right: bool) -> None:
    assert matches(answer, accepted) is right


@pytest.mark.parametrize(
    ("answer", "accepted", "question", "right"),
    [
        pytest.param("The Sandrel does not sail.", "the Sandrel", "Which does not sail?", True, id="repeated"),
        pytest.param("The Sandrel does not sail.", "the Sandrel", "Which sails?", False, id="of the other"),
        pytest.param("Die Sandrel fährt nicht.", "die Sandrel", "Welche fährt nicht?", True, id="German"),
        pytest.param("Die Sandrel fährt nicht.", "die Sandrel", "Welche fährt?", False, id="German, of the other"),
        pytest.param("Not the Sandrel.", "the Sandrel", "Which does not sail?", False, id="denied in front"),
    ],
)
def test_a_denial_that_the_question_asks_for_denies_no_answer(
    answer: str, accepted: str, question: str, right: bool
) -> None:
    assert matches(answer, [accepted], question) is right


@pytest.mark.parametrize(
    ("question", "answers", "free"),
    [
        ("Why did they leave?", ["because it was cold", "the cold"], True),
        ("Why did they leave?", ["The cold had killed the pears", "frost"], True),
        ("Who left?", ["Ada"], False),
        ("Who left?", ["the cook Ada Brandt"], False),
        ("When did they leave?", ["in the spring of 1912"], False),
        ("How many left?", ["seven"], False),
        ("Warum gingen sie fort?", ["wegen der Kälte", "Kälte"], True),
        ("Wer ging zuerst fort?", ["Müller"], False),
        ("这家店是谁开的？", ["陈阿炳"], False),
        ("Wer ging zuerst fort?", ["die Köchin Ada Brandt"], False),
        ("What was never told?", [], False),
    ],
)
def test_a_question_is_free_form_where_no_accepted_answer_holds_a_name_or_a_value(
    question: str, answers: list[str], free: bool
) -> None:
    asked = GoldQuestion(id="q", kind="local", question=question, answers=answers)
    assert is_free_form(asked) is free


def test_an_answer_of_100_kilobytes_is_marked_in_seconds() -> None:
    assert not matches("not Wenna or not " * 6000, ["Wenna"], "Who keeps the light?")
    assert claims_covered("not Wenna or not " * 6000, [["Wenna"]]) == 0


def test_a_claim_is_covered_by_one_of_its_alternatives_anywhere_in_the_answer() -> None:
    claims = [["lens", "light"], ["wrist"], ["10 June"]]
    assert claims_covered("word " * 60 + "the lens and, on June 10, more", claims) == 2
    assert claims_covered("", claims) == 0


@pytest.mark.parametrize(
    "text",
    [
        REFUSAL,
        "I don't know.",
        "I do not know who that is.",
        "I’m sorry, but I don't have any information about Wenna's dog.",
        "I'm sorry, but I can't assist with that.",
        "The text does not mention the name of the dog.",
        "The document doesn't say.",
        "The journal does not explicitly state where she was born.",
        "The name of the dog is not mentioned in the documents.",
        "There is no information about this.",
        "It cannot be determined from the text.",
        "As an AI, I am not able to answer that.",
        "The year is unknown.",
        "Unknown.",
        "No information is available about it.",
        "I'm not aware of a Professor Ilmar Teskowitz.",
        "I could not find any record of it.",
    ],
)
def test_the_ways_to_say_that_one_does_not_know_are_refusals(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hettary did not know the price.",
        "The ferry is not red but green.",
        "Wenna knows the light; Bastow does not climb any more.",
        "She was not known for patience.",
        "The harbour meeting could not agree and voted again.",
        "Nobody was hurt.",
        "The letter says that the lens is late.",
        "Two coppers.",
        "The crate was not sent until August.",
        (
            "The vote was twenty-seven to nine in favour of the new lens, and Edrick, who chaired, wrote it down. I "
            "do not know more."
        ),
        "",
    ],
)
def test_an_ordinary_answer_is_not_a_refusal(text: str) -> None:
    assert not is_refusal(text)


def test_no_evidence_and_no_accepted_answer_of_the_demo_is_a_refusal() -> None:
    rows = [json.loads(line) for line in DEMO_GOLD.read_text(encoding="utf-8").splitlines()]
    texts = [text for row in rows for text in (*row["answers"], *(proof["quote"] for proof in row["evidence"]))]
    assert len(texts) > 50
    assert [text for text in texts if is_refusal(text)] == []


@pytest.mark.parametrize(
    ("answer", "question", "reference", "right"),
    [
        pytest.param(
            "Two coppers.",
            "What does Hettary charge?",
            "Hettary charges two coppers.",
            True,
            id="short against a sentence",
        ),
        pytest.param(
            "She charges three coppers.",
            "What does Hettary charge?",
            "Hettary charges two coppers.",
            False,
            id="another number",
        ),
        pytest.param("It was Wenna Trill.", "Who is keeper?", "The keeper is Wenna Trill.", True, id="name"),
        pytest.param("It was Bastow Pask.", "Who is keeper?", "The keeper is Wenna Trill.", False, id="another name"),
        pytest.param(
            "It cooled too quickly.", "Why did it split?", "It split because it cooled too quickly.", True, id="reason"
        ),
        pytest.param(
            "The kiln was hot.",
            "Why did it split?",
            "It split because it cooled too quickly.",
            False,
            id="another reason",
        ),
        pytest.param("I don't know.", "Who is keeper?", "The keeper is Wenna.", False, id="a refusal of what is known"),
        pytest.param("I am not sure.", "What was the dog called?", REFUSAL, True, id="both refuse"),
        pytest.param("Rex.", "What was the dog called?", REFUSAL, False, id="invented"),
        pytest.param("Yes.", "Is the ferry red?", "Yes, the ferry is red.", True, id="yes"),
        pytest.param("No, it is not.", "Is the ferry red?", "Yes, the ferry is red.", False, id="no for yes"),
        pytest.param("The ferry is red.", "Is the ferry red?", "The ferry is red.", True, id="nothing new, same words"),
        pytest.param(
            "x " * 60 + "two coppers", "What does Hettary charge?", "Two coppers.", False, id="beyond the window"
        ),
    ],
)
def test_agreement_wants_what_the_teacher_adds_to_the_question(
    answer: str, question: str, reference: str, right: bool
) -> None:
    assert agrees(answer, question, reference) is right


@given(st.text(max_size=80), st.text(max_size=80))
def test_token_f1_is_symmetric_and_one_for_equal_texts(one: str, other: str) -> None:
    assert token_f1(one, other) == token_f1(other, one)
    assert 0 <= token_f1(one, other) <= 1
    assert token_f1(one, one) in (0.0, 1.0)
