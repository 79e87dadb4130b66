"""The extractor: what a chunk names and how it hangs together.

It is the first stage of GraphRAG (arXiv 2404.16130, section 3.1.2), in two questions: what is named here, and, where a
rule finds names that the list left out, of which type each of these is (gleaning). What names have to do with each
other is quoted from the page (agents/text/relations.py): a small model that is to list entities and relations together
repeats its lines and names no one in the relations (docs/results/embedded-teacher.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from agents.extraction import Extraction, FoundEntity
from agents.models.client import Client
from agents.roles.lines import Lines, ask_lines, listed_in, literal
from agents.roles.role import Role, fence
from agents.text.names import names_in
from agents.text.prompt_injection import gives_orders
from agents.text.proper_names import proper_names
from agents.text.relations import related
from agents.text.words import words

MOST_ENTITIES = 10  # a free list never ends with a small model
MOST_GLEANED = 10
ENTITY_TYPES = ("person", "place", "organization", "thing", "event")
NAMED = r"[^|\n\"]{2,50}"


class Look(BaseModel, extra="forbid"):
    """What the first look may list, a line each: "type: name" takes half the tokens of an object."""

    entities: list[str] = Field(max_length=MOST_ENTITIES)


PROMPT = """{{document}}

List what this document names.
- entities: at most ten, the most important first, each as "type: full name as written". Types: {{types}}. No pronouns, no common words.
"""  # noqa: E501

NAMES_PROMPT = """{{document}}

What is each of these names in the document?
{{lines}}
Types: {{types}}.
"""


def scripted(inputs: dict[str, Any]) -> Look:
    """What a dry run answers: the capitalised names of the document."""
    names = [name for name in dict.fromkeys(names_in(inputs["document"])) if 2 <= len(name) <= 40]
    return Look(entities=[f"person: {name}" for name in names[:MOST_ENTITIES]])


def scripted_names(inputs: dict[str, Any]) -> str:
    """What a dry run answers: every name is of the first type."""
    kind = inputs["types"].partition(", ")[0]
    return json.dumps({field: f"{kind}: {name}" for field, name in listed_in(inputs["lines"])})


EXTRACTOR = Role("extractor", Look, PROMPT, max_tokens=300, script=scripted, usual_tokens=150)
NAMER = Role("extractor.names", Lines, NAMES_PROMPT, max_tokens=400, script=scripted_names, usual_tokens=150)


async def extract(client: Client, title: str, text: str, types: Sequence[str]) -> Extraction:
    """Entities and relations of one chunk.

    The second question is asked only where names are left for it. Raises what `Role.ask` raises.
    """
    document, listed = fence(f"{title}\n\n{text}"), ", ".join(types)
    look = await of_types(types).ask(client, document=document, types=listed)
    entities = read(look)
    if missed := left_out(text, [entity.name for entity in entities]):
        entities += await _gleaned(client, document, missed, types)
    return Extraction(entities=entities, relations=related(text, [entity.name for entity in entities]))


def read(look: Look) -> list[FoundEntity]:
    """The lines taken apart; one without a type is no entity."""
    parts = (line.partition(": ") for line in dict.fromkeys(look.entities))
    return [FoundEntity(name.strip(), kind.strip()) for kind, _, name in parts if name.strip()]


def left_out(text: str, listed: Sequence[str]) -> list[str]:
    """Names by rule that share no word with a listed one, the most frequent first, at most ten.

    A single word that only ever begins a sentence ("Nor", "Dear") may be none.
    """
    known = {word for name in listed for word in words(name)}
    found = [
        (sentence, name)
        for sentence, here in proper_names(text)
        for name in here
        if not known & set(words(name)) and not gives_orders(name)
    ]
    inside = {name for sentence, name in found if " " in name or sentence.lstrip("#> *-\"'“‘").find(name) > 0}
    named = [name for _, name in found if name in inside]
    return sorted(dict.fromkeys(named), key=lambda name: -named.count(name))[:MOST_GLEANED]


async def _gleaned(client: Client, document: str, names: Sequence[str], types: Sequence[str]) -> list[FoundEntity]:
    """The type of each name, asked for line by line; a name whose line is missing or begins otherwise is left out.

    None may be "none": a small model that has said so once says it to the end.
    """
    forms = [rf"^({_any(types)}): {literal(name)}$" for name in names]
    lines = await ask_lines(NAMER, client, names, forms, document=document, types=", ".join(types))
    found = [(line.partition(": ")[0].strip(), name) for line, name in zip(lines, names, strict=True)]
    return [FoundEntity(name, kind) for kind, name in found if kind in types]


def _any(types: Sequence[str]) -> str:
    return "|".join(map(literal, types))


def of_types(types: Sequence[str]) -> Role[Look]:
    """The extractor whose lines begin with one of the types: left to itself a small model writes "netloft: place"."""
    return replace(EXTRACTOR, schema=_look(tuple(types)))


@cache
def _look(types: tuple[str, ...]) -> type[Look]:
    pattern = rf"^({_any(types)}): {NAMED}$"
    lines = (list[Annotated[str, Field(json_schema_extra={"pattern": pattern})]], Field(max_length=MOST_ENTITIES))
    return create_model("Look", __base__=Look, entities=lines)
