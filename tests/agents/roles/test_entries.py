"""Lists in replies: the readable entries are kept, and what has no verdict is asked about once more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from agents.roles.entries import readable_entries, verdicts_by_number


class Mark(BaseModel):
    """A number."""

    mark: int


class Marks(BaseModel):
    """Numbers."""

    marks: Annotated[list[Mark], readable_entries(Mark)]


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        ([{"mark": 1}, {"mark": "x"}, "mark 2", {"mark": 3}], [1, 3]),
        ([{}], []),
        ("none", []),
        (None, []),
    ],
    ids=["half", "nothing-readable", "a-word", "null"],
)
def test_an_entry_that_cannot_be_read_leaves_the_others(entries: Any, kept: list[int]) -> None:
    assert [entry.mark for entry in Marks.model_validate({"marks": entries}).marks] == kept


def judged(*replies: list[tuple[int, str]], count: int = 3) -> tuple[list[str | None], list[list[int]]]:
    """The verdicts, and which items each call was asked about."""
    calls: list[list[int]] = []

    async def ask(numbers: Sequence[int]) -> list[tuple[int, str]]:
        calls.append([*numbers])
        return replies[len(calls) - 1]

    return asyncio.run(verdicts_by_number(count, ask)), calls


def test_verdicts_that_are_all_there_take_one_call() -> None:
    assert judged([(2, "no"), (0, "yes"), (1, "no")]) == (["yes", "no", "no"], [[0, 1, 2]])


@pytest.mark.parametrize(
    "first",
    [[(1, "no")], [(1, "no"), (0, "yes"), (0, "no")], [(1, "no"), (7, "yes")]],
    ids=["left-out", "two-that-differ", "of-another-item"],
)
def test_what_has_no_verdict_is_asked_again_in_another_order(first: list[tuple[int, str]]) -> None:
    assert judged(first, [(0, "yes"), (2, "yes")]) == (["yes", "no", "yes"], [[0, 1, 2], [2, 0]])


def test_the_same_verdict_twice_is_one() -> None:
    assert judged([(0, "yes"), (0, "yes")], count=1) == (["yes"], [[0]])


def test_what_two_replies_leave_out_has_none() -> None:
    assert judged([(0, "yes")], [(0, "no")], count=2) == (["yes", None], [[0, 1], [1]])


def test_nothing_to_judge_takes_no_call() -> None:
    assert judged(count=0) == ([], [])
