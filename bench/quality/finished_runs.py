"""Finished runs as the benchmarks of quality read them.

A project folder, or one of its run folders, and the items in it by id.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agents.errors import InputError
from agents.files import read_jsonl
from agents.project import Project
from agents.records import Chunk, Document, Entity, Example
from graphs.config import SynthesisConfig
from graphs.fingerprint import synthesis_of
from ragtuned import SECTIONS

EXAMPLES = Path("data") / "examples.jsonl"


@dataclass(frozen=True)
class Finished:
    """One finished run; `name` is its project's folder."""

    project: Project
    documents: dict[str, Document]
    chunks: dict[str, Chunk]
    entities: list[Entity]
    rows: list[Example]

    @property
    def name(self) -> str:
        """The corpus by the name of its folder."""
        return self.project.directory.resolve().name

    @property
    def config(self) -> SynthesisConfig:
        """[synthesis]."""
        return synthesis_of(self.project)


def finished(path: Path) -> Finished:
    """The run in `path`.

    A run folder (PROJECT/runs/NAME), or a project folder with one finished run, or with one named main.

    Raises:
        InputError: there is no finished run, or more than one and none is named main.

    """
    directory, run = _named(path.resolve())
    project = Project.open(directory, run, SECTIONS)
    return Finished(
        project,
        {d.id: d for d in read_jsonl(project.graph_dir / "documents.jsonl", Document)},
        {c.id: c for c in read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)},
        read_jsonl(project.graph_dir / "entities.jsonl", Entity)
        if (project.graph_dir / "entities.jsonl").is_file()
        else [],
        read_jsonl(project.run_dir / EXAMPLES, Example),
    )


def _named(path: Path) -> tuple[Path, str]:
    if (path / EXAMPLES).is_file() and path.parent.name == "runs":
        return path.parent.parent, path.name
    found = sorted(examples.parent.parent.name for examples in path.glob(f"runs/*/{EXAMPLES}"))
    if "main" in found or len(found) == 1:
        return path, "main" if "main" in found else found[0]
    raise InputError(
        f"{path} holds {len(found)} finished runs",
        f"name one of {', '.join(found)}: PROJECT/runs/NAME" if found else "run `ragtuned synthesize`",
    )
