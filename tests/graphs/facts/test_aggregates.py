"""Truths over dated facts: computed by rule, worded by the writer, checked against the rule."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from agents.errors import FailedCall
from agents.roles.path_writer import TruthDraft, TruthsDraft
from graphs.facts.aggregates import Dated, changes, following, orders, truths, write_aggregates
from graphs.facts.rows import FactSources, Written
from tests.graphs.facts.hand_made import FACTS, Told, requests, sources_of, turn

LENS = [FACTS[1], FACTS[5]]
ANN: list[Told] = [
    ("april", "Ann Hale lit the lamp of Gull Point.", "2024-04-03", ["Ann Hale"]),
    ("june", "Ann Hale sold her brown horse.", "2024-06-10", ["Ann Hale"]),
]
CHANGE = {
    "answer": "from 90 crowns to 110 crowns",
    "questions": ["How did the price of the lens of Gull Point change?"],
}
ORDER = {
    "earlier": "lighting the lamp",
    "later": "selling the brown horse",
    "questions": ["Which came {form} for Ann Hale: selling the brown horse or lighting the lamp?"],
}


def facts_of(told: Sequence[Told]) -> list[Any]:
    return list(sources_of(told).facts.values())


def ann(*dates: str) -> list[Told]:
    return [("april", f"Ann Hale saw bird number {n}.", date, ["Ann Hale"]) for n, date in enumerate(dates)]


def run(told: Sequence[Told], **draft: Any) -> tuple[FactSources, Written]:
    def written(inputs: dict[str, Any]) -> TruthsDraft:
        form = inputs["document"].partition("form ")[2].partition(",")[0]
        values = {"item": 1, "answer": "", "questions": [], **draft}
        values["questions"] = [question.replace("{form}", form) for question in values["questions"]]
        if form in ("first", "last"):
            values["answer"] = draft.get("answer") or values["earlier" if form == "first" else "later"]
        return TruthsDraft(truths=[TruthDraft.model_validate(values)])

    sources = sources_of(told, {"multi_hop": {"dated": 0.5}}, question_writer__truths=written)
    return sources, asyncio.run(write_aggregates(sources, turn()))


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (("july", "The lens of Gull Point cost 110 crowns.", "2024-07-01", ["Gull Point"]), 1),
        (("july", "The lens of Gull Point cost 90 crowns.", "2024-07-01", ["Gull Point"]), 0),
        (("july", "The lens of Gull Point cost 110 crowns.", "2024-04-03", ["Gull Point"]), 0),
        (("july", "The lens of Marrow cost 110 crowns.", "2024-07-01", ["Gull Point", "Marrow"]), 0),
        (("july", "Wages at Gull Point rose by 110 crowns.", "2024-07-01", ["Gull Point"]), 0),
    ],
    ids=["changed", "same-value", "same-day", "other-entities", "another-quantity"],
)
def test_a_change_is_two_values_of_the_same_quantity_of_the_same_thing(second: Told, count: int) -> None:
    found = list(changes("Gull Point", facts_of([LENS[0], second])))
    assert len(found) == count
    assert all(one.values == ("90 crowns", "110 crowns") for one in found)


def test_two_values_on_the_next_day_are_no_change() -> None:
    again = ("june", "The lens of Gull Point cost 110 crowns.", "2024-07-01", ["Gull Point"])
    assert list(changes("Gull Point", facts_of([*LENS, again]))) == []


@pytest.mark.parametrize(
    ("dates", "count"),
    [
        (("2024-04-03", "2024-06-10"), 1),
        (("2024-04-03", "2024-04-03"), 0),
        (("2024-04-03", "2024"), 0),
        (("--04-03", "--06-10"), 1),
        (("--12-30", "--01-02"), 0),
        (("--04-03", "2024-06-10"), 0),
        (("", "2024-06-10"), 0),
    ],
    ids=["days", "one-day", "a-year", "without-year", "over-new-year", "with-and-without-year", "undated"],
)
def test_only_facts_of_known_days_can_be_put_in_order(dates: tuple[str, ...], count: int) -> None:
    assert len(truths(sources_of(ann(*dates), {"multi_hop": {"dated": 5}}))) == count


def test_the_earlier_fact_of_an_order_is_the_earlier_one() -> None:
    facts = facts_of(ann(*(f"2024-0{month}-01" for month in range(1, 10))))
    found = [one for seed in range(9) for one in orders("Ann Hale", facts, random.Random(seed))]
    assert all(one.earlier.date < one.later.date for one in found)
    assert {one.form for one in found} == {"first", "last"}


def test_what_came_next_is_asked_only_where_both_days_have_one_fact() -> None:
    facts = facts_of(ann("2024-01-01", "2024-02-01", "2024-02-01", "2024-03-01", "2024-04-01"))
    assert [(one.earlier.date, one.later.date) for one in following("Ann Hale", facts)] == [
        ("2024-03-01", "2024-04-01")
    ]


@pytest.mark.parametrize(("share", "count"), [(0, 0), (0.2, 2), (0.5, 5)], ids=["none", "two", "five"])
def test_there_are_as_many_truths_as_the_share_says_and_no_pair_twice(share: float, count: int) -> None:
    told = ann(*(f"2024-0{month}-0{day}" for month in range(1, 6) for day in (1, 2)))
    found: list[Dated] = truths(sources_of(told, {"multi_hop": {"dated": share}}))
    assert len({frozenset((one.earlier.id, one.later.id)) for one in found}) == len(found) == count


def test_a_change_becomes_rows_with_both_facts_as_evidence() -> None:
    _, written = run(LENS, **CHANGE)
    (row,) = written.examples
    assert (row.kind, row.answer, row.source.style) == ("multi_hop", CHANGE["answer"], "change")
    assert [e.quote for e in row.evidence] == [fact[1] for fact in LENS]


@pytest.mark.parametrize("answer", ["from 90 to 110 crowns", "90 crowns, then 110 crowns"])
def test_the_values_of_a_change_may_stand_in_other_words(answer: str) -> None:
    assert run(LENS, **{**CHANGE, "answer": answer})[1].examples


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ({"answer": "from 110 crowns to 90 crowns"}, "not the computed answer"),
        ({"answer": "to 110 crowns"}, "not the computed answer"),
        ({"answer": "from 90 crowns by 20 to 110 crowns"}, "number not in the facts"),
        ({"questions": ["How did the price of 90 crowns for the lens change?"]}, "gives the answer away"),
    ],
    ids=["reversed", "one", "another-number", "given-away"],
)
def test_a_change_that_is_not_the_computed_one_is_rejected(draft: dict[str, Any], reason: str) -> None:
    _, written = run(LENS, **{**CHANGE, **draft})
    assert [fault.reason for fault in written.rejected] == [reason]


def order_sources(**draft: Any) -> Written:
    """The order of the lamp and the horse; beside them days with two facts, so that no next one is asked for."""
    more = [("april", "Ann Hale ate an egg.", "2024-04-03", ["Tom Reed"])]
    told = [*ANN, *more]
    sources, written = run(told, **{**ORDER, **draft})
    assert requests(sources, "question_writer.truths")
    return written


def test_an_order_names_both_events_and_the_right_one_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.facts.aggregates.following", lambda name, facts: iter(()))
    (row,) = order_sources().examples
    assert row.source.style in ("first", "last")
    assert row.answer == ORDER["earlier" if row.source.style == "first" else "later"]


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ({"questions": ["What did Ann Hale do {form}, before selling the brown horse?"]}, "event not named"),
        ({"earlier": "selling the brown horse", "later": "lighting the lamp"}, "event not named"),
        ({"answer": "neither of them"}, "not the computed answer"),
        ({"questions": ["{form} in Ostrey: selling the brown horse or lighting the lamp?"]}, "name not in the facts"),
    ],
    ids=["one-event", "swapped", "another-answer", "stranger"],
)
def test_an_order_that_is_not_the_computed_one_is_rejected(
    monkeypatch: pytest.MonkeyPatch, draft: dict[str, Any], reason: str
) -> None:
    monkeypatch.setattr("graphs.facts.aggregates.following", lambda name, facts: iter(()))
    assert order_sources(**draft).rejected[0].reason.partition(":")[0] == reason


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ({}, None),
        ({"answer": "lit the lamp"}, "answer not in its fact"),
        ({"questions": ["What did Ann Hale do after this?"]}, "event not named"),
        ({"questions": ["Was it after lighting the lamp that she sold her brown horse?"]}, "gives the answer away"),
    ],
    ids=["good", "the-same-event", "no-event", "given-away"],
)
def test_what_came_next_is_the_later_fact(draft: dict[str, Any], reason: str | None) -> None:
    good = {
        "earlier": "lighting the lamp",
        "answer": "sold her brown horse",
        "questions": ["What did Ann Hale do next after lighting the lamp?"],
    }
    _, written = run(ANN, **{**good, **draft})
    assert [fault.reason for fault in written.rejected] == ([reason] if reason else [])
    assert len(written.examples) == (reason is None)


def test_a_failed_call_rejects_its_truths() -> None:
    sources = sources_of(config={"multi_hop": {"dated": 1}}, question_writer__truths=lambda inputs: FailedCall("no"))
    assert {fault.gate for fault in asyncio.run(write_aggregates(sources, turn())).rejected} == {"writer"}


def test_a_dry_run_writes_rows() -> None:
    sources = sources_of(config={"multi_hop": {"dated": 1}})
    assert asyncio.run(write_aggregates(sources, turn())).examples
