"""From a question about facts to a row of the training set, or to a rejection with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from agents.facts import Fact
from agents.records import Evidence, Example, Kind, Rejected, Source, Verdict, content_id
from agents.roles.role import Role
from graphs.knowledge.sources import Sources


@dataclass(frozen=True)
class FactSources(Sources):
    """What rows are written from, by id: the facts too."""

    facts: Mapping[str, Fact] = field(default_factory=dict)


class Question(NamedTuple):
    """A drafted question with its answer.

    `fact` is the id that groups the rows of one piece of knowledge: a fact's, or that of a brief over several facts.
    `side` is the part of the fact that is the answer, or the form of the question ("bridge", "count", "change").
    """

    kind: Kind
    fact: str
    side: str
    question: str
    answer: str
    statement: str
    """What is true, in a sentence: the fact, or the facts joined. It is the reasoning of a reasoned answer."""
    evidence: Sequence[Evidence]


class Written(NamedTuple):
    """What a stage made: rows, and what became none."""

    examples: list[Example]
    rejected: list[Rejected]


def example(
    sources: FactSources, asked: Question, role: Role[Any] | None, round_: int, community: str | None = None
) -> Example:
    """The row of a kept question; `role` wrote it, None: it was made by rule.

    Rows of one fact with the same answer are wordings of each other: the group is told by `wording_of`, which
    `graphs.dataset.selection` sets once all rows are known.
    """
    chunks = list(dict.fromkeys(e.chunk_id for e in asked.evidence))
    client = sources.clients[role.model_key] if role else None
    return Example(
        id=content_id("row", asked.fact, asked.question),
        kind=asked.kind,
        fact=asked.fact,
        question=asked.question.strip(),
        reasoning=asked.statement.strip(),
        answer=asked.answer.strip(),
        evidence=list(asked.evidence),
        source=Source(
            documents=sorted({sources.documents[sources.chunks[cid].document_id].path for cid in chunks}),
            chunks=chunks,
            community=community,
            role=role.name if role else "rule",
            prompt=role.hash_with(client.prompts) if role and client else "",
            model=client.backend.identity if client else "",
            seed=sources.config.seed,
            style=asked.side,
        ),
        round=round_,
        verdict=Verdict(gates={}),
    )


def rejection(asked: Question, gate: str, reason: str, round_: int, raw: str = "") -> Rejected:
    """A question that became no row: the gate it failed, the reason, and what the model wrote.

    Where the critic's own call failed, `raw` is what its server said.
    """
    return Rejected(
        id=content_id("rejected", asked.fact, asked.question, reason),
        kind=asked.kind,
        brief=asked.fact,
        question=asked.question,
        answer=asked.answer,
        gate=gate,
        reason=reason,
        raw=raw,
        round=round_,
    )
