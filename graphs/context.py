"""What the nodes of a synthesis share: project, config, clients, console, and the files between stages.

The graph's state holds ids, counts and paths; the items lie in files that this reads.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pydantic import BaseModel

from agents.console import Console
from agents.errors import Waiting
from agents.models.batch import Batch
from agents.models.budget import Budget
from agents.models.client import Client
from agents.progress import Board, Stage
from agents.project import Project
from agents.records import Brief, Chunk, Community, Document, Entity, Report
from graphs.concurrency import Turns
from graphs.config import SynthesisConfig
from graphs.corpus.documents import DocumentsConfig
from graphs.fingerprint import synthesis_of
from graphs.item_cache import ItemCache
from graphs.knowledge.merge import KnowledgeConfig
from graphs.knowledge.sources import Sources
from graphs.source import Corpus
from graphs.state import to_stream
from graphs.work_folder import WorkFolder

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - the item type of a file
X = TypeVar("X")


@dataclass
class Context:
    """One synthesis at work."""

    project: Project
    clients: Mapping[str, Client]
    console: Console
    read: Corpus | None = None
    """What this start has hashed or parsed already."""
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """By stage."""
    board: Board = field(default_factory=lambda: Board(to_stream))
    cache: ItemCache = field(default_factory=ItemCache)
    turns: Turns = field(default_factory=Turns)

    @cached_property
    def corpus(self) -> Corpus:
        """The documents, read once for all that want them."""
        return self.read or Corpus(self.project)

    @cached_property
    def work(self) -> WorkFolder:
        """The folder of what goes from stage to stage."""
        return WorkFolder(self.project.work_dir)

    @property
    def documents(self) -> DocumentsConfig:
        """[documents]."""
        return self.project.section("documents", DocumentsConfig)

    @property
    def knowledge(self) -> KnowledgeConfig:
        """[knowledge]."""
        return self.project.section("knowledge", KnowledgeConfig)

    @property
    def synthesis(self) -> SynthesisConfig:
        """[synthesis]."""
        return synthesis_of(self.project, self.corpus)

    @property
    def each_client(self) -> list[Client]:
        """The clients, each once: roles of one model share one."""
        return list({id(client): client for client in self.clients.values()}.values())

    async def close_clients(self) -> None:
        """End the connections of every client, and the embedded servers."""
        for client in self.each_client:
            await client.backend.close()

    @property
    def budget(self) -> Budget:
        """What this start has spent; one for all models."""
        return next(iter(self.clients.values())).budget

    @property
    def batch(self) -> Batch | None:
        """The requests of this start that wait, where it writes a batch; one for all models."""
        return next(iter(self.clients.values())).batch

    def begin(self, name: str, fresh: bool = False) -> None:
        """An empty work folder that belongs to the synthesis `name`."""
        self.work.begin(name, self.project.graph_dir, fresh)
        self.cache.clear()

    def asked(self) -> set[str]:
        """The keys of all calls this synthesis asked for, those before an interruption included."""
        return self.work.asked(self.each_client)

    def turn(self, branch: str) -> asyncio.Semaphore:
        """The places for items of `branch` under way."""
        return self.turns.of(branch, [client.config for client in self.each_client])

    def graph(self, name: str, item: type[I]) -> list[I]:
        """The items of graph/NAME.jsonl."""
        return self.cache.items(self.project.graph_dir / f"{name}.jsonl", item)

    def briefs(self, branch: str) -> list[Brief]:
        """The briefs of a branch, as its plan wrote them."""
        return self.cache.items(self.work.path / f"briefs-{branch}.jsonl", Brief)

    def all_briefs(self, rounds: int) -> list[Brief]:
        """The briefs of both branches and of the first `rounds` rounds for what they did not reach."""
        names = ["local", "global", *(f"more{n}" for n in range(1, rounds + 1))]
        return [brief for name in names for brief in self.briefs(name)]

    @property
    def pages(self) -> dict[str, str]:
        """The texts of the chunks by id."""
        return {chunk.id: chunk.text for chunk in self.graph("chunks", Chunk)}

    def sources(self) -> Sources:
        """Everything a draft needs, by id."""
        reports = self.graph("reports", Report) if (self.project.graph_dir / "reports.jsonl").is_file() else []
        return Sources(
            config=self.synthesis,
            clients=self.clients,
            documents={d.id: d for d in self.graph("documents", Document)},
            chunks={c.id: c for c in self.graph("chunks", Chunk)},
            entities={e.id: e for e in self.graph("entities", Entity)},
            communities={c.id: c for c in self.graph("communities", Community)},
            reports={r.id: r for r in reports},
        )

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """A stage that the graph's custom stream tells of, its seconds counted and its calls noted.

        One of many items (`total`) also shows what is spent. Where items wait for a batch (`Waiting`), the node that
        this stage is in is interrupted: what runs beside it goes on to its own end, nothing after it begins, and the
        next start runs it anew.
        """
        from langgraph.types import interrupt

        started = time.monotonic()
        with self.board.stage(name, total) as stage:
            stage.live = (lambda: self.budget.brief) if total else None
            try:
                yield stage
            except Waiting as waiting:
                stage.count("waiting", waiting.items)
                interrupt({"waiting": waiting.items})
                raise
        self.seconds[name] += time.monotonic() - started
        self.work.note_calls(self.each_client)

    def shards(self, ids: Sequence[X]) -> list[list[X]]:
        """`ids` in pieces of one LangGraph Send each."""
        size = self.synthesis.shard_size
        return [list(ids[at : at + size]) for at in range(0, len(ids), size)]
