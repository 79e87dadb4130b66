"""Sums, counts and spans of days: put together by rule of kept questions and their answers."""

from __future__ import annotations

from typing import Any

import pytest

from agents.records import Example
from graphs.facts.computed import write_computed
from graphs.facts.rows import FactSources, Question, example
from tests.graphs.facts.hand_made import Told, sources_of

Row = tuple[int, str, str, str]  # the fact's number, side, question, answer

ELECTION: list[Told] = [
    ("december", "Ann Hale had 31 votes in the election.", "2024-12-12", ["Ann Hale"]),
    ("december", "Tom Reed had 14 votes in the election.", "2024-12-12", ["Tom Reed"]),
]
VOTES = "How many votes did {} get in the election?"
PAID: list[Told] = [
    ("may", "Ann Hale sent Tom Reed 30 crowns.", "--05-06", ["Ann Hale", "Tom Reed"]),
    ("june", "The mill paid Tom Reed 80 crowns.", "--06-19", ["Tom Reed"]),
]
SENT, MILL = "How much money did Ann Hale send to Tom Reed?", "How much did the mill pay Tom Reed for the wheel?"
SAILED: list[Told] = [
    ("9 september", "The Marl left Orrin on 1 September.", "--09-01", ["Marl", "Orrin"]),
    ("9 september", "The Marl reached Dorn on 5 September.", "--09-05", ["Marl", "Dorn"]),
]
LEFT, REACHED = "When did the Marl leave Orrin?", "On what date did the Marl reach Dorn?"


def made(told: list[Told], *rows: Row, dated: float = 5) -> tuple[FactSources, list[Example]]:
    """What is computed from kept rows about these facts."""
    sources = sources_of(told, {"multi_hop": {"dated": dated}})
    facts = list(sources.facts.values())
    kept = [
        example(sources, Question("local", facts[n].id, side, question, answer, "", facts[n].evidence), None, 1)
        for n, side, question, answer in rows
    ]
    return sources, write_computed(sources, kept)


def votes(*answers: str) -> list[Row]:
    return [
        (n, "number", VOTES.format(name), a)
        for n, (name, a) in enumerate(zip(["Ann Hale", "Tom Reed"], answers, strict=False))
    ]


def test_two_answers_to_one_question_about_two_names_are_added_and_keep_the_evidence_of_both() -> None:
    _, (row,) = made(ELECTION, *votes("31 votes", "fourteen"))
    assert row.question == (
        "How many votes did Ann Hale get in the election, how many votes did Tom Reed get in the election, and what "
        "does that add up to?"
    )
    assert row.answer == "45 votes: 31 votes and fourteen"
    assert (row.kind, row.source.style, row.source.role) == ("multi_hop", "sum", "rule")
    assert [e.quote for e in row.evidence] == [fact[1] for fact in ELECTION]
    assert row.reasoning == " ".join(fact[1] for fact in ELECTION)


def test_both_sides_of_a_vote_are_added() -> None:
    told: list[Told] = [("may", "They voted 27 to 9 to buy a lens.", "2024-05-01", [])]
    asked = "How many voted {} buying a lens?"
    _, (row,) = made(told, (0, "number", asked.format("for"), "27"), (0, "number", asked.format("against"), "nine"))
    assert row.answer == "36: 27 and nine"


def test_what_one_receiver_was_paid_on_two_days_is_added() -> None:
    _, (row,) = made(PAID, (0, "number", SENT, "thirty crowns"), (1, "number", MILL, "eighty crowns"))
    assert row.answer == "110 crowns: thirty crowns and eighty crowns"
    assert row.source.documents == ["june.md", "may.md"]


@pytest.mark.parametrize(
    ("told", "rows"),
    [
        (ELECTION, votes("31 votes", "14 coppers")),
        (ELECTION, votes("31 votes", "none")),
        (ELECTION, votes("31 votes", "14 votes of 45")),
        (ELECTION, [votes("31")[0], (1, "number", "How many votes did Tom Reed get in Dorn?", "14")]),
        (ELECTION, [votes("31")[0], (0, "number", VOTES.format("Hale"), "31")]),
        (ELECTION, [votes("31")[0], (1, "number", "How many votes, by the clerk, did Tom Reed get?", "14")]),
        (PAID, [(0, "number", SENT, "30 crowns"), (1, "number", MILL, "80 coppers")]),
        (PAID, [(0, "number", SENT, "30 crowns"), (1, "number", MILL, "30 crowns")]),
        (PAID, [(0, "number", SENT, "30 crowns"), (0, "number", MILL, "80 crowns")]),
        (PAID, [(0, "number", SENT, "30 crowns"), (1, "number", "How much did Tom Reed pay Ann Hale?", "80 crowns")]),
        (PAID, [(0, "number", SENT, "30 crowns"), (1, "number", "How much did Tom Reed ask for it?", "80 crowns")]),
    ],
    ids=[
        "unit",
        "no-number",
        "two-numbers",
        "another-question",
        "one-name",
        "clause",
        "unit-paid",
        "told-twice",
        "one-day",
        "receiver",
        "price",
    ],
)
def test_amounts_that_do_not_belong_together_are_not_added(told: list[Told], rows: list[Row]) -> None:
    assert made(told, *rows)[1] == []


@pytest.mark.parametrize(
    ("side", "question", "answer", "expected"),
    [
        ("group", "Who rang the bell at Dorn?", "Ann Hale and Tom Reed", "Two: Ann Hale and Tom Reed"),
        ("thing", "What is taught at Dorn?", "knots and navigation", "Two: knots and navigation"),
        ("thing", "What did Ann Hale buy?", "a horse, two hens and the mill", "Three: a horse, two hens and the mill"),
        ("thing", "What did Ann Hale buy?", "the horse and the cart of Tom", None),
        ("quality", "What is Ann Hale like?", "small and brisk", None),
        ("group", "Which two people rang the bell?", "Ann Hale and Tom Reed", None),
        ("thing", "Why did Ann Hale leave?", "wind and rain", None),
        ("thing", "What did Ann Hale buy?", "a horse, and", None),
        ("person", "Who rang the bell at Dorn?", "Ann Hale", None),
    ],
    ids=["names", "words", "three", "phrases", "quality", "counted", "reason", "empty-member", "one"],
)
def test_a_count_is_of_what_one_answer_lists(side: str, question: str, answer: str, expected: str | None) -> None:
    _, rows = made(ELECTION, (0, side, question, answer))
    assert [row.answer for row in rows] == ([expected] if expected else [])
    assert all(row.question.startswith(question.rstrip("?") + ", and how many") for row in rows)


def test_the_days_between_two_events_of_one_page_are_counted() -> None:
    _, (row,) = made(SAILED, (0, "date", LEFT, "1 September"), (1, "date", REACHED, "5 September"))
    assert row.question == (
        "When did the Marl leave Orrin, on what date did the Marl reach Dorn, and how many days passed from the one to "
        "the other?"
    )
    assert row.answer == "4 days: from 1 September to 5 September"


def sailed(**changes: Any) -> list[Told]:
    """The second event in other circumstances."""
    page, statement, date, names = SAILED[1]
    new = {"page": page, "statement": statement, "date": date, "names": names, **changes}
    return [SAILED[0], (new["page"], new["statement"], new["date"], new["names"])]


@pytest.mark.parametrize(
    ("told", "answer", "count"),
    [
        (sailed(), "5 September", 1),
        (sailed(page="10 september"), "5 September", 0),
        (sailed(date="--09-12"), "12 September", 0),
        (sailed(date="--01-05"), "5 January", 0),
        (sailed(date="--09-02"), "2 September", 0),
        (sailed(statement="The Marl reached Dorn sixty years ago."), "5 September", 0),
        (sailed(names=["Dorn"]), "5 September", 0),
        (sailed(), "6 September", 0),
        (sailed(), "the eve of 5 September", 0),
        (sailed(date="--09"), "September", 0),
    ],
    ids=["same", "other-page", "planned", "long-ago", "next-day", "years", "no-name", "another-day", "about", "month"],
)
def test_days_without_a_year_are_compared_only_within_a_page_and_shortly_before_it(
    told: list[Told], answer: str, count: int
) -> None:
    assert len(made(told, (0, "date", LEFT, "1 September"), (1, "date", REACHED, answer))[1]) == count


def test_days_with_a_year_are_compared_across_pages_and_years() -> None:
    told: list[Told] = [
        ("one", "The Marl left Orrin on 30 December 2023.", "2023-12-30", ["Marl"]),
        ("two", "The Marl reached Dorn on 2 January 2024.", "2024-01-02", ["Marl"]),
    ]
    _, (row,) = made(told, (0, "date", LEFT, "30 December 2023"), (1, "date", REACHED, "2 January 2024"))
    assert row.answer == "3 days: from 30 December 2023 to 2 January 2024"


@pytest.mark.parametrize(("dated", "count"), [(0, 0), (0.5, 1), (5, 2)], ids=["none", "one", "all"])
def test_there_are_no_more_rows_than_the_share_says(dated: float, count: int) -> None:
    again = (0, "group", "Who rang the bell at Dorn?", "Ann Hale and Tom Reed")
    assert len(made(ELECTION, *votes("31", "14"), again, dated=dated)[1]) == count


def test_a_question_that_grows_too_long_is_left_out() -> None:
    long = "How many votes did {} get in " + "the long " * 15 + "election?"
    rows: list[Row] = [(0, "number", long.format("Ann Hale"), "31"), (1, "number", long.format("Tom Reed"), "14")]
    assert made(ELECTION, *rows)[1] == []
