"""Extractions become one knowledge graph: names merged, every chunk that mentions an entity found."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from agents.config import Section
from agents.extractor import ENTITY_TYPES, Extraction, FoundEntity, FoundRelation
from agents.records import Chunk, Entity, Relation, content_id
from agents.text import sentences

if TYPE_CHECKING:
    import networkx as nx

MOST_DESCRIPTION = 1200  # characters
CO_MENTION_WEIGHT = 0.25  # of a stated relation: keeps entities together that a small extractor did not relate


class KnowledgeConfig(Section):
    """[knowledge]: what the extractor looks for and how communities are cut."""

    entity_types: list[str] = Field(list(ENTITY_TYPES), min_length=1, description="types the extractor may give")
    community_size: int = Field(8, ge=2, description="most entities of a community before it is split (GraphRAG's default is 10)")


def canonical(name: str) -> str:
    """A name as it is compared: case, articles and punctuation folded; "Ann's house" keeps its s, so that it is no longer name of Ann."""
    return re.sub(r"^(the|a|an) ", "", " ".join(re.findall(r"\w+", name.casefold())))


def merge(extractions: Mapping[str, Extraction], chunks: Sequence[Chunk], types: Sequence[str]) -> tuple[list[Entity], list[Relation]]:
    """Entities and relations of the whole corpus, sorted by id.

    A one-word name joins the only longer name that begins or ends with it ("Bastow" → "Bastow Pask");
    an ambiguous one stays alone. A name that stands in no chunk is dropped: the extractor made it up.
    """
    text = Mentions(chunks)
    found = [(cid, entity) for cid in sorted(extractions) for entity in extractions[cid].entities if text.holds(cid, canonical(entity.name))]
    full = _full_names({canonical(entity.name) for _, entity in found if canonical(entity.name)})
    groups: dict[str, list[tuple[str, FoundEntity]]] = defaultdict(list)
    for cid, entity in found:
        if canonical(entity.name):
            groups[full[canonical(entity.name)]].append((cid, entity))
    aliases: dict[str, set[str]] = defaultdict(set)
    for alias, key in full.items():
        aliases[key].add(alias)
    entities = [_entity(key, group, aliases[key], text, types) for key, group in groups.items()]
    return sorted(entities, key=lambda e: e.id), _relations(extractions, {key: _entity_id(key) for key in groups}, full)


class Mentions:
    """The chunks by the words that stand in them, so that a name is looked for only where its rarest word is."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = {chunk.id: chunk for chunk in chunks}
        self._place = {chunk.id: n for n, chunk in enumerate(chunks)}
        self._text = {chunk.id: f" {canonical(chunk.text)} " for chunk in chunks}
        self._by_word: dict[str, list[str]] = defaultdict(list)
        for cid, text in self._text.items():
            for word in dict.fromkeys(text.split()):
                self._by_word[word].append(cid)

    def holds(self, chunk_id: str, name: str) -> bool:
        """Whether the canonical `name` stands in the chunk as whole words."""
        return f" {name} " in self._text[chunk_id]

    def of(self, names: set[str]) -> list[Chunk]:
        """The chunks that hold one of the names, in the order of the corpus."""
        found = {cid for name in names for cid in self._near(name) if self.holds(cid, name)}
        return [self.chunks[cid] for cid in sorted(found, key=self._place.__getitem__)]

    def _near(self, name: str) -> list[str]:
        return min((self._by_word.get(word, []) for word in name.split()), key=len, default=[])


def _full_names(names: set[str]) -> dict[str, str]:
    longer: dict[str, set[str]] = defaultdict(set)
    for name in names:
        if " " in name and " s " not in name:
            for end in (name.split()[0], name.split()[-1]):
                longer[end].add(name)
    return {name: next(iter(longer[name])) if " " not in name and len(longer[name]) == 1 else name for name in names}


def _entity_id(key: str) -> str:
    return content_id("entity", key)


def _entity(key: str, group: list[tuple[str, FoundEntity]], aliases: set[str], text: Mentions, types: Sequence[str]) -> Entity:
    spellings = Counter(entity.name.strip() for _, entity in group)
    name = max((s for s in spellings if canonical(s) == key), key=lambda s: (spellings[s], s), default=max(spellings))
    kinds = Counter(e.type.strip().lower() for _, e in group if e.type.strip().lower() in types)
    mentions = text.of(aliases)
    return Entity(
        id=_entity_id(key),
        name=name,
        type=min(kinds, key=lambda k: (-kinds[k], k)) if kinds else types[-1],
        description=_told(aliases, mentions),
        aliases=sorted(set(spellings) - {name}),
        chunk_ids=sorted(chunk.id for chunk in mentions),
    )


def _told(aliases: set[str], chunks: Sequence[Chunk]) -> str:
    """The first sentence of each chunk that names the entity: the description is quoted, not written, so it cannot be wrong."""
    quoted = (
        next((s for s in (chunk.text[a:b] for a, b in sentences(chunk.text)) if any(f" {alias} " in f" {canonical(s)} " for alias in aliases)), "")
        for chunk in chunks
    )
    return " ".join(sentence for sentence in quoted if sentence and not sentence.startswith("#"))[:MOST_DESCRIPTION]


def _relations(extractions: Mapping[str, Extraction], ids: Mapping[str, str], full: Mapping[str, str]) -> list[Relation]:
    groups: dict[tuple[str, str], list[tuple[str, FoundRelation]]] = defaultdict(list)
    for cid in sorted(extractions):
        for relation in extractions[cid].relations:
            ends = [ids.get(full.get(canonical(name), "")) for name in (relation.source, relation.target)]
            if ends[0] and ends[1] and ends[0] != ends[1]:
                groups[(ends[0], ends[1])].append((cid, relation))
    relations = [
        Relation(
            id=content_id("relation", source, target),
            source=source,
            target=target,
            description="; ".join(dict.fromkeys(f"{r.source} {r.relation} {r.target}" for _, r in group)),
            weight=float(len({cid for cid, _ in group})),
            chunk_ids=sorted({cid for cid, _ in group}),
        )
        for (source, target), group in groups.items()
    ]
    return sorted(relations, key=lambda r: r.id)


def to_graph(entities: Sequence[Entity], relations: Sequence[Relation]) -> nx.Graph:
    """The undirected weighted graph that communities are found in; nodes are entity ids in sorted order."""
    import networkx as nx

    graph = nx.Graph()
    for entity in entities:
        graph.add_node(entity.id, name=entity.name, type=entity.type)
    for relation in relations:
        weight = graph.get_edge_data(relation.source, relation.target, {"weight": 0.0})["weight"]
        graph.add_edge(relation.source, relation.target, weight=weight + relation.weight)
    for (a, b), count in _co_mentions(entities).items():
        weight = graph.get_edge_data(a, b, {"weight": 0.0})["weight"]
        graph.add_edge(a, b, weight=weight + CO_MENTION_WEIGHT * count)
    return graph


def _co_mentions(entities: Sequence[Entity]) -> Counter[tuple[str, str]]:
    by_chunk: dict[str, list[str]] = defaultdict(list)
    for entity in entities:
        for cid in entity.chunk_ids:
            by_chunk[cid].append(entity.id)
    pairs: Counter[tuple[str, str]] = Counter()
    for _, ids in sorted(by_chunk.items()):
        pairs.update(itertools.combinations(sorted(ids), 2))
    return pairs
