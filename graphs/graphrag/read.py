"""A GraphRAG index becomes our items, in place of reading, extraction, merge, communities and reports: no call is made.

Text units are the chunks and keep their ids, as do entities, relationships and communities. A row that names what the
index does not hold loses that name, or is left out if none remains; each is told by file and row.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.records import Chunk, Community, Document, Entity, Item, Relation, Report, Skipped
from graphs.corpus.readers import LONGEST_TITLE
from graphs.graphrag.index_reading import IndexReading
from graphs.graphrag.reports import read_reports
from graphs.graphrag.tables import read_tables, whole
from graphs.graphrag.text_units import read_units
from graphs.knowledge.communities import CHUNKS_OF_COMMUNITY, chunks_of, root_of


@dataclass(frozen=True)
class Index:
    """The items of an index, and what of it was left out."""

    documents: list[Document]
    chunks: list[Chunk]
    entities: list[Entity]
    relations: list[Relation]
    communities: list[Community]
    reports: list[Report]
    skipped: list[Skipped]
    rebuilt: int
    """Documents whose text is put together from their text units.

    The index does not hold it, or not as it was cut.
    """
    unproven: int
    """Claims of reports that no sentence of the text units carries: left out."""
    files: int

    @property
    def items(self) -> dict[str, Sequence[Item]]:
        """By the name of their file under graph/."""
        return {
            name: getattr(self, name)
            for name in ("documents", "skipped", "chunks", "entities", "relations", "communities", "reports")
        }

    @property
    def counts(self) -> dict[str, int]:
        """How many; files are the tables, parts their rows."""
        return {
            "files": self.files,
            "files_read": self.files,
            "files_skipped": 0,
            "parts_skipped": len(self.skipped),
            "documents_rebuilt": self.rebuilt,
            "claims_left_out": self.unproven,
            **{name: len(items) for name, items in self.items.items() if name != "skipped"},
        }


def read_index(folder: Path) -> Index:
    """The items of the GraphRAG index in `folder`; the same index gives the same items.

    Raises:
        InputError: see `read_tables` and `read_units`.

    """
    reading = IndexReading(read_tables(folder))
    return index_of(reading, read_units(reading))


def index_of(reading: IndexReading, units: tuple[list[Document], list[Chunk], int]) -> Index:
    """The index of tables whose text units were read; what it leaves out is added to `reading.skipped`."""
    documents, chunks, rebuilt = units
    entities = _entities(reading, {chunk.id: chunk.text for chunk in chunks})
    relations = _relations(reading, entities, {chunk.id for chunk in chunks})
    communities, numbers = _communities(reading, entities, {chunk.id for chunk in chunks})
    reports, unproven = read_reports(reading, chunks, entities, relations, communities, numbers)
    return Index(
        documents=documents,
        chunks=chunks,
        entities=[*entities.values()],
        relations=[*relations.values()],
        communities=communities,
        reports=reports,
        skipped=reading.skipped,
        rebuilt=rebuilt,
        unproven=unproven,
        files=len(reading.tables),
    )


def _entities(reading: IndexReading, texts: Mapping[str, str]) -> dict[str, Entity]:
    found: dict[str, Entity] = {}
    for number, row in reading.rows("entities"):
        title = (row["title"] or "").strip()
        if not title:
            reading.skip("entities", number, "no text", "title is empty")
        elif len(title) > LONGEST_TITLE:
            reading.skip(
                "entities",
                number,
                "too large",
                f"title has {len(title)} characters, more than {LONGEST_TITLE}: no name",
            )
        elif ids := reading.known("entities", number, "text_unit_ids", texts, "unknown text unit"):
            aliases = row.get("aliases")
            name, aliases = (title, aliases) if aliases is not None else _spelled(title, [texts[i] for i in ids])
            kind, description = _lowered(row["type"] or ""), row["description"] or ""
            found[row["id"]] = Entity(
                id=row["id"], name=name, type=kind, description=description, aliases=aliases, chunk_ids=ids
            )
    return found


def _lowered(kind: str) -> str:
    return kind.lower() if kind.isupper() else kind


def _spelled(title: str, texts: Sequence[str]) -> tuple[str, list[str]]:
    """The name as the text units spell it most often, and its other spellings.

    GraphRAG writes every title in capitals.
    """
    if not title.isupper():
        return title, []
    words = r"\s+".join(re.escape(word) for word in title.split())
    pattern = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
    spellings = Counter(" ".join(match.split()) for text in texts for match in pattern.findall(text))
    name = min(spellings, key=lambda s: (-spellings[s], s), default=title)
    return name, sorted({title, *spellings} - {name})


def _relations(
    reading: IndexReading, entities: Mapping[str, Entity], chunk_ids: Collection[str]
) -> dict[str, Relation]:
    titles: dict[str, list[str]] = {}
    for _, row in reading.rows("entities"):
        if row["id"] in entities:
            titles.setdefault(row["title"], []).append(row["id"])
    found: dict[str, Relation] = {}
    for number, row in reading.rows("relationships"):
        ends = {
            end: [row[f"{end}_id"]] if row.get(f"{end}_id") else titles.get(row[end], [])
            for end in ("source", "target")
        }
        if lost := [end for end, ids in ends.items() if len(ids) != 1 or ids[0] not in entities]:
            reading.skip(
                "relationships",
                number,
                "unknown entity",
                f"{lost[0]} {row[lost[0]]!r} is the title of {len(ends[lost[0]])} entities",
            )
        elif ids := reading.known("relationships", number, "text_unit_ids", chunk_ids, "unknown text unit"):
            weight = row["weight"]
            if weight is None or not math.isfinite(weight):
                weight = 1.0  # GraphRAG's own default
            description, source, target = row["description"] or "", ends["source"][0], ends["target"][0]
            found[row["id"]] = Relation(
                id=row["id"], source=source, target=target, description=description, weight=weight, chunk_ids=ids
            )
    return found


def _communities(
    reading: IndexReading, entities: Mapping[str, Entity], chunk_ids: Collection[str]
) -> tuple[list[Community], dict[int, Community]]:
    """The communities under one root, which GraphRAG does not make; and by their numbers."""
    members = {
        n: ids
        for n, _ in reading.rows("communities")
        if (ids := reading.known("communities", n, "entity_ids", entities, "unknown entity"))
    }
    rows = {n: row for n, row in reading.rows("communities") if n in members}
    if not entities:
        return [], {}
    tops = [n for n, row in rows.items() if whole(row["level"]) == 0]
    rooted = len(tops) == 1 and set(members[tops[0]]) == set(entities)
    added = [] if rooted else [root_of(list(entities.values()))]
    root = rows[tops[0]]["id"] if rooted else added[0].id
    ids = {int(row["community"]): row["id"] for row in rows.values()}
    levels = {int(row["community"]): whole(row["level"]) or 0 for row in rows.values()}
    found: dict[int, Community] = {}
    for n, row in rows.items():
        parent = whole(row["parent"])
        if parent not in ids and parent not in (None, -1):
            reading.skip(
                "communities",
                n,
                "unknown community",
                f"its parent {parent} is left out or never was: it stands under the whole",
            )
        elif parent in ids and levels[parent] >= levels[int(row["community"])]:  # no circle of parents is walked
            reading.skip(
                "communities",
                n,
                "unknown community",
                f"its parent {parent} is not of a higher level: it stands under the whole",
            )
            parent = None
        named = (
            reading.known("communities", n, "text_unit_ids", chunk_ids, "unknown text unit")
            if row["text_unit_ids"]
            else []
        )
        found[int(row["community"])] = Community(
            id=row["id"],
            level=(whole(row["level"]) or 0) + len(added),
            parent=None if row["id"] == root else ids.get(-1 if parent is None else parent, root),
            entity_ids=members[n],
            chunk_ids=named or chunks_of(members[n], entities)[:CHUNKS_OF_COMMUNITY],
        )
    return [*added, *found.values()], found
