"""Communities by hierarchical Leiden (Traag et al. 2019, as in GraphRAG), seeded, with one root for the whole corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agents.records import Community, Entity, content_id

if TYPE_CHECKING:
    import networkx as nx

MOST_CHUNKS = 8  # of a community: those that mention the most of its entities


def detect(graph: nx.Graph, entities: Sequence[Entity], size: int, seed: int, last: Sequence[Community] = ()) -> list[Community]:
    """The root (level 0, every entity), then Leiden's levels from 1 down; communities of one entity are left to their parent.

    Sorted by level, then id. Empty for a graph without nodes. With the communities of the `last` run Leiden starts from
    them, so that those which no new document touches stay as they are.
    """
    if not graph.number_of_nodes():
        return []
    by_id = {entity.id: entity for entity in entities}
    root = root_of(entities)
    found = [root]
    ids: dict[int, str] = {}
    for level, cluster, parent, members in _clusters(graph, size, seed, last):
        if len(members) < 2 or len(members) == len(root.entity_ids):
            continue
        community = _community(level + 1, ids.get(parent, root.id) if parent is not None else root.id, members, by_id)
        ids[cluster] = community.id
        found.append(community)
    return sorted(found, key=lambda c: (c.level, c.id))


def _clusters(graph: nx.Graph, size: int, seed: int, last: Sequence[Community]) -> list[tuple[int, int, int | None, list[str]]]:
    """(level, cluster, parent cluster, sorted members) from the top down."""
    import graspologic_native

    native: Any = graspologic_native  # ships no types

    edges = sorted((min(a, b), max(a, b), float(w)) for a, b, w in graph.edges(data="weight"))
    if not edges:
        return []
    members: dict[tuple[int, int, int | None], list[str]] = defaultdict(list)
    for row in native.hierarchical_leiden(edges, starting_communities=_start(edges, last), max_cluster_size=size, seed=seed):
        members[(row.level, row.cluster, row.parent_cluster)].append(row.node)
    return [(level, cluster, parent, sorted(nodes)) for (level, cluster, parent), nodes in sorted(members.items(), key=lambda m: m[0][:2])]


def _start(edges: Sequence[tuple[str, str, float]], last: Sequence[Community]) -> dict[str, int] | None:
    """The top communities of the last run as numbers, every new node alone."""
    known = {eid: n for n, community in enumerate(c for c in last if c.level == 1) for eid in community.entity_ids}
    if not known:
        return None
    nodes = sorted({node for a, b, _ in edges for node in (a, b)})
    return {node: known.get(node, len(last) + n) for n, node in enumerate(nodes)}


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
        chunk_ids=chunk_ids if level == 0 else chunk_ids[:MOST_CHUNKS],
    )
