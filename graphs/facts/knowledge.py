"""The facts of all passages as one knowledge: the same fact of several pages once, entities, relations.

Entities are what the passages name; a relation joins two entities that one fact names, in the words of the fact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from agents.extraction import Extraction, FoundEntity
from agents.facts import Fact, Passage
from agents.records import Chunk, Entity, Relation, content_id
from agents.text.spans import locate
from graphs.knowledge.mentions import by_chunk
from graphs.knowledge.merge import KnowledgeConfig, Merging

MOST_TOGETHER = 6  # entities of a fact that are joined with each other: a list of twenty says nothing of each pair


def merged_facts(passages: Iterable[Passage]) -> list[Fact]:
    """Every fact once, with the evidence of all pages that say it, in the order in which the passages are given."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for passage in passages:
        for fact in passage.facts:
            found[fact.id].append(fact)
    return [_one(same) for same in found.values()]


def _one(same: Sequence[Fact]) -> Fact:
    spans = {(e.chunk_id, e.start): e for fact in same for e in fact.evidence}
    parts = {(p.kind, p.text): p for fact in same for p in fact.parts}
    return same[0].model_copy(
        update={
            "evidence": list(spans.values()),
            "parts": list(parts.values()),
            "entities": list(dict.fromkeys(name for fact in same for name in fact.entities)),
            "date": next((fact.date for fact in same if fact.date), ""),
        }
    )


def merging_of(passages: Sequence[Passage], chunks: Sequence[Chunk], config: KnowledgeConfig) -> Merging:
    """Entities of the whole corpus in the making, by the names of its passages; `relations_of` adds the relations."""
    extractions = {
        passage.chunk_id: Extraction(
            entities=[FoundEntity(name.name, name.type) for name in passage.names],
            relations=[],
        )
        for passage in passages
    }
    return Merging(extractions, chunks, config)


def entities_by_name(entities: Iterable[Entity]) -> dict[str, Entity]:
    """Every name and alias; of two entities with the same one, the first by id."""
    found: dict[str, Entity] = {}
    for entity in sorted(entities, key=lambda e: e.id):
        for name in (entity.name, *entity.aliases):
            found.setdefault(name.casefold(), entity)
    return found


def canonical_facts(facts: Sequence[Fact], entities: Sequence[Entity]) -> list[Fact]:
    """The facts with the entities that they name, by the entities' own names."""
    by_name, mentioned = entities_by_name(entities), by_chunk(entities)
    found = []
    for fact in facts:
        here = [e for cid in dict.fromkeys(span.chunk_id for span in fact.evidence) for e in mentioned[cid]]
        named = [by_name[name.casefold()].name for name in fact.entities if name.casefold() in by_name]
        named += [e.name for e in here if any(locate(name, fact.statement) for name in (e.name, *e.aliases))]
        found.append(fact.model_copy(update={"entities": list(dict.fromkeys(named))}))
    return found


def relations_of(facts: Sequence[Fact], entities: Sequence[Entity]) -> list[Relation]:
    """A relation for two entities that facts name together; it says what those facts say."""
    by_name: Mapping[str, Entity] = {entity.name: entity for entity in entities}
    told: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        ids = [by_name[name].id for name in fact.entities if name in by_name][:MOST_TOGETHER]
        for a, b in combinations(ids, 2):
            told[(a, b) if a < b else (b, a)].append(fact)
    return sorted(
        (
            Relation(
                id=content_id("relation", a, b),
                source=a,
                target=b,
                description=" ".join(dict.fromkeys(fact.statement for fact in about)),
                weight=float(len({e.chunk_id for fact in about for e in fact.evidence})),
                chunk_ids=sorted({e.chunk_id for fact in about for e in fact.evidence}),
            )
            for (a, b), about in told.items()
        ),
        key=lambda relation: relation.id,
    )
