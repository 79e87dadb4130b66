"""The extractor: what a chunk names and how it hangs together (GraphRAG's first stage, arXiv 2404.16130, section 3.1.2).

Three questions in place of one, because a small model that is to list entities and relations together repeats its
lines and names no one in the relations (docs/quality.md): what is named here; of which type is each name that the list left
out; what has each pair of names in one sentence to do with each other. Names that no rule finds come from the first,
the second makes up for what it missed (gleaning), the third can only type and direct, since its lines begin and end with the pair.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, zip_longest
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from agents.found import Extraction, FoundEntity, FoundRelation
from agents.llm import Client
from agents.orders import gives_orders
from agents.proper_names import proper_names
from agents.role import Role, fence
from agents.text import names_in, words

MOST_ENTITIES = 10  # a free list never ends with a small model
MOST_GLEANED = 10
MOST_RELATIONS = 6
ENTITY_TYPES = ("person", "place", "organization", "thing", "event")
ENTITY = r"^[a-z]+: [^|\n\"]{2,50}$"
VERB = r'[^|:\n"]{2,40}'
NONE = "none"


class Look(BaseModel, extra="forbid"):
    """What the first look may list, a line each: "type: name" takes half the tokens of an object."""

    entities: list[Annotated[str, Field(pattern=ENTITY)]] = Field(max_length=MOST_ENTITIES)


PROMPT = """{{document}}

List what this document names.
- entities: at most ten, the most important first, each as "type: full name as written". Types: {{types}}. No pronouns, no common words.
"""

NAMES_PROMPT = """{{document}}

What is each of these names in the document?
{{names}}
Types: {{types}}. Write "none" for what is no name of anything there.
"""

RELATIONS_PROMPT = """{{document}}

What has each of these pairs to do with each other in the document?
{{pairs}}
Each line is "name | verb | name", the one who does it first, true by the document. Write "none" if the document does not say.
The verb takes two to five words, like "sold a mill to", "is captain of", "lives in".
"""

EXTRACTOR = Role("extractor", Look, PROMPT, max_tokens=300)
NAMES = "extractor.names"
RELATIONS = "extractor.relations"


async def extract(client: Client, title: str, text: str, types: Sequence[str]) -> Extraction:
    """Entities and relations of one chunk; the second and the third question are asked only where names and pairs are left for them."""
    document, listed = fence(f"{title}\n\n{text}"), ", ".join(types)
    look = await of_types(types).ask(client, document=document, types=listed)
    entities = [FoundEntity(name.strip(), kind) for kind, _, name in (line.partition(": ") for line in dict.fromkeys(look.entities))]
    if missed := left_out(text, [entity.name for entity in entities]):
        entities += await _gleaned(client, document, missed, types)
    pairs = pairs_in(text, [entity.name for entity in entities])
    return Extraction(entities=entities, relations=await _related(client, document, pairs) if pairs else [])


def left_out(text: str, listed: Sequence[str]) -> list[str]:
    """Names by rule that share no word with a listed one, the most frequent first, at most ten."""
    known = {word for name in listed for word in words(name)}
    named = [name for _, here in proper_names(text) for name in here if not known & set(words(name)) and not gives_orders(name)]
    return sorted(dict.fromkeys(named), key=lambda name: -named.count(name))[:MOST_GLEANED]


def pairs_in(text: str, listed: Sequence[str]) -> list[tuple[str, str]]:
    """Listed names that stand in one sentence, in the order of reading: of each sentence the first two, then further ones, at most six pairs.

    A name stands where it is written whole, or by a word of its own that begins with a capital ("Hale" for "Ann Hale").
    """
    names = [name for name in dict.fromkeys(listed) if not gives_orders(name)]
    rows = [combinations(_standing(sentence, names), 2) for sentence, _ in proper_names(text) if not sentence.startswith("#")]
    found: dict[frozenset[str], tuple[str, str]] = {}
    for row in zip_longest(*rows):
        for pair in filter(None, row):
            found.setdefault(frozenset(pair), pair)
    return list(found.values())[:MOST_RELATIONS]


def _standing(sentence: str, names: Iterable[str]) -> list[str]:
    """The names of a sentence by their places; of two at one place the longer one."""
    places: dict[int, str] = {}
    for name in names:
        parts = [name, *(part for part in name.split() if part[0].isupper() and len(part) > 2)]
        at = next((found.start() for part in parts if (found := re.search(rf"\b{re.escape(part)}\b", sentence))), None)
        if at is not None and len(name) > len(places.get(at, "")):
            places[at] = name
    return [places[at] for at in sorted(places)]


async def _gleaned(client: Client, document: str, names: Sequence[str], types: Sequence[str]) -> list[FoundEntity]:
    """The type of each name, asked for line by line; what is no name of anything is left out."""
    kinds = "|".join(_literal(kind) for kind in (*types, NONE))
    lines = await _lines(client, NAMES, NAMES_PROMPT, [rf"^({kinds}): {_literal(name)}$" for name in names], document, names, types=", ".join(types))
    found = [(line.partition(": ")[0], name) for line, name in zip(lines, names, strict=True)]
    return [FoundEntity(name, kind) for kind, name in found if kind in types]


async def _related(client: Client, document: str, pairs: Sequence[tuple[str, str]]) -> list[FoundRelation]:
    """What each pair has to do with each other, in the direction that the line gives it."""
    forms = [rf"^({_between(a, b)}|{_between(b, a)}|{NONE})$" for a, b in pairs]
    lines = await _lines(client, RELATIONS, RELATIONS_PROMPT, forms, document, [" and ".join(pair) for pair in pairs])
    parts = [(line.split(" | "), set(pair)) for line, pair in zip(lines, pairs, strict=True)]
    return [FoundRelation(*part) for part, pair in parts if len(part) == len("svo") and {part[0], part[2]} == pair and part[1].strip()]


def _between(a: str, b: str) -> str:
    return rf"{_literal(a)} \| {VERB} \| {_literal(b)}"


def _literal(text: str) -> str:
    """`text` as a pattern; `re.escape` escapes spaces too, which llama.cpp's grammar does not know."""
    return re.sub(r"[^\w\s'’-]", ".", text)


async def _lines(client: Client, role: str, prompt: str, forms: Sequence[str], document: str, asked: Sequence[str], **inputs: str) -> list[str]:
    """A line for each of `asked`, of the form given where the server holds a model to patterns; any other line is for the caller to leave out."""
    fields: dict[str, Any] = {f"line_{n}": (str, Field("", json_schema_extra={"pattern": form})) for n, form in enumerate(forms, 1)}
    schema = create_model("Lines", __config__=ConfigDict(json_schema_extra=_all_required), **fields)
    listed = fence("\n".join(f"line_{n}: {text}" for n, text in enumerate(asked, 1)), "lines")
    kind = "names" if role == NAMES else "pairs"
    found = await Role(role, schema, prompt, max_tokens=500).ask(client, document=document, **{kind: listed}, **inputs)
    return [str(line) for line in found.model_dump().values()]


def _all_required(schema: dict[str, Any]) -> None:
    """Every line is asked for; one that a server leaves out all the same is read as empty."""
    for line in schema["properties"].values():
        line.pop("default")
    schema |= {"required": list(schema["properties"]), "additionalProperties": False}


def of_types(types: Sequence[str]) -> Role[Look]:
    """The extractor; with a line pattern of its own where a type is more than a word in small letters ("Work of Art"), which no line could begin with."""
    if all(re.fullmatch("[a-z]+", kind) for kind in types):
        return EXTRACTOR
    line = rf"^({'|'.join(map(_literal, types))}): [^|\n\"]{{2,50}}$"
    look = create_model("Look", __base__=Look, entities=(list[Annotated[str, Field(pattern=line)]], Field(max_length=MOST_ENTITIES)))
    return replace(EXTRACTOR, schema=look)


def scripted(inputs: dict[str, Any]) -> Look:
    """What a dry run answers: the capitalised names of the document."""
    names = [name for name in dict.fromkeys(names_in(inputs["document"])) if 2 <= len(name) <= 40]
    return Look(entities=[f"person: {name}" for name in names[:MOST_ENTITIES]])


def scripted_names(inputs: dict[str, Any]) -> str:
    """What a dry run answers: every name is of the first type."""
    kind = inputs["types"].partition(", ")[0]
    return json.dumps({field: f"{kind}: {name}" for field, name in re.findall(r"^(line_\d+): (.+)$", inputs["names"], re.MULTILINE)})


def scripted_relations(inputs: dict[str, Any]) -> str:
    """What a dry run answers: each stands beside the other."""
    asked = re.findall(r"^(line_\d+): (.+) and (.+)$", inputs["pairs"], re.MULTILINE)
    return json.dumps({field: f"{a} | stands beside | {b}" for field, a, b in asked})
