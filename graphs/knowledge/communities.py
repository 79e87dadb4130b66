"""Communities by hierarchical Leiden (Traag et al. 2019, as in GraphRAG), seeded, with one root for the corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agents.records import Community, Entity, content_id

if TYPE_CHECKING:
    import networkx as nx

Partition = tuple["nx.Graph", Sequence[Community]]  # of an earlier run: its graph, with weights, and its communities
CHUNKS_OF_COMMUNITY = 8  # of a community: those that mention the most of its entities


def detect(
    graph: nx.Graph, entities: Sequence[Entity], size: int, seed: int, last: Partition | None = None
) -> list[Community]:
    """The root (level 0, every entity), then Leiden's levels from 1 down, sorted by level, then id.

    Communities of one entity are left to their parent; a graph without nodes has none. Of the `last` run's communities
    those stay, with all below them, whose inside is as it was: only the rest of the graph is cut anew.
    """
    if not graph.number_of_nodes():
        return []
    by_id = {entity.id: entity for entity in entities}
    root = root_of(entities)
    kept = _untouched(graph, last) if last else []
    found = [
        root,
        *(_community(old.level, old.parent if old.level > 1 else root.id, old.entity_ids, by_id) for old in kept),
    ]
    settled = {eid for old in kept for eid in old.entity_ids}
    ids: dict[int, str] = {}
    for level, cluster, parent, members in _clusters(
        graph.subgraph([node for node in graph if node not in settled]), size, seed
    ):
        if len(members) < 2 or len(members) == len(root.entity_ids):
            continue
        community = _community(level + 1, ids.get(parent, root.id) if parent is not None else root.id, members, by_id)
        ids[cluster] = community.id
        found.append(community)
    return sorted(found, key=lambda c: (c.level, c.id))


def _untouched(graph: nx.Graph, last: Partition) -> list[Community]:
    """The last run's communities of level 1 that are as they were, with those below them, parents first.

    Their inside has not changed, and no new entity belongs to them. What their entities have to do with others may
    have changed: a month or a country is named by every new document.
    """
    before, communities = last
    joined = _joined(graph, before, [c for c in communities if c.level == 1])
    kept: dict[str, Community] = {}
    for community in sorted(communities, key=lambda c: c.level):
        alone = community.level == 1 and community.id not in joined
        if community.parent in kept or (
            alone and _inside(graph, community.entity_ids) == _inside(before, community.entity_ids)
        ):
            kept[community.id] = community
    return list(kept.values())


def _joined(graph: nx.Graph, before: nx.Graph, communities: Sequence[Community]) -> set[str]:
    """The ids of the communities that new entities hang on most."""
    home = {eid: community.id for community in communities for eid in community.entity_ids}
    joined: set[str] = set()
    for node in graph:
        if node not in before:
            pulls: dict[str, float] = defaultdict(float)
            for other, edge in graph[node].items():
                if other in home:
                    pulls[home[other]] += edge["weight"]
            joined |= {max(pulls, key=lambda cid: (pulls[cid], cid))} if pulls else set()
    return joined


def _inside(graph: nx.Graph, members: Sequence[str]) -> set[tuple[str, str, float]]:
    """The edges among `members` with their weights, each from both ends; empty if one is no longer there."""
    wanted = set(members)
    if not all(node in graph for node in members):
        return set()
    return {
        (node, other, float(edge["weight"]))
        for node in members
        for other, edge in graph[node].items()
        if other in wanted
    }


def _clusters(graph: nx.Graph, size: int, seed: int) -> list[tuple[int, int, int | None, list[str]]]:
    """(level, cluster, parent cluster, sorted members) from the top down."""
    import graspologic_native

    native: Any = graspologic_native  # ships no types

    edges = sorted((min(a, b), max(a, b), float(w)) for a, b, w in graph.edges(data="weight"))
    if not edges:
        return []
    members: dict[tuple[int, int, int | None], list[str]] = defaultdict(list)
    for row in native.hierarchical_leiden(edges, max_cluster_size=size, seed=seed):
        members[(row.level, row.cluster, row.parent_cluster)].append(row.node)
    return [
        (level, cluster, parent, sorted(nodes))
        for (level, cluster, parent), nodes in sorted(members.items(), key=lambda m: m[0][:2])
    ]


def root_of(entities: Sequence[Entity]) -> Community:
    """The community of the whole corpus: level 0, every entity, every chunk that mentions one."""
    return _community(0, None, sorted(entity.id for entity in entities), {entity.id: entity for entity in entities})


def chunks_of(members: Sequence[str], by_id: Mapping[str, Entity]) -> list[str]:
    """The chunks that mention one of these entities, those that mention the most first."""
    counts: dict[str, int] = defaultdict(int)
    for member in members:
        for cid in by_id[member].chunk_ids:
            counts[cid] += 1
    return sorted(counts, key=lambda cid: (-counts[cid], cid))


def _community(level: int, parent: str | None, members: list[str], by_id: Mapping[str, Entity]) -> Community:
    chunk_ids = chunks_of(members, by_id)
    return Community(
        id=content_id("community", level, members),
        level=level,
        parent=parent,
        entity_ids=members,
        chunk_ids=chunk_ids if level == 0 else chunk_ids[:CHUNKS_OF_COMMUNITY],
    )
