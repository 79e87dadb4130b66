"""What probes a fact and what is in reserve for it: checked rows that no training and no evaluation has seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.files import write_jsonl
from agents.records import Rejected, to_messages
from eval.improve.facts import facts_of, further_row


def row(name: str, question: str, answer: str = "Wenna.", kind: str = "local", **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "fact": "f", "messages": to_messages(question, answer), **more}


def left(question: str, reason: str = "over the budget", answer: str = "Wenna.", kind: Any = "local") -> Rejected:
    return Rejected(
        id=question,
        kind=kind,
        brief="f",
        question=question,
        answer=answer,
        gate="selection",
        reason=reason,
        raw="",
        round=1,
    )


TRAINED = [row("r1", "Who keeps the lamp?"), row("r2", "Who is the keeper of the lamp?")]


def write(data: Path, rejected: list[Rejected], **files: list[dict[str, Any]]) -> Path:
    for name, rows in {"train": TRAINED, **files}.items():
        write_jsonl(data / f"{name}.jsonl", rows)
    write_jsonl(data / "rejected.jsonl", rejected)
    return data


def test_the_question_least_like_the_trained_ones_is_the_probe_and_the_others_are_in_reserve(tmp_path: Path) -> None:
    near, far = left("Who keeps the old lamp?"), left("By whom is that light tended?")
    (fact,) = facts_of(write(tmp_path, [near, far]))
    assert fact.probe
    assert fact.probe.question == far.question
    assert [one.question for one in fact.reserve] == [near.question]


def test_a_row_that_is_nearly_the_probe_is_not_trained(tmp_path: Path) -> None:
    asked = ["By whom is that bright light tended?", "By whom is that bright old light tended?", "The lamp is whose?"]
    (fact,) = facts_of(write(tmp_path, [left(question) for question in asked]))
    assert fact.probe
    assert fact.probe.question in asked[:2]
    assert [one.question for one in fact.reserve] == asked[2:]


def test_a_validation_row_is_the_probe_and_leaves_the_reserve_whole(tmp_path: Path) -> None:
    (fact,) = facts_of(write(tmp_path, [left("By whom is that light tended?")], validation=[row("v", "Whose lamp?")]))
    assert (fact.probe and fact.probe.question, len(fact.reserve)) == ("Whose lamp?", 1)


@pytest.mark.parametrize(
    "unfit",
    [
        left("By whom is that light tended?", reason="wrong answer"),
        left("By whom is that light tended?", reason="too like another question"),
        left("By whom is that light tended?", answer=" "),
        left("By whom is that light tended?", kind="unanswerable"),
        left("who keeps THE lamp"),
    ],
    ids=["rejected", "too-like", "no-answer", "refusal", "trained"],
)
def test_what_no_check_passed_or_was_trained_is_no_probe(unfit: Rejected, tmp_path: Path) -> None:
    (fact,) = facts_of(write(tmp_path, [unfit]))
    assert fact.probe is None


def test_what_is_unfit_does_not_hide_what_comes_after_it(tmp_path: Path) -> None:
    (fact,) = facts_of(write(tmp_path, [left("Whose is it?", reason="wrong answer"), left("By whom is it tended?")]))
    assert fact.probe
    assert fact.probe.question == "By whom is it tended?"


def test_a_row_like_a_heldout_question_is_left_to_the_evaluation(tmp_path: Path) -> None:
    held = row("h", "By whom is that bright light tended now?", tag="wording", training_rows=["r1"])
    (fact,) = facts_of(write(tmp_path, [left("By whom is that bright light tended?")], heldout=[held]))
    assert (fact.probe, fact.reserve) == (None, [])


def test_an_answer_that_was_trained_is_written_as_it_was(tmp_path: Path) -> None:
    taught = "Wenna keeps the lamp.\n\nAnswer: Wenna."
    data = write(tmp_path, [], train=[row("r1", "Who keeps the lamp?", taught)])
    (fact,) = facts_of(data)
    assert further_row(fact.trained, "Whose is it?", "wenna.").messages[-1]["content"] == taught
    assert further_row(fact.trained, "Where?", "At Gull Point.").messages[-1]["content"] == "At Gull Point."


def test_a_set_that_asks_about_no_fact_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no row about a single fact"):
        facts_of(write(tmp_path, [], train=[row("r1", "Write it out.", kind="document")]))
