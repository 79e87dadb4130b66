"""Who speaks where in a chat or a transcript."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from agents.text.segment import TIME, TURN

WHEN = re.compile(rf"\s*(?:{TIME})?")
FEWEST_TURNS = 5
FEWEST_OF_ONE = 3
"""Turns of whoever speaks most: names that come again tell a conversation from a list of "name: value"."""


class Turns(NamedTuple):
    """Where each turn begins in a text, and whose it is."""

    starts: tuple[int, ...] = ()
    speakers: tuple[str, ...] = ()

    def speaker(self, at: int) -> str:
        """Who speaks at the character `at`, if the turn began before it; "" where it begins there, or nobody does."""
        turn = bisect_right(self.starts, at) - 1
        return self.speakers[turn] if turn >= 0 and self.starts[turn] < at else ""


@lru_cache(64)
def turns(text: str) -> Turns:
    """The turns of a text that is a conversation; none of another one."""
    found: list[tuple[int, str]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        if head := TURN.match(line):
            found.append((at, WHEN.sub("", head[0], count=1).strip("*:： \t")))
        at += len(line)
    spoken = Counter(speaker for _, speaker in found)
    if len(found) < FEWEST_TURNS or max(spoken.values()) < FEWEST_OF_ONE:
        return Turns()
    return Turns(tuple(start for start, _ in found), tuple(speaker for _, speaker in found))
