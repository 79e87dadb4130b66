"""Scenes for the tests of entity resolution: which names stand in which chunk of which document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.extraction import Extraction, FoundEntity
from agents.records import Chunk
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.merge import KnowledgeConfig, Merging
from graphs.knowledge.names import canonical
from graphs.knowledge.resolution import Resolution


def resolve(
    *lines: list[str], documents: list[Any] | None = None, texts: list[Any] | None = None, **config: Any
) -> Resolution:
    """The resolution of chunks given as lists of "type: name", with nothing decided that is in doubt.

    `documents` numbers the document of each, one each if not given.
    """
    chunks, found = scene(lines, documents, texts)
    named = [(cid, entity) for cid, extraction in found.items() for entity in extraction.entities]
    return Resolution(named, Mentions(chunks), **config)


def merging(
    *lines: list[str], documents: list[Any] | None = None, texts: list[Any] | None = None, **config: Any
) -> Merging:
    """A graph in the making, of the same scene."""
    chunks, found = scene(lines, documents, texts)
    return Merging(found, chunks, KnowledgeConfig.model_validate(config))


def scene(
    lines: Sequence[list[str]], documents: list[Any] | None, texts: list[Any] | None
) -> tuple[list[Chunk], dict[str, Extraction]]:
    """The chunks, and what was found in each."""
    found = {
        f"chunk-{n}": Extraction(
            entities=[FoundEntity(name, kind) for kind, _, name in (entry.partition(": ") for entry in line)],
            relations=[],
        )
        for n, line in enumerate(lines)
    }
    said = texts or [" met ".join(entry.partition(": ")[2] for entry in line) for line in lines]
    where = documents or range(len(lines))
    chunks = [
        Chunk(id=f"chunk-{n}", document_id=f"doc-{doc}", start=0, end=len(text), text=text)
        for n, (doc, text) in enumerate(zip(where, said, strict=True))
    ]
    return chunks, found


def keys(resolution: Resolution, *places: tuple[str, int]) -> list[str | None]:
    """The key of each (name, number of its chunk)."""
    return [resolution.key_of(canonical(name), f"chunk-{chunk}") for name, chunk in places]
