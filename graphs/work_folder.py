"""runs/NAME/work: the files that go from stage to stage of one synthesis, and are removed at its end."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from agents.files import read_jsonl, write_text
from agents.models.client import Client
from agents.records import Community

KEY_LENGTH = 64  # of a SHA-256 in hexadecimal


@dataclass
class WorkFolder:
    """Which synthesis it belongs to, the last partition of the graph, and the log of the calls that were asked for."""

    path: Path
    _noted: set[str] = field(default_factory=set)

    def begin(self, name: str, graph_dir: Path, fresh: bool = False) -> None:
        """Empty it for the synthesis `name`, but for where the last partition in `graph_dir` stands, unless `fresh`."""
        shutil.rmtree(self.path, ignore_errors=True)
        for kept in () if fresh else ("communities.jsonl", "graph.graphml"):  # before this run writes its own
            if (graph_dir / kept).is_file():
                write_text(self.path / f"last-{kept}", (graph_dir / kept).read_text(encoding="utf-8"))
        write_text(self.path / "name", name)

    def begun(self) -> str:
        """The synthesis that it belongs to, if there is one."""
        path = self.path / "name"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def last_partition(self) -> tuple[str, list[Community]] | None:
        """The graph and the communities that this run found when it began; None for a first run."""
        drawn, found = self.path / "last-graph.graphml", self.path / "last-communities.jsonl"
        if not (drawn.is_file() and found.is_file()):
            return None
        return drawn.read_text(encoding="utf-8"), read_jsonl(found, Community)

    def asked(self, clients: Iterable[Client]) -> set[str]:
        """The keys of all calls this synthesis asked for, those of finished stages before an interruption included."""
        path = self.path / "calls.txt"
        words = path.read_text(encoding="utf-8").split() if path.is_file() else []
        return {key for key in words if len(key) == KEY_LENGTH}.union(*(client.keys for client in clients))

    def note_calls(self, clients: Iterable[Client]) -> None:
        """Keep the keys asked for since the last time.

        A line that a kill cut off is not a key, and is asked for again.
        """
        new = set[str]().union(*(client.keys for client in clients)) - self._noted
        with (self.path / "calls.txt").open("a", encoding="utf-8") as file:
            file.write("".join(f"\n{key}" for key in sorted(new)))
        self._noted |= new
