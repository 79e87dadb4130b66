"""What a run had to leave out, since a call for it failed: which chunk, brief or report, where it is from, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from pydantic import BaseModel

from agents.errors import ITEM_REASONS, EmptyResult, ModelError
from agents.facts import Fact
from agents.files import each_item, read_jsonl
from agents.models.server_errors import plain
from agents.records import Chunk, Document, Rejected
from graphs.context import Context
from graphs.run_record import Lost

SHOWN = 10  # kinds of losses that are told one by one


class FailedChunk(BaseModel):
    """What is read of the line of a chunk that a stage wrote."""

    chunk_id: str
    reason: str = ""
    said: str = ""


class FailedReport(BaseModel):
    """A community without a report."""

    community: str
    reason: str
    said: str


def said_of(error: ModelError) -> str:
    """The server's words, or the beginning of what the model wrote."""
    return plain(error.said)


def lost(context: Context, rejected: Iterable[Rejected], rounds: int) -> list[Lost]:
    """Everything that was left out for a failed call, the like of it together, the commonest first.

    `rounds` of briefs for what earlier ones did not reach.
    """
    chunks = {chunk.id: chunk for chunk in context.graph("chunks", Chunk)}
    paths = {document.id: document.path for document in context.graph("documents", Document)}

    def where(ids: Iterable[str]) -> str:
        return ", ".join(sorted({paths[chunks[cid].document_id] for cid in ids if cid in chunks}))

    found: Counter[tuple[str, str, str, str]] = Counter()
    for failed in _chunks(context):
        chunk = chunks[failed.chunk_id]
        place = f"{paths[chunk.document_id]}, from character {chunk.start:,}"
        found["chunk", place, failed.reason, failed.said] += 1
    for report in _reports(context):
        found["report", report.community, report.reason, report.said] += 1
    about = _chunks_of(context, rounds)
    for row in rejected:
        if row.reason in ITEM_REASONS:
            found[f"{row.kind} question", where(about.get(row.brief, [])), row.reason, plain(row.raw)] += 1
    return [
        Lost(what=what, where=place, reason=reason, said=said, count=count)
        for (what, place, reason, said), count in found.most_common()
    ]


def lines(losses: Iterable[Lost]) -> list[str]:
    """A line each for a person, the first ones."""
    listed = list(losses)
    told = [f"{_times(one)}{one.where or 'several documents'}: {one.reason}: {one.said}" for one in listed[:SHOWN]]
    more = sum(one.count for one in listed[SHOWN:])
    return [*told, *([f"and {more:,} more: run.json names them"] if more else [])]


@contextmanager
def told_if_empty(context: Context, rejected: Iterable[Rejected], rounds: int) -> Iterator[None]:
    """An `EmptyResult` of the block names what was left out."""
    try:
        yield
    except EmptyResult as error:
        raise EmptyResult("\n  ".join([error.what, *lines(lost(context, rejected, rounds))]), error.do) from None


def _times(one: Lost) -> str:
    return f"{one.count} {one.what}s of " if one.count > 1 else f"{one.what} of "


def _chunks(context: Context) -> Iterator[FailedChunk]:
    for pattern in ("extract-*.jsonl", "passages-*.jsonl"):
        for path in sorted(context.work.path.glob(pattern)):
            yield from (row for row in each_item(path, FailedChunk) if row.reason)


def _reports(context: Context) -> list[FailedReport]:
    path = context.work.path / "failed-reports.jsonl"
    return read_jsonl(path, FailedReport) if path.is_file() else []


def _chunks_of(context: Context, rounds: int) -> Mapping[str, list[str]]:
    """The chunks that a fact, or a brief, is about."""
    if context.synthesis.recipe == "facts":
        return {fact.id: [e.chunk_id for e in fact.evidence] for fact in context.graph("facts", Fact)}
    return {brief.id: brief.chunk_ids for brief in context.all_briefs(rounds)}
