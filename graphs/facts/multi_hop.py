"""Paths over two documents: facts that share a name, which the question replaces by what one of them tells of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from agents.errors import ITEM_ERRORS
from agents.facts import Fact
from agents.progress import Stage
from agents.records import Entity, content_id
from agents.roles.path_writer import PATH_WRITER, Pair, PathDraft, write_paths
from agents.text.language import language_name
from agents.text.spans import locate
from agents.text.values import same_value
from graphs.facts.pairs import by_turns
from graphs.facts.rows import FactSources, Question, Written, rejection
from graphs.facts.told import (
    Told,
    check_question,
    documents_of,
    each_batch,
    facts_by_entity,
    judged,
    sorted_out,
    together,
)

PATHS_A_CALL = 9
MOST_STEPS = 20  # a name on every page has too many pairs to look at
MOST_LENGTH = 100  # characters of an answer: a short span


class Path(NamedTuple):
    """Two facts of different documents, `a` and `b`, and the entity that both name."""

    bridge: Entity
    a: Fact
    b: Fact

    @property
    def id(self) -> str:
        """Groups the questions over the pair."""
        return content_id("path", self.a.id, self.b.id)


def paths(sources: FactSources) -> list[Path]:
    """Pairs to ask about: as many as `multi_hop.share` and `multi_hop.briefs` say, in seeded order.

    Every entity has its turn, and a fact is used again only where its entity has no other left, so that they are spread
    over entities, facts and documents. The work is linear in what facts name.
    """
    config = sources.config.multi_hop
    wanted = round(config.share * len(sources.facts))
    wanted = min(wanted, config.briefs) if config.briefs else wanted
    queues = [_pairs(sources, sources.entities[entity], facts) for entity, facts in facts_by_entity(sources).items()]
    random.Random(f"paths {sources.config.seed}").shuffle(queues)
    return by_turns(queues, lambda path: (path.a, path.b), wanted)


def _pairs(sources: FactSources, entity: Entity, facts: Sequence[Fact]) -> Iterator[Path]:
    """The pairs of an entity's facts: each with its next one in a shuffled round, then with the one after that."""
    ring = sorted(facts, key=lambda fact: content_id("drawn", sources.config.seed, entity.id, fact.id))
    homes = [documents_of(sources, fact) for fact in ring]
    for step in range(1, min(len(ring) // 2, MOST_STEPS) + 1):
        for n in range(len(ring)):
            other = (n + step) % len(ring)
            if not homes[n] & homes[other]:
                yield Path(entity, ring[n], ring[other])


async def write_multi_hop(sources: FactSources, turn: asyncio.Semaphore, stage: Stage | None = None) -> Written:
    """Rows over paths: one call writes for several pairs, one judges what it wrote. `stage` counts paths."""
    found = paths(sources)
    batches = [found[at : at + PATHS_A_CALL] for at in range(0, len(found), PATHS_A_CALL)]
    return together(await each_batch(batches, partial(_of_batch, sources), turn, stage))


async def _of_batch(sources: FactSources, batch: Sequence[Path]) -> Written:
    told = Told(sources, list({fact.id: fact for path in batch for fact in (path.a, path.b)}.values()))
    lines = dict(zip((fact.id for fact in told.facts), told.lines, strict=True))
    pairs = [Pair(path.bridge.name, lines[path.a.id], lines[path.b.id]) for path in batch]
    client, phrasings = sources.clients["question_writer"], sources.config.phrasings
    try:
        drafts = await write_paths(client, pairs, language_name(told.language), phrasings)
    except ITEM_ERRORS as error:
        return Written([], [rejection(_failed(path), "writer", error.reason, 1, error.said) for path in batch])
    checked = [
        (
            asked,
            check_path(asked, path, draft, told.language)
            or check_question(asked, Told(sources, [path.a, path.b], told.language)),
        )
        for draft in drafts
        for path in [batch[draft.pair - 1]]
        for asked in _questions(path, draft)
    ]
    passed, rejected = sorted_out(checked, told.language)
    kept = await judged(told, passed, PATH_WRITER)
    return Written(kept.examples, [*rejected, *kept.rejected])


def _questions(path: Path, draft: PathDraft) -> list[Question]:
    clue, target = _ordered(path, draft)
    statement = f"{clue.statement} {target.statement}"
    return [
        Question("multi_hop", path.id, "bridge", " ".join(question.split()), draft.answer.strip(), statement, evidence)
        for evidence in [[*clue.evidence, *target.evidence]]
        for question in draft.questions
    ]


def check_path(asked: Question, path: Path, draft: PathDraft, language: str) -> str | None:
    """Why a question over a path needs no two facts, or its answer is none of the second one; None if all is well."""
    clue, target = _ordered(path, draft)
    names = [path.bridge.name, *path.bridge.aliases]
    if path.bridge.type == "person":  # "Reed" tells who "Tom Reed" is
        names += [part for part in path.bridge.name.split() if len(part) > 2]
    if any(locate(name, asked.question) for name in names):
        return "names the bridge"
    if any(locate(name, asked.answer) for name in names):
        return "asks for the bridge"
    if len(asked.answer) > MOST_LENGTH or not any(
        locate(asked.answer, text) or same_value(asked.answer, text, language) for text in _texts(target)
    ):
        return "answer not in its fact"
    return "one document is enough" if any(locate(asked.answer, text) for text in _texts(clue)) else None


def _ordered(path: Path, draft: PathDraft) -> tuple[Fact, Fact]:
    """The fact that describes the bridge, and the one that is asked for."""
    return (path.a, path.b) if draft.asked == "b" else (path.b, path.a)


def _texts(fact: Fact) -> list[str]:
    return [fact.statement, *(e.quote for e in fact.evidence)]


def _failed(path: Path) -> Question:
    """Stands in for the questions that a failed call did not write."""
    statement = f"{path.a.statement} {path.b.statement}"
    return Question("multi_hop", path.id, "bridge", "", "", statement, [])
