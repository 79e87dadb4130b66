"""Document rows: the documents in their own words."""

from __future__ import annotations

import pytest

from agents.records import PASSAGE, Chunk, Document, Entity, Finding, Report
from graphs.config import SynthesisConfig
from graphs.dataset.quoted_rows import MOST_SENTENCES, entity_rows, page_rows, report_rows
from graphs.knowledge.sources import Sources

TEXTS = {
    "doc-1": "# Journal\n\nAnn Hale sold the mill. It rained. Ann wept.",
    "doc-2": "The mill burned.",
    "doc-3": "Ann Hale left.",
}
DOCUMENTS = {
    i: Document(id=i, path=f"{i}.md", title="Journal" if i == "doc-1" else "Letter", text=text)
    for i, text in TEXTS.items()
}
CHUNKS = [Chunk(id=f"chunk-{i}", document_id=i, start=0, end=len(text), text=text) for i, text in TEXTS.items()]


def entity(name: str, *documents: str, aliases: tuple[()] | list[str] = ()) -> Entity:
    return Entity(
        id=f"e-{name}",
        name=name,
        type="person",
        description="",
        aliases=list(aliases),
        chunk_ids=[f"chunk-{d}" for d in documents],
    )


def test_every_chunk_is_asked_for_once_also_where_documents_share_a_title() -> None:
    rows = list(page_rows(CHUNKS, DOCUMENTS, seed=0))
    assert [r.answer for r in rows] == list(TEXTS.values())
    assert [r.question for r in rows] == [
        f"Write out what is known about {t}." for t in ("Journal", "Letter, part 1", "Letter, part 2")
    ]
    assert len({r.id for r in rows}) == 3


def test_an_entity_is_answered_by_the_first_sentence_of_each_chunk_that_names_it() -> None:
    first, second = entity_rows([entity("Ann Hale", "doc-1", "doc-3", aliases=["Ann"])], CHUNKS, DOCUMENTS, seed=0)
    assert first.answer == "Ann Hale sold the mill. Ann Hale left."
    assert (second.wording_of, second.fact, second.answer) == (first.id, first.fact, first.answer)
    assert first.question != second.question


def test_evidence_of_every_row_re_reads() -> None:
    chunks = {c.id: c for c in CHUNKS}
    for row in [
        *page_rows(CHUNKS, DOCUMENTS, 0),
        *entity_rows([entity("Ann Hale", "doc-1", "doc-3")], CHUNKS, DOCUMENTS, 0),
    ]:
        assert (row.kind, row.source.role) == ("document", PASSAGE)
        for span in row.evidence:
            assert DOCUMENTS[chunks[span.chunk_id].document_id].text[span.start : span.end] == span.quote
        assert row.source.documents == sorted(f"{chunks[span.chunk_id].document_id}.md" for span in row.evidence)


def test_a_report_is_told_by_the_sentences_that_carry_its_findings_and_once() -> None:
    text = "Tom Roe bought the mill in Dorn. Nobody wept."
    sale = Chunk(id="chunk-sale", document_id="sale", start=0, end=len(text), text=text)
    documents = {**DOCUMENTS, "sale": Document(id="sale", path="sale.md", title="Sale", text=text)}
    sources = Sources(SynthesisConfig(), {}, documents, {c.id: c for c in [*CHUNKS, sale]})
    claims = {
        "Tom Roe bought the mill.": "chunk-sale",
        "Ann Hale sold the mill.": "chunk-doc-1",
        "The king rode to war on horseback.": "chunk-doc-1",
    }
    report = Report(
        id="com-1",
        title="",
        summary="",
        findings=[Finding(claim=claim, chunk_ids=[cid]) for claim, cid in claims.items()],
    )
    (row,) = report_rows([report, report.model_copy(update={"id": "com-2"})], sources)
    assert (row.kind, row.question) == (
        "document",
        "Write out what is known about Tom Roe, Dorn and Ann Hale together.",
    )
    assert row.answer == "Tom Roe bought the mill in Dorn. Ann Hale sold the mill."
    assert [documents[sources.chunks[e.chunk_id].document_id].text[e.start : e.end] for e in row.evidence] == [
        e.quote for e in row.evidence
    ]
    assert list(report_rows([report.model_copy(update={"findings": report.findings[1:]})], sources)) == []


@pytest.mark.parametrize("name", ["Nobody", "Journal"], ids=["in-no-sentence", "in-a-heading-only"])
def test_an_entity_without_a_sentence_gives_no_row(name: str) -> None:
    assert list(entity_rows([entity(name, "doc-1")], CHUNKS, DOCUMENTS, 0)) == []


def test_a_much_named_entity_keeps_its_answer_short() -> None:
    chunks = [Chunk(id=f"chunk-{n}", document_id="doc-3", start=0, end=14, text="Ann Hale left.") for n in range(9)]
    ann = Entity(id="e", name="Ann Hale", type="person", description="", chunk_ids=[c.id for c in chunks])
    assert len(next(entity_rows([ann], chunks, DOCUMENTS, 0)).evidence) == MOST_SENTENCES
