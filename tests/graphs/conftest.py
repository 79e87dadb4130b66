"""Rows for the tests of filters, splits, contrast and publish."""

from __future__ import annotations

from agents.records import Evidence, Example, Kind, Source, Verdict, content_id

SOURCE = Source(
    documents=["april.md"], chunks=["chunk-1"], role="question_writer.local", prompt="hash", model="scripted", seed=0
)


def row(
    question: str,
    answer: str = "Ann Hale sold the mill.",
    fact: str = "fact-1",
    first: Example | None = None,
    kind: Kind = "local",
    quote: str = "Ann Hale sold the mill in March.",
    role: str | None = None,
    chunk: str = "chunk-1",
) -> Example:
    """One kept row; `first` is the row it is a further wording of."""
    return Example(
        id=content_id("row", first.fact if first else fact, question),
        kind=first.kind if first else kind,
        fact=first.fact if first else fact,
        wording_of=first.id if first else None,
        question=question,
        reasoning="",
        answer=first.answer if first else answer,
        evidence=[
            Evidence(
                chunk_id=first.evidence[0].chunk_id if first and first.evidence else chunk,
                start=0,
                end=len(quote),
                quote=quote,
            )
        ]
        if quote
        else [],
        source=SOURCE.model_copy(update={"role": role}) if role else SOURCE,
        round=1,
        verdict=Verdict(gates={"faithful": 0.9}),
    )
