"""Hand-made facts of five pages about a place that does not exist, and clients that answer from scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from agents.facts import Fact, Part
from agents.models.scripted import ScriptedModel
from agents.records import Chunk, Community, Document, Entity, Evidence
from agents.roles.registry import scripts
from agents.roles.row_critic import RowVerdict, Verdicts, row_numbers
from graphs.config import SynthesisConfig
from graphs.facts.rows import FactSources
from tests.conftest import client_of

Told = tuple[str, str, str, list[str]]  # page, statement, date, names

FACTS: list[Told] = [
    ("april", "Bastow Pask bought the blue boat from Wenna Tolley.", "2024-04-03", ["Bastow Pask", "Wenna Tolley"]),
    ("april", "The lens of Gull Point cost 90 crowns.", "2024-04-03", ["Gull Point"]),
    ("june", "Wenna Tolley moved to Marrow.", "2024-06-10", ["Wenna Tolley", "Marrow"]),
    ("june", "Bastow Pask keeps the lamp at Gull Point.", "2024-06-10", ["Bastow Pask", "Gull Point"]),
    ("july", "The ferry Kittiwake runs to Marrow.", "2024-07-01", ["Kittiwake", "Marrow"]),
    ("july", "The lens of Gull Point cost 110 crowns.", "2024-07-01", ["Gull Point"]),
]
PARTS = {"90 crowns": "number", "110 crowns": "number"}


def keep_all(inputs: dict[str, Any]) -> Verdicts:
    """A critic that finds no fault."""
    return Verdicts(verdicts=[RowVerdict(row=int(n), fault="none") for n in row_numbers(inputs["rows"])])


def sources_of(
    told: Sequence[Told] = FACTS, config: dict[str, Any] | None = None, **roles: Callable[[dict[str, Any]], Any]
) -> FactSources:
    """Facts with the documents, chunks and entities they need; `roles` answer (`question_writer__paths`).

    The model is `sources.clients["critic"].backend`.
    """
    model = ScriptedModel(
        {**scripts(), "critic.rows": keep_all, **{name.replace("__", "."): answer for name, answer in roles.items()}}
    )
    client = client_of(model)
    pages = {page: " ".join(statement for at, statement, _, _ in told if at == page) for page, *_ in told}
    documents = {p: Document(id=p, path=f"{p}.md", title=p.capitalize(), text=text) for p, text in pages.items()}
    chunks = {f"c-{p}": Chunk(id=f"c-{p}", document_id=p, start=0, end=len(t), text=t) for p, t in pages.items()}
    facts = {f"f{n}": _fact(f"f{n}", *one, pages) for n, one in enumerate(told)}
    names = list(dict.fromkeys(name for *_, named in told for name in named))
    entities = {
        f"e-{name}": Entity(
            id=f"e-{name}",
            name=name,
            type="person" if " " in name and "Point" not in name else "place",
            description="",
            chunk_ids=list(dict.fromkeys(f"c-{page}" for page, _, _, named in told if name in named)),
        )
        for name in names
    }
    return FactSources(
        config=SynthesisConfig.model_validate({"recipe": "facts", "phrasings": 2, **(config or {})}),
        clients=dict.fromkeys(("question_writer", "critic", "community_summarizer"), client),
        documents=documents,
        chunks=chunks,
        facts=facts,
        entities=entities,
        communities=communities_of(entities),
    )


def communities_of(entities: dict[str, Entity]) -> dict[str, Community]:
    """The whole, and in it the people of the boat and the places, without the ferry."""
    groups = {"c-people": ["Bastow Pask", "Wenna Tolley"], "c-places": ["Gull Point", "Marrow"]}
    root = Community(id="root", level=0, parent=None, entity_ids=sorted(entities), chunk_ids=[])
    below = [
        Community(id=cid, level=1, parent="root", entity_ids=[f"e-{name}" for name in names], chunk_ids=[])
        for cid, names in groups.items()
        if all(f"e-{name}" in entities for name in names)
    ]
    return {c.id: c for c in (root, *below)}


def requests(sources: FactSources, role: str) -> list[dict[str, Any]]:
    """What a role was asked, call by call."""
    model: Any = sources.clients["critic"].backend
    return [request.inputs for request in model.requests if request.role == role]


def turn() -> asyncio.Semaphore:
    return asyncio.Semaphore(4)


def _fact(fid: str, page: str, statement: str, date: str, names: list[str], pages: dict[str, str]) -> Fact:
    start = pages[page].index(statement)
    span = Evidence(chunk_id=f"c-{page}", start=start, end=start + len(statement), quote=statement)
    parts = [Part(kind="number", text=text) for text in PARTS if text in statement]
    return Fact(id=fid, statement=statement, evidence=[span], parts=parts, entities=names, date=date)
