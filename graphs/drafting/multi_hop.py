"""Drafts over two facts that share a name."""

from __future__ import annotations

from agents.models.client import Client
from agents.records import Brief
from agents.roles.critic import Draft
from agents.roles.question_writer import write_multi_hop
from graphs.drafting.sources import Sources


async def draft_multi_hop(sources: Sources, writer: Client, brief: Brief, reasons: list[str]) -> Draft:
    """A question over two facts; both are its evidence."""
    bridge = sources.entities[brief.targets[0]]
    first, second = brief.statements
    draft = await write_multi_hop(writer, first, second, brief.subject, reasons)
    spans = [sources.evidence(cid, fact) for cid, fact in zip(brief.chunk_ids, (first, second), strict=True)]
    evidence = [span for found in spans for span in found] if all(spans) else []
    return Draft(
        brief.kind,
        draft.question.strip(),
        f"{first} {second}",
        draft.answer.strip(),
        evidence,
        (bridge.name, *bridge.aliases),
    )
