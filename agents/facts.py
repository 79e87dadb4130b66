"""Facts: what a page says, one thing each, understandable alone. They are the unit of coverage, wording and selection.

A row's `fact` is the id of the fact that it asks about, and its style names the part that is its answer.
"""

from __future__ import annotations

from typing import Literal

from agents.records import Evidence, Example, Item, Rejected

PartKind = Literal["person", "group", "place", "date", "number", "thing", "action", "reason", "quality"]
"""What a part of a fact is: it is asked for by who, where, when, how many, what, what happened, why or how."""
Untold = Literal["heading", "greeting", "no statement", "repeats another", "not read"]
"""Why a sentence carries no fact; `not read` is a gap of the writer, not a property of the sentence."""


class Part(Item):
    """One part of a fact, as it stands in its evidence."""

    kind: PartKind
    text: str


class Fact(Item):
    """A statement that stands alone, the sentences that it re-reads from, and its parts.

    `entities` are the names in the statement; `date` is ISO 8601 (`2024-05-03`, `--05-03` without a year) or "".
    """

    id: str
    statement: str
    evidence: list[Evidence]
    parts: list[Part] = []
    entities: list[str] = []
    date: str = ""


class Name(Item):
    """A person, place, group or thing that a passage names."""

    name: str
    type: str


class Sentence(Item):
    """A sentence of a chunk with the facts that it carries, or the reason why it carries none."""

    chunk_id: str
    start: int
    end: int
    facts: list[str] = []
    reason: Untold | Literal[""] = ""


class PassageRound(Item):
    """What one round of writing a passage came to: questions written, stopped by the checks or the critic, kept."""

    written: int = 0
    checked: int = 0
    """Questions that passed the checks without a model, and so were put to the critic."""
    kept: int = 0
    sides: dict[str, int] = {}
    """Questions written for each part of a fact."""


class Passage(Item):
    """All that was made of one chunk; `reason` says why nothing was, where a call failed."""

    chunk_id: str
    facts: list[Fact] = []
    names: list[Name] = []
    sentences: list[Sentence] = []
    examples: list[Example] = []
    rejected: list[Rejected] = []
    rounds: list[PassageRound] = []
    reason: str = ""
    said: str = ""
    """The server's words then, or the beginning of the reply."""
