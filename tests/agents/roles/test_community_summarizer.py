"""The community summarizer: a leaf reads chunks, a parent its children's reports, and every finding names chunks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agents.models.scripted import ScriptedModel
from agents.records import Chunk, Community, Finding, Report
from agents.roles.community_summarizer import FindingDraft, ReportDraft, scripted, summarize
from tests.conftest import client_of

TEXTS = {
    "chunk-1": "Ann Hale left the lamp on 3 April. It rained.",
    "chunk-2": "Tom Reed sold the boat. I saw Ann Hale tonight.",
    "chunk-3": "Ann Hale left the lamp at last on 3 April.",
}
CHUNKS = [Chunk(id=cid, document_id="doc-1", start=0, end=len(text), text=text) for cid, text in TEXTS.items()]
COMMUNITY = Community(id="community-1", level=1, parent=None, entity_ids=["e"], chunk_ids=["chunk-1"])
CHILDREN = [
    Report(
        id="c-1",
        title="Lamp",
        summary="",
        findings=[Finding(claim="Ann Hale left the lamp.", chunk_ids=["chunk-1", "chunk-3"])],
    ),
    Report(
        id="c-2", title="Boat", summary="", findings=[Finding(claim="Tom Reed sold the boat.", chunk_ids=["chunk-2"])]
    ),
]
CLAIM = "Ann Hale left the lamp on 3 April."


def run(
    findings: Any,
    children: Sequence[Report] = (),
    budget: int = 6000,
    names: Sequence[str] = ("Nobody",),
    chunks: list[Chunk] = CHUNKS,
) -> tuple[str, Report]:
    model = ScriptedModel(
        {"community_summarizer": lambda inputs: ReportDraft(title="T", summary="S", findings=findings)}
    )
    report = asyncio.run(summarize(client_of(model), COMMUNITY, names, chunks, children, budget))
    return model.requests[0].messages[-1]["content"], report


@pytest.mark.parametrize(
    ("sources", "chunk_ids"),
    [([1], ["chunk-1"]), ([3, 1, 3], ["chunk-1", "chunk-3"]), ([1, 9, 0], ["chunk-1"]), ([1, 2], ["chunk-1"])],
    ids=["one", "sorted-once", "numbers-of-no-source", "a-source-that-does-not-say-it"],
)
def test_a_finding_names_the_chunks_of_the_sources_that_carry_it(sources: list[int], chunk_ids: list[str]) -> None:
    _, report = run([FindingDraft(claim=f" {CLAIM} ", sources=sources)])
    assert report.findings == [Finding(claim=CLAIM, chunk_ids=chunk_ids)]
    assert report.id == "community-1"


@pytest.mark.parametrize(
    ("claim", "sources"),
    [(CLAIM, [4]), ("Tom Reed left the lamp on 3 April.", [1, 2]), ("Ann Hale left the lamp on 4 April.", [1])],
    ids=["no-source", "names-of-two-sentences", "another-number"],
)
def test_a_finding_that_no_sentence_carries_is_left_out(claim: str, sources: list[int]) -> None:
    assert run([FindingDraft(claim=claim, sources=sources)])[1].findings == []


def test_a_claim_that_a_weak_teacher_repeats_is_one_finding() -> None:
    _, report = run([FindingDraft(claim=CLAIM, sources=[1]), FindingDraft(claim=CLAIM.rstrip("."), sources=[3])])
    assert report.findings == [Finding(claim=CLAIM, chunk_ids=["chunk-1"])]


def test_what_a_weak_teacher_left_out_is_quoted_but_no_sentence_that_needs_its_page() -> None:
    _, report = run([FindingDraft(claim=CLAIM, sources=[1])], names=["Ann Hale"])
    assert [f.claim for f in report.findings] == [CLAIM, "Ann Hale left the lamp at last on 3 April."]


def test_a_row_of_a_table_is_no_finding() -> None:
    table = Chunk(
        id="chunk-4",
        document_id="doc-1",
        start=0,
        end=99,
        text="| Ann Hale | 14 crowns |\n|---|---|\n| Ann Hale, for oil | 9 |",
    )
    assert run([], names=["Ann Hale"], chunks=[table])[1].findings == []


def test_a_parent_reads_its_childrens_findings_and_keeps_their_chunks() -> None:
    prompt, report = run([FindingDraft(claim="Ann Hale left the lamp.", sources=[1])], CHILDREN)
    assert "[1] Ann Hale left the lamp.\n\n[2] Tom Reed sold the boat." in prompt
    assert "3 April" not in prompt
    assert report.findings[0].chunk_ids == ["chunk-1", "chunk-3"]


def test_beyond_the_budget_every_source_keeps_an_equal_share() -> None:
    long = [Chunk(id=f"chunk-{n}", document_id="doc-1", start=0, end=600, text="x" * 600) for n in (1, 2, 3)]
    prompt, _ = run([], budget=900, chunks=long)
    assert [prompt.count(f"[{n}] " + "x" * 300) for n in (1, 2, 3)] == [1, 1, 1]
    assert "x" * 301 not in prompt


def test_the_scripted_report_quotes_the_first_sentence_of_each_source() -> None:
    draft = scripted({"document": "[1] Ann left. She wept.\n\n[2] Tom stayed.", "names": "Ann"})
    assert [(f.claim, f.sources) for f in draft.findings] == [("Ann left.", [1]), ("Tom stayed.", [2])]
