"""Pairs by turns: every queue gives one before any gives its second, and no two facts are used twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agents.facts import Fact
from graphs.facts.pairs import by_turns

FACTS = {name: Fact(id=name, statement=name, evidence=[]) for name in "abcdef"}
Pair = tuple[Fact, Fact]


def pairs(words: str) -> list[Pair]:
    return [(FACTS[a], FACTS[b]) for a, b in words.split()]


def drawn(*queues: str, most: int = 9, first: str = "") -> str:
    found = by_turns([iter(pairs(queue)) for queue in queues], lambda pair: pair, most, pairs(first))
    return " ".join(a.id + b.id for a, b in found)


@pytest.mark.parametrize(
    ("queues", "settings", "found"),
    [
        (("ab cd", "ef"), {}, "ab ef cd"),
        (("ab cd", "ba ef"), {}, "ab ef cd"),
        (("ab cd", "ef"), {"most": 2}, "ab ef"),
        (("ab cd", "ef"), {"first": "dc"}, "dc ab ef"),
        (("ab",), {"first": "cd ef dc", "most": 2}, "cd ef"),
        (("ab",), {"most": 0}, ""),
        ((), {}, ""),
    ],
    ids=["turns", "known pair in another order", "most", "first", "first beyond most", "none wanted", "no queue"],
)
def test_pairs_are_drawn_by_turns_and_each_once(
    queues: tuple[str, ...], settings: dict[str, object], found: str
) -> None:
    assert drawn(*queues, **settings) == found  # type: ignore[arg-type]


def test_a_queue_is_read_no_further_than_what_is_wanted() -> None:
    read: list[int] = []

    def endless() -> Iterator[Pair]:
        for n in range(1000):
            read.append(n)
            yield FACTS["a"], Fact(id=str(n), statement="", evidence=[])

    assert len(by_turns([endless()], lambda pair: pair, 3)) == 3
    assert len(read) == 3
