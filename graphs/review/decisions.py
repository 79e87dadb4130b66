"""A person's review: each kept fact is accepted, rejected or edited before it becomes training rows.

The graph stops once, after the filters, with the ids of the facts' first rows; decisions are read from
runs/NAME/review.jsonl, by row id. Ids are content hashes, so a decision holds for the same row in a later run too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from agents.errors import InputError
from agents.files import read_jsonl, write_jsonl
from agents.records import FRAMING, Example, Item, Rejected, Verdict, content_id
from graphs.dataset.filters import as_rejected

GATE = "review"
BY_A_PERSON = "rejected by a person"
PERSON = "person"  # the role of a row that a person wrote anew
Choice = Literal["accept", "reject", "edit"]


class Decision(Item):
    """What a person said of a row: of a fact's first row for all its wordings, of a further wording for it alone.

    An edit gives the new `question`, the new `answer`, or both; empty means as it was.
    """

    id: str
    decision: Choice
    question: str = ""
    answer: str = ""

    @model_validator(mode="after")
    def _an_edit_edits(self) -> Decision:
        if (self.decision == "edit") != bool(self.question.strip() or self.answer.strip()):
            raise ValueError("an edit gives a question or an answer, and nothing else does")
        return self


def read_decisions(path: Path) -> dict[str, Decision]:
    """The decisions by row id, the last one of a row counts; empty without the file.

    Raises `InputError` naming a line that is none.
    """
    return {decision.id: decision for decision in read_jsonl(path, Decision)} if path.is_file() else {}


def write_decisions(path: Path, decisions: Mapping[str, Decision]) -> None:
    """Write review.jsonl, a decision a line, sorted by id."""
    write_jsonl(path, [decisions[row] for row in sorted(decisions)])


def rows_by_fact(rows: Sequence[Example]) -> list[list[Example]]:
    """The rows of each fact together, its first row in front, in the order of the first rows."""
    found: dict[str, list[Example]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.wording_of is not None):
        found[row.fact].append(row)
    return list(found.values())


def undecided(rows: Sequence[Example], decisions: Mapping[str, Decision]) -> list[str]:
    """The ids of first rows that nobody decided about."""
    return [group[0].id for group in rows_by_fact(rows) if group[0].id not in decisions]


def reviewed(
    rows: Sequence[Example], decisions: Mapping[str, Decision]
) -> tuple[list[Example], list[Rejected], dict[str, int]]:
    """The rows as decided, those that were rejected, and the facts counted by decision.

    Raises:
        InputError: a fact's first row has no decision.

    """
    if left := undecided(rows, decisions):
        raise InputError(f"{len(left)} facts wait for a decision, {left[0]} the first", "run `ragtuned review`")
    kept: list[Example] = []
    rejected: list[Rejected] = []
    counts = Counter(decisions[group[0].id].decision for group in rows_by_fact(rows))
    for old, *wordings in rows_by_fact(rows):
        if decisions[old.id].decision == "reject":
            rejected += [as_rejected(row, BY_A_PERSON, GATE) for row in (old, *wordings)]
            continue
        first = _edited(old, decisions[old.id])
        stays = {first.id: first}
        for row in wordings:
            new = _wording(row, old, first, decisions.get(row.id))
            if new is None or new.id in stays:
                rejected.append(as_rejected(row, BY_A_PERSON if new is None else "repeated by an edit", GATE))
            else:
                stays[new.id] = new
        kept += stays.values()
    return kept, rejected, {f"review_{choice}ed": counts[choice] for choice in ("accept", "edit", "reject")}


def _edited(row: Example, decision: Decision) -> Example:
    """The row with a person's words. What the critic said held for the old ones, and so did the reasoning."""
    if decision.decision != "edit":
        return row
    question, answer = decision.question.strip() or row.question, decision.answer.strip() or row.answer
    source = row.source.model_copy(update={"role": PERSON, "prompt": "", "model": "", "parent": row.id})
    update = {
        "id": content_id("row", row.fact, question),
        "question": question,
        "answer": answer,
        "source": source,
        "verdict": Verdict(gates={}),
    }
    return row.model_copy(update={**update, "reasoning": row.reasoning if answer == row.answer else ""})


def _wording(row: Example, old: Example, first: Example, decision: Decision | None) -> Example | None:
    """A further wording under its first row as it is now, which was `old`; None if it was rejected.

    One fact has one answer.
    """
    if decision and decision.decision == "reject":
        return None
    question = (decision.question.strip() if decision else "") or row.question
    if row.source.role == FRAMING:
        question = question.replace(old.question, first.question)
    source = row.source.model_copy(
        update={
            "parent": first.id,
            **({"role": PERSON, "model": "", "prompt": ""} if decision and decision.question else {}),
        }
    )
    told = {
        "answer": first.answer,
        "reasoning": first.reasoning,
        "wording_of": first.id,
        **({"verdict": first.verdict} if first.answer != old.answer else {}),
    }
    return row.model_copy(
        update={"id": content_id("row", row.fact, question), "question": question, "source": source, **told}
    )
