"""The same question twice in the whole set: one row goes where the answers agree, all go where they do not.

For rows of facts, of which no one is first: `graphs.dataset.filters` does the same for briefs, and keeps the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from agents.records import Example, Rejected
from agents.text.words import word_set, words
from graphs.dataset.filters import as_rejected

TWICE = "duplicate question"
CONFLICT = "same question, another answer"
LEADING = word_set("a an the on in at")
"""Words that an answer may open with or not: "on Tuesday" is "Tuesday". Further ones ("not", "before") would tell."""


class Deduplicated(NamedTuple):
    """Rows of which no two ask the same; `conflicts` counts questions with more than one answer."""

    kept: list[Example]
    rejected: list[Rejected]
    conflicts: int


def answer_key(answer: str) -> tuple[str, ...]:
    """What two answers share that say the same: their words in order, without an article or preposition before them.

    In order, since 5.3 is not 3.5; an answer without a word ("?!") is its own key.
    """
    said = words(answer) or [answer.strip()]
    while len(said) > 1 and said[0] in LEADING:
        said = said[1:]
    return tuple(said)


def question_key(question: str) -> tuple[str, ...]:
    """The words of a question; one without words is its own key."""
    return tuple(words(question)) or (question.strip(),)


def drop_duplicates(rows: Sequence[Example]) -> Deduplicated:
    """Rows in their order without those that ask what another asks, in time linear in the rows.

    Of rows with the same answer the one with the smallest id stays, so that the order of `rows` changes nothing. With
    different answers nobody can tell which is right, or they are about different occasions: all of them go.
    """
    asked: dict[tuple[str, ...], list[Example]] = defaultdict(list)
    for row in rows:
        asked[question_key(row.question)].append(row)
    reasons: dict[str, str] = {}
    stays: set[int] = set()
    conflicts = 0
    for same in asked.values():
        if len({answer_key(row.answer) for row in same}) > 1:
            conflicts += 1
            reasons |= {row.id: CONFLICT for row in same}
            continue
        stays.add(id(min(same, key=lambda row: row.id)))
    return Deduplicated(
        [row for row in rows if id(row) in stays],
        [as_rejected(row, reasons.get(row.id, TWICE), "filter") for row in rows if id(row) not in stays],
        conflicts,
    )
