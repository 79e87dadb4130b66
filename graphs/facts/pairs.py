"""Pairs of facts drawn from many queues, so that every entity has its turn and no two facts are used twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from agents.facts import Fact

P = TypeVar("P")


def by_turns(
    queues: Sequence[Iterator[P]], facts: Callable[[P], tuple[Fact, Fact]], most: int, first: Iterable[P] = ()
) -> list[P]:
    """At most `most` pairs, those of `first` before one of each queue in turn; of pairs of the same facts the first.

    The queues are read no further than that.
    """

    def key(pair: P) -> frozenset[str]:
        return frozenset(fact.id for fact in facts(pair))

    found: dict[frozenset[str], P] = {}
    for pair in first:
        found.setdefault(key(pair), pair)
    turns = list(queues)
    while turns and len(found) < most:
        left = []
        for queue in turns:
            pair = next((pair for pair in queue if key(pair) not in found), None)
            if pair is not None:
                found[key(pair)] = pair
                left.append(queue)
        turns = left
    return list(found.values())[:most]
