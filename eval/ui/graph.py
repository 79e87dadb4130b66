"""The graph's routes: names, what joins them and their communities as a picture, and all about one name."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from agents.errors import InputError
from agents.records import Community, Entity
from eval.ui.run_files import RunFiles
from eval.ui.server import Route, json_of

if TYPE_CHECKING:
    from aiohttp import web

MOST_NODES = 5000  # drawn; those with the most relations
GOLDEN = math.pi * (3 - math.sqrt(5))
SPACE = 14.0  # between two nodes of a community, in the picture's units
LONGEST_NAME = 6  # words
WORD = re.compile(r"\w+(?:['’]\w+)*")
SHOWN = 20  # chunks, relations and rows of one name


class Graph:
    """The names of a run."""

    def __init__(self, files: RunFiles) -> None:
        self.files = files

    def routes(self) -> Sequence[Route]:
        """Method, path and handler of each."""
        return [("GET", "/api/graph", self.picture), ("GET", "/api/graph/entity", self.entity)]

    async def picture(self, _: web.Request) -> web.StreamResponse:
        """Nodes with their places, links and communities."""
        return json_of(await asyncio.to_thread(self._picture))

    def _picture(self) -> dict[str, Any]:
        folder = self.files.project.graph_dir
        names = ("entities", "relations", "communities", "reports")
        paths = [*(folder / f"{name}.jsonl" for name in names), self.files.project.data_dir / "examples.jsonl"]
        return self.files.made_of(paths, "picture", self._drawn)

    def _drawn(self) -> dict[str, Any]:
        degrees: Counter[str] = Counter()
        for relation in self.files.relations:
            degrees.update((relation.source, relation.target))
        all_of_them = sorted(self.files.entities, key=lambda e: (-degrees[e.id], e.name))
        entities = all_of_them[:MOST_NODES]
        homes = homes_of(self.files.communities)
        places = places_of([(entity.id, homes.get(entity.id, "")) for entity in entities])
        rows = self._rows()
        number = {entity.id: n for n, entity in enumerate(entities)}
        titles = {report.id: report.title for report in self.files.reports}
        size = Counter(homes.get(entity.id, "") for entity in entities)
        return {
            "nodes": [
                {
                    "id": entity.id,
                    "name": entity.name,
                    "type": entity.type,
                    "degree": degrees[entity.id],
                    "community": homes.get(entity.id, ""),
                    "rows": len(rows.get(entity.id, ())),
                    "x": places[entity.id][0],
                    "y": places[entity.id][1],
                }
                for entity in entities
            ],
            "links": [
                [number[r.source], number[r.target]]
                for r in self.files.relations
                if r.source in number and r.target in number and r.source != r.target
            ],
            "communities": [{"id": name, "title": titles.get(name, ""), "size": n} for name, n in size.most_common()],
            "left_out": len(all_of_them) - len(entities),
        }

    def _rows(self) -> dict[str, list[int]]:
        """By entity: the numbers of the kept rows that name it."""
        folder = self.files.project
        paths = [folder.graph_dir / "entities.jsonl", folder.data_dir / "examples.jsonl"]
        return self.files.made_of(paths, "rows by entity", lambda: naming(self.files.entities, self._texts()))

    def _texts(self) -> list[str]:
        return [f"{r.question} {r.answer} {' '.join(e.quote for e in r.evidence)}" for r in self.files.examples]

    async def entity(self, request: web.Request) -> web.StreamResponse:
        """All about one name."""
        return json_of(await asyncio.to_thread(self._entity, request.query.get("id", "")))

    def _entity(self, name: str) -> dict[str, Any]:
        by_id = {entity.id: entity for entity in self.files.entities}
        found = by_id.get(name)
        if found is None:
            raise InputError(f"the graph has no entity {name[:80]!r}", "reload the page")
        chunks = {chunk.id: chunk for chunk in self.files.chunks}
        documents, reports = self.files.places.by_id, {report.id: report for report in self.files.reports}
        relations = [r for r in self.files.relations if found.id in (r.source, r.target)]
        others = [(by_id.get(r.target if r.source == found.id else r.source), r.description) for r in relations]
        rows = [self.files.examples[n] for n in self._rows().get(found.id, ())]
        return {
            **found.model_dump(include={"id", "name", "type", "description", "aliases"}),
            "relations": [
                {"id": other.id, "name": other.name, "description": said} for other, said in others[:SHOWN] if other
            ],
            "chunks": [
                {
                    "document": chunk.document_id,
                    "path": documents[chunk.document_id].path,
                    "start": chunk.start,
                    "end": chunk.end,
                    "text": chunk.text[:400],
                }
                for cid in found.chunk_ids[:SHOWN]
                if (chunk := chunks.get(cid)) and chunk.document_id in documents
            ],
            "communities": [
                {
                    "level": community.level,
                    "members": len(community.entity_ids),
                    "title": reports[community.id].title if community.id in reports else "",
                    "summary": reports[community.id].summary if community.id in reports else "",
                }
                for community in sorted(self.files.communities, key=lambda c: -c.level)
                if found.id in community.entity_ids
            ],
            "rows": [{"id": row.id, "question": row.question, "answer": row.answer} for row in rows[:SHOWN]],
            "counts": {"rows": len(rows), "relations": len(relations), "chunks": len(found.chunk_ids)},
        }


def homes_of(communities: Iterable[Community]) -> dict[str, str]:
    """The community that colours an entity: the widest below the root, which holds everything."""
    homes: dict[str, str] = {}
    for community in sorted(communities, key=lambda c: (c.level == 0, c.level, c.id)):
        for entity in community.entity_ids:
            homes.setdefault(entity, community.id)
    return homes


def places_of(nodes: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Where each (id, community) stands: every community a sunflower, the communities around the biggest one."""
    members: dict[str, list[str]] = defaultdict(list)
    for name, community in nodes:
        members[community].append(name)
    places: dict[str, tuple[float, float]] = {}
    area = 0.0
    for n, (_, names) in enumerate(sorted(members.items(), key=lambda one: (-len(one[1]), one[0]))):
        radius = SPACE * (math.sqrt(len(names)) + 1.5)
        area += radius**2
        away = 1.45 * math.sqrt(area - radius**2 / 2) if n else 0.0
        centre = (away * math.cos(n * GOLDEN), away * math.sin(n * GOLDEN))
        for k, name in enumerate(names):
            at = SPACE * math.sqrt(k + 0.5)
            x, y = centre[0] + at * math.cos(k * GOLDEN), centre[1] + at * math.sin(k * GOLDEN)
            places[name] = (round(x, 1), round(y, 1))
    return places


def naming(entities: Iterable[Entity], texts: Sequence[str]) -> dict[str, list[int]]:
    """By entity: the numbers of the texts that hold its name or an alias, as whole words whatever their case."""
    by_name: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for entity in entities:
        for name in (entity.name, *entity.aliases):
            by_name[tuple(WORD.findall(name.lower()))].add(entity.id)
    by_name.pop((), None)
    found: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        words = WORD.findall(text.lower())
        named: set[str] = set()
        for at in range(len(words)):
            for length in range(1, LONGEST_NAME + 1):
                named |= by_name.get(tuple(words[at : at + length]), set())
        for entity in named:
            found[entity].append(number)
    return dict(found)
