"""Drafts that tell a passage anew."""

from __future__ import annotations

from agents.models.client import Client
from agents.records import Brief
from agents.roles.critic import Draft, check_told_anew
from agents.roles.document_writer import rewrite
from agents.roles.question_writer import write_global
from graphs.briefs.rewrite import titled_question, told_anew
from graphs.drafting.sources import Sources


async def draft_rewrite(sources: Sources, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
    """The sentences of a passage told anew, those left out that fail a check; asked for by rule, or by a question that they answer together."""
    page, chunk = sources.page(brief), sources.chunks[brief.chunk_ids[0]]
    sentences = told_anew(brief.focus, chunk)
    lines = await rewrite(writer, page, sentences)
    pairs = zip(lines, (sources.evidence(chunk.id, sentence) for sentence, _ in sentences), strict=True)
    kept = [(line.strip(), proof) for line, proof in pairs if not check_told_anew(line, proof, page)]
    text, evidence = " ".join(line for line, _ in kept), [span for _, proof in kept for span in proof]
    if brief.style == "rewrite" or not kept:
        return Draft(brief.kind, titled_question(sources.title(chunk.id), text or brief.focus), "", text, evidence)
    asked = await write_global(
        writer, brief.model_copy(update={"focus": "\n".join(line for line, _ in kept), "style": "summary"}), reasons
    )
    return Draft(brief.kind, asked.question.strip(), "", text, evidence)
