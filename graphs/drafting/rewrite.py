"""Drafts that tell a passage anew."""

from __future__ import annotations

from agents.models.client import Client
from agents.records import Brief
from agents.roles.critic import Draft, check_told_anew
from agents.roles.document_writer import rewrite
from agents.roles.question_writer import subject_of, write_global
from graphs.briefs.rewrite import titled_question, told_anew
from graphs.drafting.sources import Sources


async def draft_rewrite(sources: Sources, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
    """The sentences of a passage told anew, those left out that fail a check; asked for by rule, or by a question that they answer together."""
    page, chunk, passage = sources.page(brief), sources.chunks[brief.chunk_ids[0]], brief.statements[0]
    sentences = told_anew(passage, chunk)
    lines = await rewrite(writer, page, sentences)
    pairs = zip(lines, (sources.evidence(chunk.id, sentence) for sentence, _ in sentences), strict=True)
    kept = [(line.strip(), proof) for line, proof in pairs if not check_told_anew(line, proof, page)]
    text, evidence = " ".join(line for line, _ in kept), [span for _, proof in kept for span in proof]
    if brief.style == "rewrite" or not kept:
        return Draft(brief.kind, titled_question(sources.title(chunk.id), text or passage), "", text, evidence)
    told = [line for line, _ in kept]
    summary = brief.model_copy(update={"style": "summary", "statements": told, "subject": subject_of(told)})
    asked = await write_global(writer, summary, reasons)
    return Draft(brief.kind, asked.question.strip(), "", text, evidence)
