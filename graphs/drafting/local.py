"""Drafts about one fact: what goes with its sentence, and what a draft that was sent back asks."""

from __future__ import annotations

from agents.models.client import Client
from agents.records import Brief, Evidence
from agents.roles.critic import Draft
from agents.roles.question_writer import write_local
from agents.text.prompt_injection import orders_in
from agents.text.sentences import is_prose, sentences
from graphs.drafting.sources import Sources


async def draft_local(sources: Sources, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
    """A question about one sentence, which is its evidence whatever the model quotes."""
    brief = asked_again(brief) if reasons else brief
    local = await write_local(writer, sources.page(brief), brief, reasons)
    evidence = sources.evidence(
        brief.chunk_ids[0], brief.statements[0]
    )  # whatever the model quotes; an answer that this does not carry is found by the checks
    evidence += beside(sources, brief) if brief.length == "paragraph" else []
    recall = (
        local.recall.strip() if sources.config.reasoning != "none" else ""
    )  # what is not taught is not kept, and not held against the draft
    return Draft(
        brief.kind,
        local.question.strip(),
        recall,
        local.answer.strip(),
        evidence,
        terms=_terms(sources, brief),
        length=brief.length,
    )


def beside(sources: Sources, brief: Brief) -> list[Evidence]:
    """The sentences right before and right after the brief's; headings and orders to a model are left out."""
    chunk = sources.chunks[brief.chunk_ids[0]]
    spans, orders = [chunk.text[start:end] for start, end in sentences(chunk.text)], orders_in(chunk.text)
    at = spans.index(brief.statements[0])
    beside = [
        text for text in (*spans[max(at - 1, 0) : at], *spans[at + 1 : at + 2]) if is_prose(text) and text not in orders
    ]
    return [span for text in beside for span in sources.evidence(chunk.id, text)]


def _terms(sources: Sources, brief: Brief) -> tuple[str, ...]:
    """Names of several words that the brief's sentence tells of: one word alone ("lamp") says too little."""
    return tuple(
        n
        for target in brief.targets
        for n in (sources.entities[target].name, *sources.entities[target].aliases)
        if " " in n and n in brief.statements[0]
    )


def asked_again(brief: Brief) -> Brief:
    """What a draft that was sent back is written by: of a local brief the plainest question, since its sentence could not serve the one that was wanted."""
    plain = {"style": "what", "asker": "", "length": "sentence", "depth": "recall"}
    return brief.model_copy(update=plain) if brief.kind == "local" else brief
