"""Scenes for the tests of entity resolution: which names stand in which chunk of which document."""

from __future__ import annotations

from typing import Any

from agents.extraction import FoundEntity
from agents.records import Chunk
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.names import canonical
from graphs.knowledge.resolution import Resolution


def resolve(
    *lines: list[str], documents: list[Any] | None = None, texts: list[Any] | None = None, **config: Any
) -> Resolution:
    """The resolution of chunks given as lists of "type: name".

    `documents` numbers the document of each, one each if not given.
    """
    found = [
        (f"chunk-{n}", FoundEntity(name, kind))
        for n, line in enumerate(lines)
        for kind, _, name in (entry.partition(": ") for entry in line)
    ]
    said = texts or [" met ".join(entry.partition(": ")[2] for entry in line) for line in lines]
    where = documents or range(len(lines))
    chunks = [
        Chunk(id=f"chunk-{n}", document_id=f"doc-{doc}", start=0, end=len(text), text=text)
        for n, (doc, text) in enumerate(zip(where, said, strict=True))
    ]
    return Resolution(found, Mentions(chunks), **config)


def keys(resolution: Resolution, *places: tuple[str, int]) -> list[str | None]:
    """The key of each (name, number of its chunk)."""
    return [resolution.key_of(canonical(name), f"chunk-{chunk}") for name, chunk in places]
