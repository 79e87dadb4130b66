"""A page about a mill, and a writer that says what a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents.facts import Fact
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from agents.records import Chunk, Document, content_id
from agents.roles.passage_writer import MORE_WRITER, PASSAGE_WRITER, PassageDraft
from agents.roles.registry import scripts
from agents.roles.role import Role
from graphs.config import SynthesisConfig
from graphs.facts.passage import Draft, Page, facts_of
from graphs.facts.rows import FactSources, Question

TEXT = """# Minutes, 3 March

Ann Hale bought the mill from Tom Reed on 3 March for 5,300 crowns. She wants to grind rye there.

Nobody objected."""


def sources_of(*texts: str, **settings: Any) -> FactSources:
    """Documents of one chunk each, and scripted clients."""
    documents = [
        Document(id=content_id("document", t), path=f"{n}.md", title="Minutes, 3 March", text=t)
        for n, t in enumerate(texts)
    ]
    chunks = [
        Chunk(id=content_id("chunk", d.id), document_id=d.id, start=0, end=len(d.text), text=d.text) for d in documents
    ]
    config = ModelConfig.model_validate({"model": "scripted", "base_url": "http://127.0.0.1:9/v1"})
    client = Client(ScriptedModel(scripts()), CallStore(Path(":memory:")), config)
    return FactSources(
        config=SynthesisConfig.model_validate(settings),
        clients=dict.fromkeys(("question_writer", "critic", "community_summarizer", "extractor"), client),
        documents={d.id: d for d in documents},
        chunks={c.id: c for c in chunks},
    )


@dataclass
class ToldWriter:
    """Writes what it is told, round by round, and finds the faults that it is told."""

    first: PassageDraft
    later: list[Sequence[tuple[str, str]]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    """By question."""
    heard: list[Sequence[tuple[Fact, Sequence[str]]]] = field(default_factory=list)
    role: Role[Any] = PASSAGE_WRITER
    more_role: Role[Any] = MORE_WRITER

    async def write(self, page: Page) -> Draft:
        facts, questions = facts_of(page, self.first)
        return Draft(facts=facts, questions=questions, untold={u.sentence: u.reason for u in self.first.untold})

    async def more(self, page: Page, needs: Sequence[tuple[Fact, Sequence[str]]]) -> list[Question]:
        self.heard.append(needs)
        fact = needs[0][0]
        asked = self.later.pop(0) if self.later else []
        return [Question("local", fact.id, "thing", q, a, fact.statement, fact.evidence) for q, a in asked]

    async def judge(self, page: Page, questions: Sequence[Question]) -> list[str]:
        return [self.faults.get(question.question, "none") for question in questions]


@pytest.fixture
def page() -> Page:
    """The page about the mill."""
    sources = sources_of(TEXT)
    return Page(sources, next(iter(sources.chunks.values())))
