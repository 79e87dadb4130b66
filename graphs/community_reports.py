"""A report of each community, from the deepest level up: a parent reads what its children say."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from agents.errors import ITEM_ERRORS, Waiting
from agents.files import write_jsonl
from agents.records import Chunk, Community, Entity, Report
from agents.roles.community_summarizer import summarize
from graphs.concurrency import gather
from graphs.context import Context
from graphs.lost import FailedReport, said_of


async def write_reports(context: Context, communities: Sequence[Community]) -> list[Report]:
    """The reports in the order of the communities; one that fails is counted and left out."""
    names = {e.id: e.name for e in context.graph("entities", Entity)}
    chunks = {c.id: c for c in context.graph("chunks", Chunk)}
    order = {cid: n for n, cid in enumerate(chunks)}  # of the documents: of time, in a journal
    reports: dict[str, Report] = {}
    parts: dict[str | None, list[Community]] = defaultdict(list)
    for community in communities:
        parts[community.parent].append(community)
    done = {community.id: asyncio.Event() for community in communities}
    failed: list[FailedReport] = []
    waiting = set[str]()  # for a batch: a parent does, if a child does
    with context.stage("reports", len(communities)) as stage:

        async def one(community: Community) -> None:
            try:
                for child in parts[community.id]:
                    await done[child.id].wait()
                if any(child.id in waiting for child in parts[community.id]):
                    raise Waiting
                if report := await written(community):
                    reports[community.id] = report
            except Waiting:
                waiting.add(community.id)
                raise
            finally:
                done[community.id].set()

        async def written(community: Community) -> Report | None:
            children = [reports[c.id] for c in parts[community.id] if c.id in reports]
            sources = [chunks[cid] for cid in sorted(set(community.chunk_ids), key=order.__getitem__)]
            members, most = [names[eid] for eid in community.entity_ids], context.synthesis.report_characters
            client = context.clients["community_summarizer"]
            try:
                report = await summarize(client, community, members, sources, children, most)
            except ITEM_ERRORS as error:
                failed.append(FailedReport(community=community.id, reason=error.reason, said=said_of(error)))
                stage.count("failed")
                return None
            stage.count("done")
            return report

        # Everyone has a turn, since a parent that holds one waits for its children.
        await gather(communities, one, asyncio.Semaphore(len(communities) + 1))
    if failed:
        write_jsonl(context.work.path / "failed-reports.jsonl", failed)
    return [reports[c.id] for c in communities if c.id in reports]
