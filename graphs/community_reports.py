"""A report of each community, from the deepest level up: a parent reads what its children say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from agents.errors import ITEM_ERRORS
from agents.files import write_jsonl
from agents.records import Chunk, Community, Entity, Report
from agents.roles.community_summarizer import summarize
from graphs.concurrency import BottomUp, gather
from graphs.context import Context
from graphs.lost import FailedReport, said_of


async def write_reports(context: Context, communities: Sequence[Community]) -> list[Report]:
    """The reports in the order of the communities; one that fails is counted and left out."""
    names = {e.id: e.name for e in context.graph("entities", Entity)}
    chunks = {c.id: c for c in context.graph("chunks", Chunk)}
    order = {cid: n for n, cid in enumerate(chunks)}  # of the documents: of time, in a journal
    reports: dict[str, Report] = {}
    failed: list[FailedReport] = []
    bottom_up = BottomUp(communities)
    with context.stage("reports", len(communities)) as stage:

        async def one(community: Community) -> None:
            async with bottom_up.turn(community) as parts:
                children = [reports[part.id] for part in parts if part.id in reports]
                sources = [chunks[cid] for cid in sorted(set(community.chunk_ids), key=order.__getitem__)]
                members, most = [names[eid] for eid in community.entity_ids], context.synthesis.report_characters
                client = context.clients["community_summarizer"]
                try:
                    reports[community.id] = await summarize(client, community, members, sources, children, most)
                except ITEM_ERRORS as error:
                    failed.append(FailedReport(community=community.id, reason=error.reason, said=said_of(error)))
            stage.count("done" if community.id in reports else "failed")

        await gather(communities, one, nullcontext())
    if failed:
        write_jsonl(context.work.path / "failed-reports.jsonl", failed)
    return [reports[c.id] for c in communities if c.id in reports]
