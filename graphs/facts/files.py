"""The files between the stages of a fact-based synthesis: what they made of passages, and of several facts together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agents.facts import Passage
from agents.files import each_item, write_jsonl
from agents.records import Example, Kind, Rejected
from graphs.facts.rows import Written
from graphs.work_folder import WorkFolder

STAGES = ("several", "whole")
"""Those whose rows are about several facts; each leaves its rows and its rejections in files of its name."""

CONTRASTS, COMPUTED = "contrasts", "computed"
"""Refusals, and rows over several facts, made by rule from the rows of all stages; none was rejected as it was made."""


def each_passage(work: WorkFolder) -> Iterator[Passage]:
    """What was made of the chunks, in the order of the shards."""
    for path in sorted(work.path.glob("passages-*.jsonl")):
        yield from each_item(path, Passage)


def keep(work: WorkFolder, stage: str, parts: list[Written]) -> None:
    """Leave the rows of a stage, and its rejections."""
    write_jsonl(_file(work, stage, "examples"), (row for part in parts for row in part.examples))
    write_jsonl(_file(work, stage, "rejected"), (fault for part in parts for fault in part.rejected))


def of_passages(work: WorkFolder) -> Iterator[Example]:
    """The rows about single facts that passed the critic."""
    for passage in each_passage(work):
        yield from passage.examples


def rows(work: WorkFolder) -> Iterator[Example]:
    """All rows that passed the critic."""
    yield from of_passages(work)
    for stage in STAGES:
        yield from each_item(_file(work, stage, "examples"), Example)


def rejections(work: WorkFolder) -> Iterator[Rejected]:
    """All that did not."""
    for passage in each_passage(work):
        yield from passage.rejected
    for stage in STAGES:
        yield from each_item(_file(work, stage, "rejected"), Rejected)


def written(work: WorkFolder) -> Iterator[tuple[Kind, str, int]]:
    """(kind, side, how many) of the questions that each passage and stage wrote, whatever became of them.

    The side is "" for those about several facts.
    """
    for passage in each_passage(work):
        for came in passage.rounds:
            yield from (("local", side, count) for side, count in came.sides.items())
    for stage in (*STAGES, CONTRASTS, COMPUTED):
        for field, item in (("examples", Example), ("rejected", Rejected)):
            for made in each_item(_file(work, stage, field), item):
                yield made.kind, "", 1


def _file(work: WorkFolder, stage: str, field: str) -> Path:
    return work.path / f"{stage}-{field}.jsonl"
