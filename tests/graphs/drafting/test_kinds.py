"""The first briefs: all kinds that need no report, and of local ones what the budget wants."""

from collections import Counter
from typing import Any

import pytest

from agents.records import KIND_NAMES, Chunk, Entity
from graphs.briefs.brief import brief_of
from graphs.config import SynthesisConfig
from graphs.drafting.kind import Knowledge
from graphs.drafting.kinds import KINDS, first_briefs, teaches

TEXT = (
    "Bastow Pask bought the blue boat from Wenna Tolley on Monday. "
    "Orla Dunn left the town of Ostrey in May because of the rain."
)
CHUNKS = [Chunk(id=f"chunk-{n}", document_id=f"doc-{n}", start=0, end=len(TEXT), text=TEXT) for n in "ab"]
ENTITIES = [
    Entity(id=name, name=name, type="person", description="", chunk_ids=["chunk-a", "chunk-b"])
    for name in ("Bastow Pask", "Orla Dunn")
]

BASE = {"unanswerable": {"briefs": 2}, "wordings": {"per_question": 0, "framings": 0}}


def kinds(**changes: Any) -> Counter[str]:
    config = SynthesisConfig.model_validate({**BASE, **changes})
    return Counter(b.kind for b in first_briefs(Knowledge(CHUNKS, ENTITIES), config))


def test_every_kind_that_needs_no_report_is_there() -> None:
    assert kinds(multi_hop={"briefs": 2}, passages={"rewrites": 1}) == {
        "local": 8,
        "unanswerable": 2,
        "multi_hop": 2,
        "document": 2,
    }


def test_a_budget_asks_for_as_many_rows_as_it_wants_and_no_more() -> None:
    assert kinds(row_budget=3)["local"] == 3
    assert kinds(row_budget=3, local={"briefs": 2})["local"] == 2


def test_refusals_and_quotes_and_rows_to_remember_by_teach_no_answer() -> None:
    assert {kind for kind in (*KINDS, "replay") if teaches(kind)} == {"local", "global", "multi_hop"}


def test_the_rows_of_every_kind_can_be_tuned_and_evaluated() -> None:
    assert set(KINDS) <= KIND_NAMES
    with pytest.raises(ValueError, match="'gossip' is no kind of row"):
        brief_of("gossip", "who", [], [])


def test_a_kind_is_found_by_the_name_that_its_briefs_have() -> None:
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}
    config = SynthesisConfig.model_validate({})
    assert {b.kind for b in first_briefs(Knowledge(CHUNKS, ENTITIES), config)} <= set(KINDS)
