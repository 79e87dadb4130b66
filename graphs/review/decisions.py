"""A person's review: a question with its wordings is accepted, rejected or edited before it becomes training rows.

Decisions are read from runs/NAME/review.jsonl, by row id, whenever rows are published. With [synthesis] review the
graph stops once, after the filters, until every first row has one. Ids are content hashes, so a decision holds for the
same row in a later run too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from agents.errors import InputError
from agents.facts import Fact
from agents.files import append_jsonl, file_hash, read_jsonl
from agents.records import FRAMING, Example, Item, Rejected, Source, Verdict, content_id
from graphs.dataset.filters import as_rejected

GATE = "review"
QUOTES = "review of quotes"  # the gate of a row that was made without a question, and so is none of those counted
BY_A_PERSON = "rejected by a person"
PERSON = "person"  # the role of a row that a person wrote anew
Choice = Literal["accept", "reject", "edit"]


class Decision(Item):
    """What a person said of a row: of a first row for all its wordings, of a further wording for it alone.

    An edit gives the new `question`, the new `answer`, or both; empty means as it was. To accept a rejected row is to
    take it back. `when` is UTC, ISO 8601.
    """

    id: str
    decision: Choice
    question: str = ""
    answer: str = ""
    who: str = ""
    when: str = ""

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


def add_decisions(path: Path, decisions: Sequence[Decision]) -> None:
    """Add decisions to review.jsonl; each is on the disk before the next."""
    for decision in decisions:
        append_jsonl(path, decision)


def decisions_hash(path: Path) -> str:
    """Names what was decided, "" where nothing was."""
    return file_hash(path) if path.is_file() else ""


def with_wordings(rows: Sequence[Example]) -> list[list[Example]]:
    """Each first row with its further wordings behind it, in the order of the first rows.

    A fact may have several first rows: questions for its other parts, with other answers.
    """
    found: dict[str, list[Example]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.wording_of is not None):
        found[row.wording_of or row.id].append(row)
    return list(found.values())


def undecided(rows: Sequence[Example], decisions: Mapping[str, Decision]) -> list[str]:
    """The ids of first rows that nobody decided about."""
    return [group[0].id for group in with_wordings(rows) if group[0].id not in decisions]


def reviewed(
    rows: Sequence[Example], decisions: Mapping[str, Decision], all_of_them: bool = True
) -> tuple[list[Example], list[Rejected], dict[str, int]]:
    """The rows as decided, those that were rejected, and the first rows counted by decision.

    Raises:
        InputError: `all_of_them` are to be decided, and a first row is not.

    """
    if all_of_them and (left := undecided(rows, decisions)):
        raise InputError(f"{len(left)} questions wait for a decision, {left[0]} the first", "run `ragtuned review`")
    kept: list[Example] = []
    rejected: list[Rejected] = []
    groups = with_wordings(rows)
    counts = Counter(decisions[group[0].id].decision for group in groups if group[0].id in decisions)
    for old, *wordings in groups:
        decision = decisions.get(old.id)
        if decision and decision.decision == "reject":
            rejected += [as_rejected(row, BY_A_PERSON, GATE) for row in (old, *wordings)]
            continue
        first = _edited(old, decision)
        stays = {first.id: first}
        for row in wordings:
            new = _wording(row, old, first, decisions.get(row.id))
            if new is None or new.id in stays:
                rejected.append(as_rejected(row, BY_A_PERSON if new is None else "repeated by an edit", GATE))
            else:
                stays[new.id] = new
        kept += stays.values()
    return kept, rejected, {f"review_{choice}ed": counts[choice] for choice in ("accept", "edit", "reject")}


def wanted_quotes(
    made: Iterable[Example], decisions: Mapping[str, Decision], unwanted: list[Rejected]
) -> Iterator[Example]:
    """The rows that are made after the review, but for those that a person rejected: `unwanted` gets them."""
    for row in made:
        if (decision := decisions.get(row.id)) and decision.decision == "reject":
            unwanted.append(as_rejected(row, BY_A_PERSON, QUOTES).model_copy(update={"gate": QUOTES}))
        else:
            yield row


def taken_back(
    fault: Rejected, decision: Decision, kept: Mapping[tuple[str, str], Example], facts: Mapping[str, Fact], seed: int
) -> Example | None:
    """The row of what was dropped and a person accepts or edits; None if it says too little.

    `kept` are first rows by fact and answer: a wording goes under its own. Otherwise its evidence is that of its fact,
    where the recipe has facts.
    """
    question, answer = decision.question.strip() or fault.question, decision.answer.strip() or fault.answer
    if not (question and answer):
        return None
    names = (fault.brief, content_id("fact", fault.brief, fault.answer))
    first = next((kept[name, answer] for name in names if (name, answer) in kept), None)
    fact = facts.get(fault.brief)
    evidence = first.evidence if first else fact.evidence if fact else []
    source = Source(
        documents=first.source.documents if first else [],
        chunks=first.source.chunks if first else list(dict.fromkeys(e.chunk_id for e in evidence)),
        role=PERSON,
        prompt="",
        model="",
        seed=seed,
        parent=fault.id,
    )
    name = first.fact if first else fault.brief
    return Example(
        id=content_id("row", name, question),
        kind=fault.kind,
        fact=name,
        wording_of=first.id if first else None,
        question=question,
        reasoning=first.reasoning if first else fact.statement if fact else "",
        answer=answer,
        evidence=evidence,
        source=source,
        round=fault.round,
        verdict=Verdict(gates={}),
    )


def _edited(row: Example, decision: Decision | None) -> Example:
    """The row with a person's words. What the critic said held for the old ones, and so did the reasoning."""
    if decision is None or decision.decision != "edit":
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

    Wordings have one answer.
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
