"""What goes along the arrows of the synthesis: its state, its forms for a server, what a shard carries and writes."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from typing_extensions import TypedDict  # before Python 3.12, Studio's forms can be made of this one only

from agents.extraction import Extraction
from agents.files import each_item
from agents.progress import Event
from agents.records import Example, Item, Rejected


class SynthesisState(TypedDict, total=False):
    """Where a synthesis stands: counts, and the paths of what the shards wrote."""

    fresh: Annotated[bool, operator.or_]
    counts: Annotated[dict[str, int], operator.or_]
    drafts: Annotated[list[str], operator.add]
    coverage: dict[str, dict[str, tuple[int, int]]]
    rounds: int
    result: dict[str, Any]


class SynthesisInput(TypedDict, total=False):
    """What a synthesis is started with: `fresh` forgets the communities that the last one found."""

    fresh: bool


class SynthesisOutput(TypedDict, total=False):
    """What it ends with: counts by what was counted; of the data files rows, facts and SHA-256."""

    counts: dict[str, int]
    result: dict[str, Any]


class SynthesisContext(TypedDict, total=False):
    """What a server of the graph lets a person choose: the run, and whether the scripted model answers, at no cost."""

    run: str
    dry: bool


class ShardState(TypedDict):
    """What one Send carries: its name and the ids it works on."""

    shard: str
    ids: list[str]


class ExtractedChunk(Item):
    """What the extractor made of a chunk, or the reason why not."""

    chunk_id: str
    extraction: Extraction = Extraction(entities=[], relations=[])
    reason: str = ""
    said: str = ""


class DraftedBrief(Item):
    """What the writer and the critic made of a brief; `stopped_by` and `sent_back` as in `DraftState`."""

    brief_id: str
    examples: list[Example]
    rejected: list[Rejected]
    stopped_by: list[str] = []
    sent_back: list[Rejected] = []

    def earlier(self) -> Iterator[Rejected]:
        """The drafts that were sent back, under what the row that came of them is about: its fact, else the brief."""
        about = self.examples[0].fact if self.examples else self.brief_id
        return (draft.model_copy(update={"brief": about}) for draft in self.sent_back)


def to_stream(event: Event) -> None:
    """Hand an event to the custom stream of the graph that runs this node; outside a graph nobody listens."""
    from langgraph.config import get_stream_writer

    with suppress(RuntimeError):  # there is no graph
        get_stream_writer()(event)


def drafted(state: Mapping[str, Any]) -> Iterator[DraftedBrief]:
    """All that the shards drafted, in the order of their names."""
    return (row for path in sorted(set(state.get("drafts", []))) for row in each_item(Path(path), DraftedBrief))
