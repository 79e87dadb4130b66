"""The extractor: what a chunk says, as entities and relations (GraphRAG's first stage, arXiv 2404.16130, section 3.1.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from agents.llm import Client
from agents.role import Role, fence
from agents.text import names_in

MOST_ENTITIES = 10  # a free list never ends with a small model; a full list earns a second look
MOST_RELATIONS = 6
ENTITY_TYPES = ("person", "place", "organization", "thing", "event")
ENTITY = r"^[a-z]+: [^|\n\"]{2,50}$"
RELATION = r"^[^|:\n\"]{2,40} \| [^|\n\"]{2,40} \| [^|:\n\"]{2,40}$"


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
    """Everything found in one chunk, over both looks."""

    entities: list[FoundEntity]
    relations: list[FoundRelation]


class Look(BaseModel, extra="forbid"):
    """What one look may list, a line each: "type: name" and "source | relation | target" take half the tokens of objects."""

    entities: list[Annotated[str, Field(pattern=ENTITY)]] = Field(max_length=MOST_ENTITIES)
    relations: list[Annotated[str, Field(pattern=RELATION)]] = Field(max_length=MOST_RELATIONS)

    def read(self) -> Extraction:
        """The lines taken apart."""
        entities = [FoundEntity(name.strip(), kind) for kind, _, name in (line.partition(": ") for line in dict.fromkeys(self.entities))]
        parts = [line.split(" | ") for line in dict.fromkeys(self.relations)]
        return Extraction(entities=entities, relations=[FoundRelation(a.strip(), verb.strip(), b.strip()) for a, verb, b in parts])


PROMPT = """{{document}}

List what this document names.
- entities: at most ten, the most important first, each as "type: full name as written". Types: {{types}}. No pronouns, no common words.
- relations: at most six, each as "one name | verb | another name", both from your list, true by the document.
{{known}}"""

EXTRACTOR = Role("extractor", Look, PROMPT, max_tokens=500)


async def extract(client: Client, title: str, text: str, types: Sequence[str]) -> Extraction:
    """Entities and relations of one chunk; when the first look came back full, a second one asks for what it left out (gleaning)."""
    inputs = {"document": fence(f"{title}\n\n{text}"), "types": ", ".join(types), "known": ""}
    role = _of_types(types)
    first = await role.ask(client, **inputs)
    if len(set(first.entities)) < MOST_ENTITIES:
        return first.read()
    known = "Already listed, leave them out: " + ", ".join(first.entities)
    second = await role.ask(client, **{**inputs, "known": known})
    looks = (first.read(), second.read())
    return Extraction(entities=[e for look in looks for e in look.entities], relations=[r for look in looks for r in look.relations])


def _of_types(types: Sequence[str]) -> Role[Look]:
    """The extractor; with a line pattern of its own where a type is more than a word in small letters ("Work of Art"), which no line could begin with."""
    if all(re.fullmatch("[a-z]+", kind) for kind in types):
        return EXTRACTOR
    known = "|".join(re.sub(r"[^\w ]", ".", kind) for kind in types)
    line = rf"^({known}): [^|\n\"]{{2,50}}$"
    look = create_model("Look", __base__=Look, entities=(list[Annotated[str, Field(pattern=line)]], Field(max_length=MOST_ENTITIES)))
    return replace(EXTRACTOR, schema=look)


def scripted(inputs: dict[str, Any]) -> Look:
    """What a dry run answers: the capitalised names of the document, each related to the next."""
    names = [name for name in dict.fromkeys(names_in(inputs["document"])) if 2 <= len(name) <= 40][:MOST_ENTITIES]
    pairs = list(zip(names, names[1:], strict=False))[:MOST_RELATIONS]
    return Look(entities=[f"person: {name}" for name in names], relations=[f"{a} | stands beside | {b}" for a, b in pairs])
