"""The review node: what a person decided becomes rows and rejections, and the critic reads what was edited."""

from __future__ import annotations

import asyncio
from typing import Any

from agents.errors import ITEM_ERRORS
from agents.facts import Fact
from agents.files import read_jsonl, write_jsonl
from agents.records import Chunk, Document, Example, Rejected
from agents.roles.critic import judge
from agents.roles.row_critic import Row, judge_rows
from graphs.concurrency import gather
from graphs.context import Context
from graphs.dataset.filters import as_rejected
from graphs.drafting.gates import threshold
from graphs.drafting.kind import quoted
from graphs.drafting.kinds import KINDS
from graphs.review.decisions import (
    GATE,
    PERSON,
    Decision,
    read_decisions,
    reviewed,
    taken_back,
    with_wordings,
)
from graphs.state import SynthesisState

REFUSED = "the critic does not pass the edit"


async def review(context: Context) -> SynthesisState:
    """Write reviewed.jsonl (the rows as decided) and unwanted.jsonl (all rejections) into the work folder.

    Without a decision nothing is written. With [synthesis] review it stops before, until every first row is decided.
    """
    from langgraph.types import interrupt

    work, path = context.work.path, context.project.decisions
    rows = await asyncio.to_thread(read_jsonl, work / "kept.jsonl", Example)
    wanted = context.synthesis.review and bool(rows)
    if wanted:
        interrupt({"rows": [group[0].id for group in with_wordings(rows)], "decisions": str(path)})
    decisions = await asyncio.to_thread(read_decisions, path)
    if not (wanted or decisions):
        return {}
    with context.stage("review") as stage:
        kept, unwanted, counts = reviewed(rows, decisions, all_of_them=wanted)
        dropped = await asyncio.to_thread(read_jsonl, work / "dropped.jsonl", Rejected)
        back, dropped = await asyncio.to_thread(_back, context, dropped, decisions, kept)
        known = {row.id: row for row in rows}
        new = [row for row in kept if row.source.role == PERSON and known.get(row.id) != row]
        new += [row for row in back if decisions[row.source.parent or ""].decision == "edit"]  # else a person overrules
        faults = dict(
            zip(
                [row.id for row in new],
                await gather(new, lambda row: _fault(context, row), context.turn("review")),
                strict=True,
            )
        )
        refused = {name: f"{REFUSED}: {fault}" for name, fault in faults.items() if fault}
        stays = [row for row in [*kept, *back] if row.id not in refused and row.wording_of not in refused]
        unwanted += [
            as_rejected(row, refused.get(row.id) or refused[row.wording_of or ""], GATE)
            for row in [*kept, *back]
            if row.id in refused or row.wording_of in refused
        ]
        stage.count("kept", len(stays))
        stage.count("rejected", len(unwanted))
    await asyncio.to_thread(write_jsonl, work / "reviewed.jsonl", stays)
    await asyncio.to_thread(write_jsonl, work / "unwanted.jsonl", [*dropped, *unwanted])
    return {"counts": {**counts, "review_taken_back": len(back), "review_refused": len(refused)}}


def _back(
    context: Context, dropped: list[Rejected], decisions: dict[str, Decision], kept: list[Example]
) -> tuple[list[Example], list[Rejected]]:
    """What a person takes back of the dropped, and what stays dropped; a row that is there already is not added."""
    wanted = {fault.id: fault for fault in dropped if (d := decisions.get(fault.id)) and d.decision != "reject"}
    if not wanted:
        return [], dropped
    path = context.project.graph_dir / "facts.jsonl"
    facts = {fact.id: fact for fact in (context.graph("facts", Fact) if path.is_file() else [])}
    firsts = {(row.fact, row.answer): row for row in kept if not row.wording_of}
    chunks = {chunk.id: chunk.document_id for chunk in context.graph("chunks", Chunk)}
    paths = {document.id: document.path for document in context.graph("documents", Document)}
    known, back = {row.id for row in kept}, {}
    for fault in wanted.values():
        row = taken_back(fault, decisions[fault.id], firsts, facts, context.synthesis.seed)
        if row and row.id not in known:
            documents = sorted({paths[chunks[chunk]] for chunk in row.source.chunks})
            back[row.id] = row.model_copy(update={"source": row.source.model_copy(update={"documents": documents})})
    taken = {row.source.parent for row in back.values()}
    return list(back.values()), [fault for fault in dropped if fault.id not in taken]


async def _fault(context: Context, row: Example) -> str:
    """What the critic of the recipe finds wrong with a row that a person wrote, "" if nothing is."""
    recipe = context.synthesis.recipe
    if recipe == "paper":  # it has no critic
        return ""
    try:
        return await (_judged(context, row) if recipe == "facts" else _gated(context, row))
    except ITEM_ERRORS as error:
        return error.reason


async def _judged(context: Context, row: Example) -> str:
    """The row critic's fault, who is shown the whole chunks that the row is from."""
    fault = (await judge_rows(context.clients["critic"], _page(context, row), [Row(row.question, row.answer)]))[0]
    return "" if fault == "none" else fault


async def _gated(context: Context, row: Example) -> str:
    """The first gate of the row's kind that it fails."""
    source = _page(context, row)
    inputs: dict[str, Any] = {"question": row.question, "answer": row.answer, "reasoning": row.reasoning}
    for gate, wanted in KINDS[row.kind].open_gates(context.synthesis):
        if gate.name == "reasoning" and not row.reasoning:
            continue
        p = await judge(context.clients["critic"], gate, source, inputs)
        if (p >= threshold(context.synthesis, gate)) is not wanted:
            return f"{gate.name}, P(yes) = {p:.2f}"
    return ""


def _page(context: Context, row: Example) -> str:
    """The chunks that the row is from, each behind the title of its document; else its quotes."""
    sources = context.sources()
    chunks = [sources.chunks[name] for name in row.source.chunks if name in sources.chunks]
    pages = "\n\n".join(f"{sources.title(chunk.id)}\n{chunk.text}" for chunk in chunks)
    return pages or quoted(sources, row.evidence)
