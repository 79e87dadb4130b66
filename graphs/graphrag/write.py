"""Our items become the rows of a GraphRAG index, which `graphs.graphrag.read` reads back to the same items.

A finding names its chunks as GraphRAG's own reports do, "[Data: Sources (3, 5)]", by the numbers of the text units.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from agents.records import Chunk, Community, Document, Entity, Relation, Report
from agents.text.words import CHARACTERS_PER_TOKEN
from graphs.knowledge.mentions import by_chunk

Rows = list[dict[str, Any]]


def index_rows(
    documents: Sequence[Document],
    chunks: Sequence[Chunk],
    entities: Sequence[Entity],
    relations: Sequence[Relation],
    communities: Sequence[Community],
    reports: Sequence[Report],
) -> dict[str, Rows]:
    """The rows by table, numbered from 0; ids and order are those of the items."""
    numbered = _communities(communities, relations)
    return {
        "documents": _documents(documents, chunks),
        "text_units": _units(chunks, entities, relations),
        "entities": _entities(entities, relations),
        "relationships": _relationships(relations, {e.id: e.name for e in entities}),
        "communities": numbered,
        "community_reports": _reports(
            reports, {row["id"]: row for row in numbered}, {chunk.id: n for n, chunk in enumerate(chunks)}
        ),
    }


def _documents(documents: Sequence[Document], chunks: Sequence[Chunk]) -> Rows:
    units: dict[str, list[str]] = defaultdict(list)
    for chunk in chunks:
        units[chunk.document_id].append(chunk.id)
    return [
        {
            "id": document.id,
            "human_readable_id": n,
            "title": document.title,
            "text": document.text,
            "text_unit_ids": units[document.id],
            "metadata": json.dumps(document.metadata, ensure_ascii=False),
            "path": document.path,
        }
        for n, document in enumerate(documents)
    ]


def _units(chunks: Sequence[Chunk], entities: Sequence[Entity], relations: Sequence[Relation]) -> Rows:
    named, related = by_chunk(entities), by_chunk(relations)
    return [
        {
            "id": chunk.id,
            "human_readable_id": n,
            "text": chunk.text,
            "n_tokens": -(-len(chunk.text) // CHARACTERS_PER_TOKEN),  # an estimate
            "document_ids": [chunk.document_id],
            "document_id": chunk.document_id,
            "entity_ids": [entity.id for entity in named[chunk.id]],
            "relationship_ids": [relation.id for relation in related[chunk.id]],
            "covariate_ids": [],
            "start": chunk.start,
        }
        for n, chunk in enumerate(chunks)
    ]


def _degrees(relations: Sequence[Relation]) -> Counter[str]:
    return Counter(end for relation in relations for end in (relation.source, relation.target))


def _entities(entities: Sequence[Entity], relations: Sequence[Relation]) -> Rows:
    degrees = _degrees(relations)
    return [
        {
            "id": entity.id,
            "human_readable_id": n,
            "title": entity.name,
            "type": entity.type,
            "description": entity.description,
            "text_unit_ids": entity.chunk_ids,
            "frequency": len(entity.chunk_ids),
            "degree": degrees[entity.id],
            "x": 0.0,
            "y": 0.0,
            "aliases": entity.aliases,
        }
        for n, entity in enumerate(entities)
    ]


def _relationships(relations: Sequence[Relation], names: Mapping[str, str]) -> Rows:
    degrees = _degrees(relations)
    return [
        {
            "id": relation.id,
            "human_readable_id": n,
            "source": names[relation.source],
            "target": names[relation.target],
            "description": relation.description,
            "weight": relation.weight,
            "combined_degree": degrees[relation.source] + degrees[relation.target],
            "text_unit_ids": relation.chunk_ids,
            "source_id": relation.source,
            "target_id": relation.target,
        }
        for n, relation in enumerate(relations)
    ]


def _communities(communities: Sequence[Community], relations: Sequence[Relation]) -> Rows:
    numbers = {community.id: n for n, community in enumerate(communities)}
    children: dict[str | None, list[int]] = defaultdict(list)
    for community in communities:
        children[community.parent].append(numbers[community.id])
    leaving: dict[str, list[Relation]] = defaultdict(list)
    for relation in relations:
        leaving[relation.source].append(relation)
    return [
        {
            "id": community.id,
            "human_readable_id": n,
            "community": n,
            "level": community.level,
            "parent": numbers[community.parent] if community.parent else -1,
            "children": children[community.id],
            "title": f"Community {n}",
            "entity_ids": community.entity_ids,
            "relationship_ids": _within(community, leaving),
            "text_unit_ids": community.chunk_ids,
            "period": "",  # the day of indexing; left out, so that the same run gives the same bytes
            "size": len(community.entity_ids),
        }
        for n, community in enumerate(communities)
    ]


def _within(community: Community, leaving: Mapping[str, Sequence[Relation]]) -> list[str]:
    """The relations with both ends in the community."""
    members = set(community.entity_ids)
    return [
        relation.id for eid in community.entity_ids for relation in leaving.get(eid, ()) if relation.target in members
    ]


def _reports(reports: Sequence[Report], communities: Mapping[str, dict[str, Any]], units: Mapping[str, int]) -> Rows:
    shared = ("human_readable_id", "community", "level", "parent", "children", "period", "size")
    return [
        {
            **{column: communities[report.id][column] for column in shared},
            "id": report.id,
            "title": report.title,
            "summary": report.summary,
            "findings": (findings := _findings(report, units)),
            "full_content": "\n\n".join(
                [f"# {report.title}", report.summary, *(f"## {f['summary']}\n\n{f['explanation']}" for f in findings)]
            ),
            "full_content_json": json.dumps(
                {"title": report.title, "summary": report.summary, "findings": findings}, ensure_ascii=False
            ),
            "rank": 1.0,
            "rating_explanation": "Reports are not rated.",
        }
        for report in reports
    ]


def _findings(report: Report, units: Mapping[str, int]) -> list[dict[str, str]]:
    return [
        {
            "summary": finding.claim,
            "explanation": f"{finding.claim} [Data: Sources ({', '.join(str(units[c]) for c in finding.chunk_ids)})]",
        }
        for finding in report.findings
    ]
