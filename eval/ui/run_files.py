"""What a run has written, read again when a file changes: documents, rows, rejections, facts, graph."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from agents.facts import Fact
from agents.files import each_item, state_of
from agents.project import Project
from agents.records import Chunk, Community, Document, Entity, Evidence, Example, Rejected, Relation, Report
from agents.text.stems import content_stems

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - the item type of a file


class RunFiles:
    """The items of a run's files; a file that is not there (yet) has none. Lists are not to be changed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._lock = threading.RLock()  # what is made of files may ask for what is made of others
        self._read: dict[Any, tuple[Any, Any]] = {}

    def made_of(self, paths: Sequence[Path], name: str, make: Any) -> Any:
        """What `make()` makes of files, again if one has changed since."""
        state = tuple(state_of(path) if path.is_file() else () for path in paths)
        with self._lock:
            if name not in self._read or self._read[name][0] != state:
                self._read[name] = (state, make())
            return self._read[name][1]

    def items(self, path: Path, item: type[I]) -> list[I]:
        """The items of one file."""
        return self.made_of([path], str(path), lambda: list(each_item(path, item)) if path.is_file() else [])

    @property
    def documents(self) -> list[Document]:
        """The documents as they were read."""
        return self.items(self.project.graph_dir / "documents.jsonl", Document)

    @property
    def chunks(self) -> list[Chunk]:
        """Their chunks."""
        return self.items(self.project.graph_dir / "chunks.jsonl", Chunk)

    @property
    def examples(self) -> list[Example]:
        """The rows; of a run that waits for its review those that wait."""
        published = self.project.data_dir / "examples.jsonl"
        return self.items(published if published.is_file() else self.work / "kept.jsonl", Example)

    @property
    def rejected(self) -> list[Rejected]:
        """What became no row."""
        published = self.project.data_dir / "rejected.jsonl"
        return self.items(published if published.is_file() else self.work / "dropped.jsonl", Rejected)

    @property
    def sent_back(self) -> list[Rejected]:
        """Drafts that were written anew (recipe ragtuned; those of recipe facts are among the rejected)."""
        return self.items(self.project.graph_dir / "drafts.jsonl", Rejected)

    @property
    def facts(self) -> list[Fact]:
        """The facts (recipe facts)."""
        return self.items(self.project.graph_dir / "facts.jsonl", Fact)

    @property
    def entities(self) -> list[Entity]:
        """The names."""
        return self.items(self.project.graph_dir / "entities.jsonl", Entity)

    @property
    def relations(self) -> list[Relation]:
        """What joins them."""
        return self.items(self.project.graph_dir / "relations.jsonl", Relation)

    @property
    def communities(self) -> list[Community]:
        """Which belong together."""
        return self.items(self.project.graph_dir / "communities.jsonl", Community)

    @property
    def reports(self) -> list[Report]:
        """What each community is about."""
        return self.items(self.project.graph_dir / "reports.jsonl", Report)

    @property
    def work(self) -> Path:
        """What a run that is not finished goes from stage to stage with."""
        return self.project.work_dir

    @property
    def places(self) -> Places:
        """Where evidence stands."""
        folder = self.project.graph_dir
        return self.made_of(
            [folder / "documents.jsonl", folder / "chunks.jsonl"], "places", lambda: Places(self.documents, self.chunks)
        )

    @property
    def training(self) -> Training:
        """The training rows, to be found by words."""
        return self.made_of(
            [self.project.data_dir / "examples.jsonl"],
            "training",
            lambda: Training([row for row in self.examples if row.split in ("train", None)]),
        )


class Places:
    """Documents by id and by path, and the place of evidence in them."""

    def __init__(self, documents: Sequence[Document], chunks: Sequence[Chunk]) -> None:
        self.by_id = {document.id: document for document in documents}
        self.by_path = {document.path: document for document in documents}
        self.document_of = {chunk.id: chunk.document_id for chunk in chunks}

    def place(self, evidence: Evidence) -> dict[str, Any]:
        """Document, path, offsets and quote of one piece of evidence."""
        document = self.by_id.get(self.document_of.get(evidence.chunk_id, ""))
        where = {"document": document.id, "path": document.path} if document else {"document": "", "path": ""}
        return {**where, "start": evidence.start, "end": evidence.end, "quote": evidence.quote}


class Training:
    """Training rows found by the words that they share with a text (BM25)."""

    def __init__(self, rows: Sequence[Example]) -> None:
        self.rows = rows

    @cached_property
    def _index(self) -> Any:
        import bm25s

        index = bm25s.BM25()
        index.index([sorted(content_stems(f"{row.question} {row.answer}")) for row in self.rows], show_progress=False)
        return index

    def nearest(self, text: str, count: int) -> list[Example]:
        """The `count` rows that share the most with `text`, the nearest first; none of another subject altogether."""
        wanted = sorted(content_stems(text))
        if not self.rows or not wanted:
            return []
        found, scores = self._index.retrieve([wanted], k=min(count, len(self.rows)), show_progress=False)
        return [self.rows[n] for n, score in zip(found[0], scores[0], strict=True) if score > 0]
