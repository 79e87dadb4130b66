"""Filters over the whole set, as a table of two facts and what becomes of the second."""

from __future__ import annotations

import pytest

from agents.records import Example
from graphs.dataset.filters import as_rejected, filter_rows
from tests.graphs.conftest import row

FIRST = row("Who sold the mill in March?", fact="fact-a")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (row("Who sold the mill in March?", fact="fact-b"), "duplicate question"),
        (row("who sold the mill, in March", fact="fact-b"), "duplicate question"),
        (row("Who sold the mill in March?", "Tom Reed sold it.", fact="fact-b"), "same question, another answer"),
        (row("Who sold the mill in early March?", fact="fact-b"), "near-duplicate row"),
        (row("Who was it that sold a mill in March?", fact="fact-b"), "near-duplicate row"),
        (
            row(
                "Who sold the mill in May?",
                "Tom Reed sold the mill.",
                fact="fact-b",
                quote="Tom Reed sold the mill in May.",
            ),
            None,
        ),
        (row("When did Ann Hale sell the mill?", "Ann Hale sold it in March.", fact="fact-b"), None),
    ],
    ids=[
        "same",
        "same-but-for-case",
        "another-answer",
        "near",
        "same-answer-nearly-same-question",
        "other-evidence",
        "other-question",
    ],
)
def test_the_second_of_two_facts_goes_with_a_reason_or_stays(second: Example, reason: str | None) -> None:
    kept, rejected = filter_rows([second, FIRST])
    assert [r.reason for r in rejected] == ([reason] if reason else [])
    assert FIRST in kept
    assert (second in kept) is (reason is None)


def test_a_fact_whose_first_wording_goes_goes_whole() -> None:
    second = row("Who sold the mill in March?", fact="fact-b")
    wording = row("By whom was a mill sold?", first=second)
    kept, rejected = filter_rows([wording, second, FIRST])
    assert kept == [FIRST]
    assert [(r.gate, r.reason) for r in rejected] == [
        ("filter", "duplicate question"),
        ("wordings", "its first wording was rejected"),
    ]


def test_a_wording_that_another_fact_asks_already_goes_alone() -> None:
    second = row("Which thing did Ann Hale sell?", "Ann Hale sold the mill.", fact="fact-b", quote="other")
    wording = row("Who sold the mill in March?", first=second)
    kept, rejected = filter_rows([FIRST, second, wording])
    assert kept == [FIRST, second]
    assert [(r.gate, r.question) for r in rejected] == [("wordings", wording.question)]


def test_a_row_that_was_drafted_twice_is_kept_once_with_its_wordings() -> None:
    wording = row("By whom was the mill sold in March?", first=FIRST)
    kept, rejected = filter_rows([FIRST, wording, FIRST, wording])
    assert kept == [FIRST, wording]
    assert [r.reason for r in rejected] == ["duplicate question", "duplicate question"]


def test_the_order_of_arrival_changes_nothing() -> None:
    rows = [
        FIRST,
        row("Who sold the mill in early March?", fact="fact-b"),
        row("By whom was the mill sold?", first=FIRST),
    ]
    assert filter_rows(rows) == filter_rows(rows[::-1])


def test_a_rejected_row_names_its_fact_and_keeps_its_words() -> None:
    rejected = as_rejected(FIRST, "a reason", "splits")
    assert (rejected.brief, rejected.question, rejected.answer, rejected.gate) == (
        "fact-a",
        FIRST.question,
        FIRST.answer,
        "splits",
    )
