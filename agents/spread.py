"""Some of many items, spread over them all: previews, exams and probes ask a few of many questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

X = TypeVar("X")


def spread(items: Sequence[X], count: int) -> list[X]:
    """`count` of the items at equal distances, or all if there are not so many."""
    count = min(count, len(items))
    return [items[n * len(items) // count] for n in range(count)]
