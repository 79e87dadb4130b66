"""The first briefs: all kinds that need no report, and of local ones what the budget wants."""

from __future__ import annotations

from collections import Counter
from typing import Any

from agents.records import Chunk, Entity
from graphs.briefs.first_round import first_round
from graphs.config import SynthesisConfig

TEXT = (
    "Bastow Pask bought the blue boat from Wenna Tolley on Monday. Orla Dunn left the town of Ostrey in May because "
    "of the rain."
)
CHUNKS = [Chunk(id=f"chunk-{n}", document_id=f"doc-{n}", start=0, end=len(TEXT), text=TEXT) for n in "ab"]
ENTITIES = [
    Entity(id=name, name=name, type="person", description="", chunk_ids=["chunk-a", "chunk-b"])
    for name in ("Bastow Pask", "Orla Dunn")
]


def kinds(**changes: Any) -> Counter[str]:
    return Counter(
        b.kind
        for b in first_round(
            CHUNKS, ENTITIES, SynthesisConfig(unanswerable_briefs=2, wordings=0, framings=0, **changes)
        )
    )


def test_every_kind_that_needs_no_report_is_there() -> None:
    assert kinds(multi_hop_briefs=2, rewrites=1) == {"local": 8, "unanswerable": 2, "multi_hop": 2, "document": 2}


def test_a_budget_asks_for_as_many_rows_as_it_wants_and_no_more() -> None:
    assert kinds(row_budget=3)["local"] == 3
    assert kinds(row_budget=3, local_briefs=2)["local"] == 2
