"""A brief becomes a draft, by the way of its kind."""

from __future__ import annotations

from agents.records import REFUSAL, Brief
from agents.roles.critic import Draft
from graphs.drafting.community import draft_community
from graphs.drafting.local import draft_local
from graphs.drafting.multi_hop import draft_multi_hop
from graphs.drafting.rewrite import draft_rewrite
from graphs.drafting.sources import Sources
from graphs.drafting.unanswerable import ask_unanswerable


async def write_draft(sources: Sources, brief: Brief, reasons: list[str]) -> Draft:
    """A draft of the brief's kind, its evidence found in the chunks. Raises what `Role.ask` raises."""
    writer = sources.clients["question_writer"]
    if brief.kind == "global":
        return await draft_community(sources, writer, brief, reasons)
    if brief.kind == "multi_hop":
        return await draft_multi_hop(sources, writer, brief, reasons)
    if brief.kind == "document":
        return await draft_rewrite(sources, writer, brief, reasons)
    if brief.kind == "unanswerable":
        return Draft(brief.kind, await ask_unanswerable(sources, writer, brief, reasons), "", REFUSAL, [])
    return await draft_local(sources, writer, brief, reasons)
