"""What the nodes of a synthesis share: project, config, clients, console, files between stages, seconds and counts.

The graph's state holds ids, counts and paths; the items lie in files that this writes and reads.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from agents.console import Console, Stage
from agents.llm import Client
from agents.project import Project
from agents.records import Chunk, Community, Document, Entity, Report, read_jsonl, write_text
from graphs.briefs import SynthesisConfig
from graphs.desk import Desk
from graphs.documents import DocumentsConfig
from graphs.knowledge import KnowledgeConfig

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - the item type of a file
X = TypeVar("X")
Y = TypeVar("Y")
ROLES = ("extractor", "community_summarizer", "question_writer", "critic")


@dataclass
class Workshop:
    """One synthesis at work."""

    project: Project
    clients: Mapping[str, Client]
    console: Console
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

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
        return self.project.section("synthesis", SynthesisConfig)

    @property
    def work_dir(self) -> Path:
        """Files that go from stage to stage and are removed at the end."""
        return self.project.run_dir / "work"

    def begin(self, name: str) -> None:
        """An empty work folder that belongs to the synthesis `name`."""
        shutil.rmtree(self.work_dir, ignore_errors=True)
        write_text(self.work_dir / "name", name)

    def begun(self) -> str:
        """The synthesis that the work folder belongs to, if there is one."""
        path = self.work_dir / "name"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def asked(self) -> set[str]:
        """The keys of all calls this synthesis asked for, those of finished stages before an interruption included."""
        path = self.work_dir / "calls.json"
        before = set(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else set()
        return before.union(*(client.keys for client in self.clients.values()))

    def graph(self, name: str, item: type[I]) -> list[I]:
        """The items of graph/NAME.jsonl."""
        return read_jsonl(self.project.graph_dir / f"{name}.jsonl", item)

    def desk(self) -> Desk:
        """Everything a draft needs, by id."""
        reports = self.graph("reports", Report) if (self.project.graph_dir / "reports.jsonl").is_file() else []
        return Desk(
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
        """A stage on the console, its seconds counted."""
        started = time.monotonic()
        with self.console.stage(name, total) as stage:
            yield stage
        self.seconds[name] += time.monotonic() - started
        write_text(self.work_dir / "calls.json", json.dumps(sorted(self.asked())))

    def shards(self, ids: Sequence[X]) -> list[list[X]]:
        """`ids` in pieces of one LangGraph Send each."""
        size = self.synthesis.shard_size
        return [list(ids[at : at + size]) for at in range(0, len(ids), size)]


async def gather(items: Sequence[X], work: Callable[[X], Awaitable[Y]], at_once: int = 10_000) -> list[Y]:
    """`work` of every item, `at_once` under way at a time, in the order of `items`; the limit on calls sits in the client.

    An item makes one call after the other, so as many items as calls keep the model busy; more would only leave
    each item's page, and a small server's prompt cache, for another's. The first error cancels the rest: their
    finished calls are in the store already.
    """
    turn = asyncio.Semaphore(at_once)

    async def one(item: X) -> Y:
        async with turn:
            return await work(item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]
