"""An adapter is asked before it is called done: a run can end in good order and leave one that answers "!!!!".

It is loaded from its files, as evaluation and chat load it, and asked questions it was trained on and general ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from agents.errors import DeadAdapter
from agents.records import split_answer, to_messages
from agents.spread import spread
from tuning.base import Base
from tuning.dataset import Row
from tuning.model import Generation, Student
from tuning.replay import general_questions

TRAINED = 10
"""Training questions asked: enough to tell one that knows most from one that knows few, and seconds on a CPU."""
GENERAL = 3
"""General questions asked: an adapter may know its rows and be dead to everything else."""
MOST_TOKENS = 64
"""Longest answer (tokens); longer ones are compared as far as both go."""
REPEATS = 4
"""Times that a token must stand in a row, and nothing else with it, before an answer is a repeated token."""


class Probe(NamedTuple):
    """What an adapter did when asked: of `asked` questions it was trained on, `answered` as it was taught."""

    asked: int
    answered: int


def probe(base: Base, adapter: Path, rows: Sequence[Row]) -> Probe:
    """Load the adapter and ask it.

    Raises:
        DeadAdapter: all its answers are empty, or all the same, or each is one token repeated.

    """
    asked = spread([row for row in rows if row.kind != "document"] or list(rows), TRAINED)
    prompts = [row.messages[:-1] for row in asked] + [
        to_messages(q, "")[:-1] for q in spread(general_questions(), GENERAL)
    ]
    answers = Student.load(base.name, adapter).generate(prompts, MOST_TOKENS)
    taught = [row.messages[-1]["content"] for row in asked]
    if fault := what_is_dead(answers, taught):
        raise DeadAdapter(
            (
                f"the adapter is dead: {fault} (asked {len(asked)} training questions and {GENERAL} general ones), "
                f"such as {answers[0].text[:40]!r}"
            ),
            "lower [tuning] learning_rate, or tune with another backend or dtype; the adapter is kept aside",
        )
    return Probe(len(asked), sum(as_taught(answer, text) for answer, text in zip(answers, taught, strict=False)))


def what_is_dead(answers: Sequence[Generation], taught: Sequence[str]) -> str:
    """What is wrong with all of the answers together, or nothing."""
    texts = [answer.text for answer in answers]
    if not any(texts):
        return "all its answers are empty"
    if all(is_one_token(answer) for answer in answers):
        return "each of its answers is one token repeated"
    if len(set(texts)) == 1 < len(set(taught)):
        return "all its answers are the same"
    return ""


def is_one_token(answer: Generation) -> bool:
    """Whether the text is one short piece again and again ("!!!!!!", "the the the the"), or nothing at all."""
    return not answer.text or re.fullmatch(rf"(\S{{1,16}}?)(?:\s*\1){{{REPEATS - 1},}}", answer.text) is not None


def as_taught(answer: Generation, taught: str) -> bool:
    """Whether the answer is the one of the row, whatever its case, spaces and marks; a cut one, as far as it goes."""
    said, wanted = (_plain(split_answer(text)[1]) for text in (answer.text, taught))
    return said == wanted or (not answer.finished and bool(said) and wanted.startswith(said))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
