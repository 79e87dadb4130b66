"""Refusals about known names and about invented ones, at most a share of all rows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.errors import FailedCall
from agents.records import Example
from agents.roles.unknown_writer import ToldVerdict, ToldVerdicts, UnknownDraft, UnknownsDraft
from eval.marks.refusal import is_refusal
from graphs.config import UnanswerableConfig
from graphs.facts.refusals import most_refusals, write_contrasts, write_unknown
from graphs.facts.rows import FactSources, Written
from tests.graphs.conftest import row
from tests.graphs.facts.hand_made import FACTS, requests, sources_of, turn

THINGS = ["horse", "hat", "song", "dish", "game", "colour", "tree", "bird", "book", "pipe"]
GOOD = "Which horse does Bastow Pask ride?"


def run(rows: int = 300, config: dict[str, Any] | None = None, **roles: Any) -> tuple[FactSources, Written]:
    sources = sources_of(config=config, **roles)
    return sources, asyncio.run(write_unknown(sources, rows, turn()))


def asking(*questions: str) -> Any:
    """A writer that asks this of Bastow Pask, whatever number the name has."""

    def written(inputs: dict[str, Any]) -> UnknownsDraft:
        lines = [line for line in inputs["document"].splitlines() if line.endswith(". Bastow Pask")]
        number = int(lines[0].partition(".")[0])
        return UnknownsDraft(names=[UnknownDraft(name=number, questions=list(questions))])

    return written


def kept(count: int) -> list[Example]:
    return [row(f"Who sold boat {n} to Wenna Tolley?", fact=f"fact-{n}") for n in range(count)]


@pytest.mark.parametrize("rows", [0, 5, 92, 1000])
def test_refusals_are_at_most_their_share_of_all_rows(rows: int) -> None:
    count = most_refusals(rows, UnanswerableConfig.model_validate({"share": 0.08}))
    assert count <= 0.08 * (rows + count)
    assert count + 1 > 0.08 * (rows + count + 1)


def test_an_untold_question_about_a_known_name_is_refused_without_evidence() -> None:
    _, written = run(question_writer__unknowns=asking(GOOD))
    (made,) = written.examples
    assert (made.kind, made.question, made.evidence) == ("unanswerable", GOOD, [])
    assert is_refusal(made.answer)
    assert made.source.documents == ["april.md", "june.md"]


def test_a_terse_question_is_kept_whatever_wording_its_refusal_has() -> None:
    terse = [f"Bastow Pask favourite {thing}" for thing in THINGS]
    _, written = run(3000, question_writer__unknowns=asking(*terse))
    assert {made.question for made in written.examples} == set(terse)


def test_writer_and_critic_see_every_fact_that_names_a_name() -> None:
    sources, _ = run(question_writer__unknowns=asking(GOOD))
    for role in ("question_writer.unknowns", "critic.told"):
        (shown,) = requests(sources, role)
        told = shown["document"].partition(". Bastow Pask")[2].partition("\n\n")[0]
        assert all((fact[1] in told) is ("Bastow Pask" in fact[3]) for fact in FACTS)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Which horse does he ride?", "does not name its subject"),
        ("Where was Bastow Pask in 1999?", "number not in the facts"),
        ("Why did Bastow Pask leave Ostrey?", "name not in the facts: Ostrey"),
    ],
    ids=["no-name", "number", "stranger"],
)
def test_a_faulty_question_is_rejected_without_the_critic(question: str, reason: str) -> None:
    sources, written = run(question_writer__unknowns=asking(question))
    assert [fault.reason for fault in written.rejected] == [reason]
    assert not requests(sources, "critic.told")


@pytest.mark.parametrize(
    ("told", "reason"),
    [("yes", "the documents answer it"), ("partly", "the documents answer it in part"), ("no sense", "unclear")],
    ids=["told", "partly", "senseless"],
)
def test_a_question_that_the_facts_answer_is_no_refusal(told: Any, reason: str) -> None:
    verdicts = ToldVerdicts(verdicts=[ToldVerdict(question=1, told=told)])
    _, written = run(question_writer__unknowns=asking(GOOD), critic__told=lambda inputs: verdicts)
    assert written.examples == []
    assert [fault.reason for fault in written.rejected] == [reason]


def test_a_question_without_a_verdict_is_asked_again_once_and_then_rejected() -> None:
    first = ToldVerdicts(verdicts=[ToldVerdict(question=1, told="no")])
    sources, written = run(
        question_writer__unknowns=asking(GOOD, "When was Bastow Pask born?"), critic__told=lambda inputs: first
    )
    assert [made.question for made in written.examples] == [GOOD]
    assert [fault.reason for fault in written.rejected] == ["no verdict"]
    first_call, second_call = requests(sources, "critic.told")
    assert GOOD in first_call["questions"]
    assert GOOD not in second_call["questions"]


def test_a_failed_call_rejects_its_names() -> None:
    _, written = run(question_writer__unknowns=lambda inputs: FailedCall("no"))
    assert {fault.gate for fault in written.rejected} == {"writer"}


def test_known_names_have_half_of_the_refusals_and_invented_ones_the_rest() -> None:
    sources, written = run(rows=100)
    assert len(written.examples) == 4
    contrasts = write_contrasts(sources, [*kept(100), *written.examples])
    assert len(contrasts) == 4
    assert len({made.question for made in written.examples}) == 4


@pytest.mark.parametrize(
    ("config", "known", "invented"),
    [({"briefs": 0}, 0, 8), ({"contrast_rows": 0}, 8, 0), ({"share": 0}, 0, 0)],
    ids=["invented-only", "known-only", "none"],
)
def test_a_half_that_is_not_wanted_is_not_written(config: dict[str, Any], known: int, invented: int) -> None:
    sources, written = run(100, {"unanswerable": config})
    assert len(written.examples) == known
    assert len(write_contrasts(sources, [*kept(100), *written.examples])) == invented


def test_a_contrast_names_its_stranger_in_some_refusals_and_never_the_known_name() -> None:
    sources = sources_of()
    made = write_contrasts(sources, kept(300))
    assert all(is_refusal(row.answer) for row in made)
    assert len({row.answer for row in made}) > 10
    strangers = {row.question.removesuffix("?").partition(" to ")[2]: row.answer for row in made}
    assert sum(name in answer for name, answer in strangers.items()) > 5
    assert not any("Wenna" in row.answer or "Tolley" in row.answer for row in made)


def test_a_name_that_too_much_is_told_of_is_not_asked_about() -> None:
    many = [("april", f"Ann Hale saw bird {n} of the long and cold winter.", "", ["Ann Hale"]) for n in range(400)]
    sources = sources_of([*many, ("june", "Tom Reed left.", "", ["Tom Reed"])])
    asyncio.run(write_unknown(sources, 300, turn()))
    assert all("Ann Hale" not in asked["document"] for asked in requests(sources, "question_writer.unknowns"))
