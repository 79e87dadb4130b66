"""Extractions become one knowledge graph: names merged, every chunk that mentions an entity found."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from agents.config import Section
from agents.extraction import Extraction, FoundEntity, FoundRelation
from agents.models.config import ModelConfig
from agents.records import Chunk, Entity, Relation, content_id
from agents.roles.extractor import ENTITY_TYPES
from agents.text.prompt_injection import gives_orders
from graphs.knowledge.mentions import Mentions
from graphs.knowledge.names import ADDRESS, canonical
from graphs.knowledge.pairs import Pair, likely
from graphs.knowledge.resolution import Merge, Resolution, merges, unknown_names

if TYPE_CHECKING:
    import networkx as nx

MOST_DESCRIPTION = 1200  # characters
SHORT_CAPITALS = 5  # letters of a name in capitals that is no shouting: OHA
# entities of a chunk that are paired with each other, the rarest: a list of a hundred names would make 5,000 edges that
# say nothing
MOST_TOGETHER = 24
CO_MENTION_WEIGHT = 0.25  # of a stated relation: keeps entities together that a small extractor did not relate


class KnowledgeConfig(Section):
    """[knowledge]: how entities are found, which names are one, and how communities are cut."""

    method: Literal["model", "fast"] = Field(
        "model",
        description="fast: names and what stands beside them, by rules without a model; for drafts and large corpora",
    )
    entity_types: list[str] = Field(list(ENTITY_TYPES), min_length=1, description="types the extractor may give")
    resolution: Literal["auto", "model", "rules"] = Field(
        "auto",
        description=(
            "who decides whether two names that share words are one thing: the model, or a short rule without a call; "
            "auto: the rule with method fast, and for an embedded model, which judges pairs badly"
        ),
    )
    merge: list[list[str]] = Field(
        [], description='lists of names that are one thing: [["Peg", "Margaret Hale"]]; the last word over every rule'
    )
    keep_apart: list[list[str]] = Field(
        [], description="lists of names that are never joined, whatever the rules say; undoes what merges.jsonl shows"
    )
    community_size: int = Field(
        8, ge=2, description="most entities of a community before it is split (GraphRAG's default is 10)"
    )

    def asks(self, model: ModelConfig) -> bool:
        """Whether this model is asked about names in doubt."""
        capable = self.method == "model" and model.provider != "local"
        return self.resolution == "model" or (self.resolution == "auto" and capable)

    @field_validator("merge", "keep_apart")
    @classmethod
    def _several_names(cls, groups: list[list[str]]) -> list[list[str]]:
        for names in groups:
            if len({canonical(name) for name in names} - {""}) < max(2, len(names)):
                raise ValueError(
                    f"{names} must hold two or more names that differ by more than case, punctuation and articles"
                )
        return groups

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        one: dict[str, set[str]] = {}
        for names in self.merge:
            joined = set().union(*({name, *one.get(name, ())} for name in map(canonical, names)))
            one |= dict.fromkeys(joined, joined)
        for names in self.keep_apart:
            for a, b in itertools.combinations(names, 2):
                if canonical(b) in one.get(canonical(a), ()):
                    raise ValueError(f"{a!r} and {b!r} stand in merge and in keep_apart")
        return self


class Merged(NamedTuple):
    """The graph of a corpus, sorted by id, and what was merged on the way.

    `unknown` are the names of the config that nothing was found for, `unjudged` the pairs of names whose call failed.
    """

    entities: list[Entity]
    relations: list[Relation]
    merges: list[Merge]
    unknown: list[str]
    unjudged: int = 0

    @property
    def warnings(self) -> list[str]:
        """What somebody may want to look into, a line each."""
        unjudged = (
            [f"pairs of names that the model could not judge, kept apart: {self.unjudged}"] if self.unjudged else []
        )
        return [*(f"[knowledge] names {name!r}, which no chunk does" for name in self.unknown), *unjudged]


class Merging:
    """A knowledge graph in the making: what was found, and the pairs of names that somebody is to decide about.

    A name that stands in no chunk is dropped: the extractor made it up. So are orders to a model, forms of address and
    common words.
    """

    def __init__(self, extractions: Mapping[str, Extraction], chunks: Sequence[Chunk], config: KnowledgeConfig) -> None:
        self.text = Mentions(chunks)
        self.config, self._extractions = config, extractions
        named = ((cid, entity) for cid in sorted(extractions) for entity in extractions[cid].entities)
        self._found = [
            (cid, entity)
            for cid, entity in named
            if _is_named(entity.name, self.text) and self.text.holds(cid, canonical(entity.name))
        ]
        self._resolution = Resolution(self._found, self.text, config.merge, config.keep_apart)
        self.names = self._resolution.names
        self.pairs = self._resolution.doubtful()

    def likely(self) -> list[Pair]:
        """The pairs that are taken for one thing without a model."""
        return [pair for pair in self.pairs if likely(pair, self.names)]

    def end(self, same: Iterable[Pair]) -> Merged:
        """The graph in which these pairs, too, are one thing each."""
        found, resolution, config = self._found, self._resolution, self.config
        resolution.join(same)
        groups: dict[str, list[FoundEntity]] = defaultdict(list)
        for cid, entity in found:
            groups[resolution.key_of(canonical(entity.name), cid) or ""].append(entity)
        mentions = resolution.mentions()
        entities = {
            key: _entity(key, group, mentions[key], self.text, config.entity_types) for key, group in groups.items()
        }
        return Merged(
            sorted(entities.values(), key=lambda e: e.id),
            _relations(self._extractions, entities, resolution),
            merges({key: (entity.id, entity.name) for key, entity in entities.items()}, found, resolution),
            unknown_names([*config.merge, *config.keep_apart], found),
        )


def merge(extractions: Mapping[str, Extraction], chunks: Sequence[Chunk], config: KnowledgeConfig) -> Merged:
    """Entities and relations of the whole corpus, its names resolved without a model."""
    merging = Merging(extractions, chunks, config)
    return merging.end(merging.likely())


def _is_named(name: str, text: Mentions) -> bool:
    key = canonical(name)
    addresses = key in ADDRESS or key.startswith("dear ")
    return bool(key) and not addresses and not gives_orders(name) and not text.is_common(name.strip())


def _entity(
    key: str, group: Sequence[FoundEntity], mentions: Mapping[str, set[str]], text: Mentions, types: Sequence[str]
) -> Entity:
    spellings = Counter(entity.name.strip() for entity in group)
    own = [s for s in spellings if canonical(s) == key] or list(spellings)
    name = max(own, key=lambda s: (not s.isupper() or len(s) <= SHORT_CAPITALS, spellings[s], s))
    by_fold = {kind.casefold(): kind for kind in types}
    kinds = Counter(by_fold[kind] for e in group if (kind := e.type.strip().casefold()) in by_fold)
    chunk_ids = set().union(*mentions.values())
    return Entity(
        id=content_id("entity", key),
        name=name,
        type=min(kinds, key=lambda k: (-kinds[k], k)) if kinds else types[-1],
        description=_told(mentions, text, chunk_ids),
        aliases=sorted(set(spellings) - {name}),
        chunk_ids=sorted(chunk_ids),
    )


def _told(mentions: Mapping[str, set[str]], text: Mentions, chunk_ids: set[str]) -> str:
    """The first sentence of each chunk that names the entity.

    The description is quoted, not written, so it cannot be wrong.
    """
    told = ""
    for chunk in text.ordered(chunk_ids):
        if len(told) >= MOST_DESCRIPTION:
            break
        sentence = text.told((name for name, ids in mentions.items() if chunk.id in ids), chunk)
        told = f"{told} {sentence}".strip() if sentence else told
    return told[:MOST_DESCRIPTION]


def _relations(
    extractions: Mapping[str, Extraction], entities: Mapping[str, Entity], resolution: Resolution
) -> list[Relation]:
    groups: dict[tuple[str, str], list[tuple[str, FoundRelation]]] = defaultdict(list)
    for cid in sorted(extractions):
        for relation in extractions[cid].relations:
            keys = [resolution.key_of(canonical(name), cid) or "" for name in (relation.source, relation.target)]
            if keys[0] != keys[1] and keys[0] in entities and keys[1] in entities:
                groups[(entities[keys[0]].id, entities[keys[1]].id)].append((cid, relation))
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


def to_graph(entities: Sequence[Entity], relations: Iterable[Relation]) -> nx.Graph:
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
    by_chunk: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for entity in entities:
        for cid in entity.chunk_ids:
            by_chunk[cid].append((len(entity.chunk_ids), entity.id))
    pairs: Counter[tuple[str, str]] = Counter()
    for _, ids in sorted(by_chunk.items()):
        pairs.update(itertools.combinations(sorted(eid for _, eid in sorted(ids)[:MOST_TOGETHER]), 2))
    return pairs
