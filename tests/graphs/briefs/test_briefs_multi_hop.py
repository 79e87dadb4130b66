"""Multi-hop: two facts of different documents over a name that the question leaves out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.models.scripted import ScriptedModel
from agents.records import Chunk, Document, Entity
from agents.roles.question_writer import MultiHopDraft
from graphs.briefs.multi_hop import multi_hop_briefs
from graphs.config import SynthesisConfig
from graphs.drafting.loop import build_drafting
from graphs.knowledge.sources import Sources
from graphs.run import synthesize
from tests.conftest import CONFIG, SlowModel, client_of, open_project, scripts

TEXTS = (
    "Bastow Pask bought the blue boat from Wenna Tolley. It rained.",
    "In June Bastow Pask moved to the town of Marrow. Bastow Pask had no money at all.",
)
CHUNKS = [
    Chunk(id=f"chunk-{n}", document_id=f"doc-{n}", start=0, end=len(text), text=text) for n, text in enumerate(TEXTS)
]
BASTOW = Entity(
    id="e-bastow",
    name="Bastow Pask",
    type="person",
    description="",
    aliases=["Bastow"],
    chunk_ids=["chunk-0", "chunk-1"],
)
CONFIGURED = SynthesisConfig.model_validate(
    {"multi_hop": {"briefs": 5}, "wordings": {"per_question": 0, "framings": 0}, "max_rounds": 1}
)
DRAWN = [
    brief
    for seed in range(20)
    for brief in multi_hop_briefs(CHUNKS, [BASTOW], CONFIGURED.model_copy(update={"seed": seed}))
]
BRIEF = next(brief for brief in DRAWN if brief.statements[1].endswith("Marrow."))
QUESTION = "To which town did the man who bought the blue boat from Wenna Tolley move?"


def draft(
    question: str = QUESTION, answer: str = "Bastow Pask moved to the town of Marrow.", alone: float = 0.0
) -> Any:
    """The draft of BRIEF, whose question is answerable from half of its evidence with P(yes) `alone`."""
    answers = {
        "question_writer__multi_hop": lambda inputs: MultiHopDraft(question=question, answer=answer),
        "critic__answerable": lambda inputs: 1.0 if "\n" in inputs["document"] else alone,
    }
    client = client_of(ScriptedModel(scripts(**answers)))
    documents = {
        c.document_id: Document(id=c.document_id, path=f"{c.id}.md", title=f"Page {c.id}", text=c.text) for c in CHUNKS
    }
    sources = Sources(
        CONFIGURED,
        {"question_writer": client, "critic": client},
        documents,
        {c.id: c for c in CHUNKS},
        {BASTOW.id: BASTOW},
    )
    return asyncio.run(build_drafting(sources).ainvoke({"brief": BRIEF}))


def test_a_brief_joins_two_documents_and_its_first_fact_names_something_beside_the_bridge() -> None:
    for seed in range(6):
        briefs = multi_hop_briefs(CHUNKS, [BASTOW], CONFIGURED.model_copy(update={"seed": seed}))
        assert briefs
        for brief in briefs:
            assert len({*brief.chunk_ids}) == 2
            assert "had no money" not in brief.statements[0]


def test_a_name_of_one_document_makes_none_and_the_budget_holds() -> None:
    assert multi_hop_briefs(CHUNKS[:1], [BASTOW.model_copy(update={"chunk_ids": ["chunk-0"]})], CONFIGURED) == []
    assert multi_hop_briefs(CHUNKS, [BASTOW], SynthesisConfig()) == []


def test_a_question_that_needs_both_facts_becomes_a_row_with_both_as_evidence() -> None:
    end = draft()
    (row,) = end["examples"]
    assert (row.kind, row.question) == ("multi_hop", QUESTION)
    assert row.source.documents == ["chunk-0.md", "chunk-1.md"]
    assert [e.quote for e in row.evidence] == BRIEF.statements


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"alone": 1.0}, "one document is enough"),
        (
            {"question": "To which town did Bastow Pask, who bought the blue boat, move?"},
            "question names what it must leave out",
        ),
        ({"answer": "Bastow Pask moved to the town of Ostrey."}, "name not in source: ostrey"),
    ],
)
def test_what_one_fact_answers_or_neither_tells_is_rejected(change: dict[str, Any], reason: str) -> None:
    end = draft(**change)
    assert [r.reason for r in end["rejected"]] == [reason]


def test_in_a_whole_run_multi_hop_briefs_are_counted_and_taught(tmp_path: Path, silent: Console) -> None:
    project = open_project(tmp_path, CONFIG.replace("shard_size", "multi_hop.briefs = 3\nshard_size"))
    model = SlowModel(
        scripts(
            critic__answerable=lambda i: (
                0.0 if i["answer"].startswith("It is told") and "\n" not in i["document"] else 1.0
            )
        ),
        seed=2,
    )
    counts = synthesize(project, silent, backend=model).counts
    hops = counts.by_kind["multi_hop"]
    assert hops.planned == 3 == hops.kept + hops.rejected + hops.failed
