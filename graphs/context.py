"""What the nodes of a synthesis share: project, config, clients, console, files between stages, seconds and counts.

The graph's state holds ids, counts and paths; the items lie in files that this writes and reads.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from agents.console import Console
from agents.files import read_jsonl, state_of, write_text
from agents.models.budget import Budget
from agents.models.client import Client
from agents.progress import Board, Event, Stage
from agents.project import Project
from agents.records import Brief, Chunk, Community, Document, Entity, Report
from graphs.config import SynthesisConfig
from graphs.corpus.documents import DocumentsConfig
from graphs.drafting.sources import Sources
from graphs.knowledge.merge import KnowledgeConfig

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - the item type of a file
X = TypeVar("X")
Y = TypeVar("Y")
# items under way for each call at once: the longest ways can go first, and all end together; more would hold memory
ITEMS_A_CALL = 4
MANY = 2000  # chunks or entities whose graph takes a hundred megabytes or more
KEY_LENGTH = 64  # of a SHA-256 in hexadecimal


@dataclass
class Context:
    """One synthesis at work. `drafting` holds the compiled writer–critic graph of each branch, which its shards share."""

    project: Project
    clients: Mapping[str, Client]
    console: Console
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    board: Board = field(default_factory=lambda: Board(to_stream))
    drafting: dict[str, Any] = field(default_factory=dict)
    _read: dict[Path, tuple[tuple[int, ...], list[Any]]] = field(default_factory=dict)
    _noted: set[str] = field(default_factory=set)
    _turns: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def turn(self, branch: str) -> asyncio.Semaphore:
        """A place for each item under way: four times the calls at once in each branch, so that the rows of reports, the longest way, wait for no local ones.

        With an embedded model all branches together have as many as it has slots, each of which keeps a page.
        """
        configs = {id(client): client.config for client in self.clients.values()}.values()
        embedded = any(config.provider == "local" for config in configs)
        places = sum(config.calls_at_once * (1 if config.provider == "local" else ITEMS_A_CALL) for config in configs)
        return self._turns.setdefault("all" if embedded else branch, asyncio.Semaphore(places))

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

    def begin(self, name: str, fresh: bool = False) -> None:
        """An empty work folder that belongs to the synthesis `name`."""
        shutil.rmtree(self.work_dir, ignore_errors=True)
        self.forget()
        for kept in (
            () if fresh else ("communities.jsonl", "graph.graphml")
        ):  # where the last partition stands; read before this run writes its own
            if (self.project.graph_dir / kept).is_file():
                write_text(self.work_dir / f"last-{kept}", (self.project.graph_dir / kept).read_text(encoding="utf-8"))
        write_text(self.work_dir / "name", name)

    def begun(self) -> str:
        """The synthesis that the work folder belongs to, if there is one."""
        path = self.work_dir / "name"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def asked(self) -> set[str]:
        """The keys of all calls this synthesis asked for, those of finished stages before an interruption included."""
        path = self.work_dir / "calls.txt"
        before = (
            {key for key in path.read_text(encoding="utf-8").split() if len(key) == KEY_LENGTH}
            if path.is_file()
            else set()
        )
        return before.union(*(client.keys for client in self.clients.values()))

    def _note_calls(self) -> None:
        """Keep the keys asked for since the last time; a line that a kill cut off is not a key, and is asked for again."""
        new = set().union(*(client.keys for client in self.clients.values())) - self._noted
        with (self.work_dir / "calls.txt").open("a", encoding="utf-8") as file:
            file.write("".join(f"\n{key}" for key in sorted(new)))
        self._noted |= new

    def graph(self, name: str, item: type[I]) -> list[I]:
        """The items of graph/NAME.jsonl."""
        return self.items(self.project.graph_dir / f"{name}.jsonl", item)

    def items(self, path: Path, item: type[I]) -> list[I]:
        """The items of a file, read once for all shards that want them; not to be changed."""
        changed = state_of(path) if path.is_file() else ()
        if path not in self._read or self._read[path][0] != changed:
            self._read[path] = (changed, read_jsonl(path, item))
        return self._read[path][1]

    def forget(self) -> None:
        """Let go of what was read for the drafts: all their rows together want the memory."""
        self.drafting.clear()
        self._read.clear()

    def tidy(self, items: int) -> None:
        """Clear the circles that a stage over so many items left, which the collector reaches minutes later; few are not worth a tenth of a second."""
        if items > MANY:
            gc.collect()

    def briefs(self, rounds: int) -> list[Brief]:
        """The briefs of both branches and of the first `rounds` rounds for what they did not reach."""
        names = ["local", "global", *(f"more{n}" for n in range(1, rounds + 1))]
        return [brief for name in names for brief in self.items(self.work_dir / f"briefs-{name}.jsonl", Brief)]

    def last_partition(self) -> tuple[str, list[Community]] | None:
        """The graph and the communities that this run found when it began; None for a first run."""
        drawn, found = self.work_dir / "last-graph.graphml", self.work_dir / "last-communities.jsonl"
        return (
            (drawn.read_text(encoding="utf-8"), read_jsonl(found, Community))
            if drawn.is_file() and found.is_file()
            else None
        )

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
        """A stage that the graph's custom stream tells of, its seconds counted; one of many items (`total`) also shows what is spent."""
        started = time.monotonic()
        with self.board.stage(name, total) as stage:
            stage.live = (lambda: self.budget.brief) if total else None
            yield stage
        self.seconds[name] += time.monotonic() - started
        self._note_calls()

    @property
    def budget(self) -> Budget:
        """What this start has spent; one for all models."""
        return next(iter(self.clients.values())).budget

    def shards(self, ids: Sequence[X]) -> list[list[X]]:
        """`ids` in pieces of one LangGraph Send each."""
        size = self.synthesis.shard_size
        return [list(ids[at : at + size]) for at in range(0, len(ids), size)]


def to_stream(event: Event) -> None:
    """Hand an event to the custom stream of the graph that runs this node; outside a graph nobody listens."""
    from langgraph.config import get_stream_writer

    with suppress(RuntimeError):  # there is no graph
        get_stream_writer()(event)


async def gather(items: Sequence[X], work: Callable[[X], Awaitable[Y]], turn: asyncio.Semaphore) -> list[Y]:
    """`work` of every item that has its turn, in the order of `items`; the limit on calls sits in the client.

    An item makes one call after the other, so as many items as calls keep the model busy; more would only hold memory,
    and leave each item's page, and a small server's prompt cache, for another's. The first error cancels the rest:
    their finished calls are in the store already.
    """

    async def one(item: X) -> Y:
        async with turn:
            return await work(item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]
