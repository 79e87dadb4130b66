"""Rows without a model: which there are, by the config."""

from __future__ import annotations

from typing import Any

from agents.records import CONTRAST, Chunk, Document, Entity, Finding, Report
from graphs.config import SynthesisConfig
from graphs.dataset.quoted_rows import rows_without_model
from graphs.knowledge.sources import Sources
from tests.graphs.conftest import row

TEXT = "Ann Hale sold the mill in March. Tom Roe left Dorn with Ann Hale."
REPORT = Report(
    id="com",
    title="Ann",
    summary="",
    findings=[Finding(claim=claim, chunk_ids=["chunk-1"]) for claim in TEXT.split(". ")],
)


def kinds(**config: Any) -> list[str]:
    sources = Sources(
        SynthesisConfig.model_validate(config),
        {},
        {"doc-1": Document(id="doc-1", path="a.md", title="Journal", text=TEXT)},
        {"chunk-1": Chunk(id="chunk-1", document_id="doc-1", start=0, end=len(TEXT), text=TEXT)},
        {"e": Entity(id="e", name="Tom Roe", type="person", description="", chunk_ids=["chunk-1"])},
        reports={"com": REPORT},
    )
    kept = [row("Who sold the mill with Tom Roe in March?", quote=TEXT[:32])]
    return [
        "contrast" if made.source.role == CONTRAST else made.question.partition(" what is ")[2] or "entity"
        for made in rows_without_model(kept, sources)
    ]


def test_all_kinds_are_made_unless_the_config_leaves_them_out() -> None:
    none = {"contrast_rows": 0}
    page, report = "known about Journal.", "known about Ann Hale, Tom Roe and Dorn together."
    assert kinds(unanswerable={"contrast_rows": 1}) == ["contrast", page, report, "entity", "entity"]
    assert kinds(unanswerable=none, passages={"pages": False, "reports": False}) == ["entity", "entity"]
    assert kinds(unanswerable=none, passages={"pages": False, "entities": False}) == [report]
