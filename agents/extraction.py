"""What extraction finds in one chunk, before names are resolved over the corpus."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True)
class FoundEntity:
    """A named thing of one chunk. What is said of it is read from the chunk, not written by the model."""

    name: str
    type: str


@dataclass(frozen=True)
class FoundRelation:
    """What the source does to the target, in a few words."""

    source: str
    relation: str
    target: str


class Extraction(BaseModel):
    """Everything found in one chunk, over all looks."""

    entities: list[FoundEntity]
    relations: list[FoundRelation]
