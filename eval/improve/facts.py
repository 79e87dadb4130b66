"""The facts of a run as the loop sees them: a question that was never trained to probe each, and rows in reserve.

Both come from what synthesis checked and did not train: rows over `rows_per_fact` or another budget, and for probes the
validation rows. Held-out questions and gold are left for the evaluation, and no further row is like a held-out one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.errors import InputError
from agents.files import read_jsonl
from agents.records import Kind, Rejected, content_id, split_answer, to_messages
from agents.text.matching import rouge_l
from agents.text.words import words
from eval.questions import HeldoutQuestion
from graphs.dataset.selection import OVER_BUDGET
from graphs.dataset.splits import CONTAMINATED, Questions, SplitRow
from tuning.dataset import Row

KINDS: tuple[Kind, ...] = ("local", "multi_hop")
"""Kinds whose answer one question shows to be known; a claim about the whole is known in parts."""


class FactRow(Row):
    """A line of train.jsonl with the fact that it teaches."""

    fact: str

    @property
    def question(self) -> str:
        """The user's turn."""
        return self.messages[-2]["content"]

    @property
    def answer(self) -> str:
        """The answer without its reasoning."""
        return split_answer(self.messages[-1]["content"])[1]


@dataclass(frozen=True)
class FactRows:
    """One fact: the rows it was trained with, those in reserve, and the question that tells whether it is known."""

    id: str
    trained: list[FactRow]
    reserve: list[FactRow] = field(default_factory=list)
    probe: FactRow | None = None


def facts_of(data: Path) -> list[FactRows]:
    """The trained facts of a run, by id.

    Raises:
        InputError: no train.jsonl, or none of its rows asks about a fact.

    """
    trained = _by_fact(_rows(data / "train.jsonl"))
    if not trained:
        raise InputError(
            f"{data / 'train.jsonl'} holds no row about a single fact",
            "run `ragtuned synthesize`, then `ragtuned tune`",
        )
    validating = _by_fact(_rows(data / "validation.jsonl")) if (data / "validation.jsonl").is_file() else {}
    reserve = _by_fact(_reserve(data, trained))
    return [
        _fact(name, rows, reserve.get(name, []), validating.get(name, [])) for name, rows in sorted(trained.items())
    ]


def _fact(name: str, trained: list[FactRow], reserve: list[FactRow], validating: list[FactRow]) -> FactRows:
    """The fact with the question that is least like its trained ones for a probe: a validation row if there is one."""
    asked = [row.question for row in trained]
    seen = {tuple(words(question)) for question in asked}
    fresh = [row for row in validating or reserve if tuple(words(row.question)) not in seen]
    probe = min(fresh, key=lambda row: (max(rouge_l(row.question, q) for q in asked), row.id), default=None)
    spare = [row for row in reserve if probe is None or rouge_l(row.question, probe.question) <= CONTAMINATED]
    return FactRows(name, trained, spare, probe)  # the probe itself is like itself


def other_rows(data: Path) -> list[FactRow]:
    """The trained rows about no single fact: refusals, and what the whole is asked."""
    return [row for row in read_jsonl(data / "train.jsonl", FactRow) if row.kind not in KINDS]


def _rows(path: Path) -> Iterator[FactRow]:
    yield from (row for row in read_jsonl(path, FactRow) if row.kind in KINDS)


def _by_fact(rows: Iterable[FactRow]) -> dict[str, list[FactRow]]:
    found: dict[str, list[FactRow]] = defaultdict(list)
    for row in rows:
        found[row.fact].append(row)
    return dict(found)


def _reserve(data: Path, trained: Mapping[str, list[FactRow]]) -> Iterator[FactRow]:
    """Rows that passed every check and fell to a budget, about trained facts and unlike every held-out question."""
    held = held_out(data)
    rejected = read_jsonl(data / "rejected.jsonl", Rejected) if (data / "rejected.jsonl").is_file() else []
    for row in rejected:
        if row.reason != OVER_BUDGET or row.kind not in KINDS or row.brief not in trained or not row.answer.strip():
            continue
        if not held.like(row.question):
            yield further_row(trained[row.brief], row.question, row.answer)


def held_out(data: Path) -> Questions:
    """The held-out questions of a run, to leave out what is like one."""
    heldout = read_jsonl(data / "heldout.jsonl", HeldoutQuestion) if (data / "heldout.jsonl").is_file() else []
    return Questions([SplitRow(h.id, h.kind, h.fact, h.question, "", "", h.id) for h in heldout])


def further_row(trained: list[FactRow], question: str, answer: str) -> FactRow:
    """A row of the same fact; an answer that was trained before is written as it was, with its reasoning."""
    first = trained[0]
    taught = next(
        (row.messages[-1]["content"] for row in trained if row.answer.casefold() == answer.casefold()), answer
    )
    made: dict[str, Any] = {
        "id": content_id("row", first.fact, question),
        "kind": first.kind,
        "fact": first.fact,
        "messages": to_messages(question, taught),
    }
    return FactRow.model_validate(made)
