"""The extractor: what a chunk says, as entities and relations (GraphRAG's first stage, arXiv 2404.16130, section 3.1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from agents.llm import Client
from agents.role import Role, fence

MOST_ENTITIES = 10  # a free list never ends with a small model; a full list earns a second look
MOST_RELATIONS = 8
ENTITY_TYPES = ("person", "place", "organization", "thing", "event")


class FoundEntity(BaseModel):
    """A named thing as one chunk tells it."""

    name: str
    type: str
    description: str


class FoundRelation(BaseModel):
    """A statement about two of the entities, by name."""

    source: str
    target: str
    description: str


class Extraction(BaseModel):
    """Everything found in one chunk, over both looks."""

    entities: list[FoundEntity]
    relations: list[FoundRelation]


class Look(BaseModel):
    """What one look at a chunk may list."""

    entities: list[FoundEntity] = Field(max_length=MOST_ENTITIES)
    relations: list[FoundRelation] = Field(max_length=MOST_RELATIONS)


PROMPT = """{{document}}

List the named people, places, organizations, things and events of this document, at most ten, the most important first, and at most eight relations between them.
{{known}}
- name: the full name as the document writes it. No pronouns, no common words.
- type: one of {{types}}.
- description: one short sentence with what the document says about it, with dates and amounts.
- relations: source and target are two different names from your list; description is one short sentence that names both.
"""

EXTRACTOR = Role("extractor", Look, PROMPT, max_tokens=1400)


async def extract(client: Client, title: str, text: str, types: Sequence[str]) -> Extraction:
    """Entities and relations of one chunk; when the first look came back full, a second one asks for what it left out (gleaning)."""
    inputs = {"document": fence(f"{title}\n\n{text}"), "types": ", ".join(types), "known": ""}
    first = await EXTRACTOR.ask(client, **inputs)
    if len(first.entities) < MOST_ENTITIES:
        return Extraction(entities=first.entities, relations=first.relations)
    known = "Already listed, leave them out: " + ", ".join(e.name for e in first.entities)
    second = await EXTRACTOR.ask(client, **{**inputs, "known": known})
    return Extraction(entities=first.entities + second.entities, relations=first.relations + second.relations)


def scripted(inputs: dict[str, Any]) -> Look:
    """What a dry run answers: the capitalised names of the document, each related to the next."""
    from agents.text import names_in

    names = list(dict.fromkeys(names_in(inputs["document"])))[:MOST_ENTITIES]
    entities = [FoundEntity(name=n, type="person", description=f"{n} is mentioned.") for n in names]
    pairs = list(zip(names, names[1:], strict=False))[:MOST_RELATIONS]
    return Look(entities=entities, relations=[FoundRelation(source=a, target=b, description=f"{a} stands beside {b}.") for a, b in pairs])
