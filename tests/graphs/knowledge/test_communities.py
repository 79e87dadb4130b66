"""Communities: seeded, with one root for the whole."""

from __future__ import annotations

import networkx as nx
import pytest

from agents.records import Community, Entity
from graphs.knowledge.communities import CHUNKS_OF_COMMUNITY, detect


def toy(cliques: int, size: int, lone: int = 0) -> tuple[nx.Graph, list[Entity]]:
    """Cliques that hang together by one weak edge each, and nodes without an edge."""
    graph = nx.Graph()
    names = [[f"e{c:02}-{n:02}" for n in range(size)] for c in range(cliques)]
    for clique in names:
        graph.add_weighted_edges_from((a, b, 1.0) for i, a in enumerate(clique) for b in clique[i + 1 :])
    graph.add_weighted_edges_from((a[0], b[0], 0.1) for a, b in zip(names, names[1:], strict=False))
    graph.add_nodes_from(f"lone-{n}" for n in range(lone))
    entities = [
        Entity(id=node, name=node, type="thing", description="", chunk_ids=[f"chunk-{node}", "chunk-all"])
        for node in graph.nodes
    ]
    return graph, entities


@pytest.fixture(scope="module")
def found() -> tuple[nx.Graph, list[Community]]:
    graph, entities = toy(6, 5, lone=2)
    return graph, detect(graph, entities, size=8, seed=3)


def test_the_root_holds_every_entity_and_every_chunk(found: tuple[nx.Graph, list[Community]]) -> None:
    graph, communities = found
    root = communities[0]
    assert (root.level, root.parent) == (0, None)
    assert root.entity_ids == sorted(graph.nodes)
    assert len(root.chunk_ids) == graph.number_of_nodes() + 1
    assert root.chunk_ids[0] == "chunk-all"


def test_parents_exist_one_level_up_and_hold_their_children(found: tuple[nx.Graph, list[Community]]) -> None:
    _, communities = found
    by_id = {c.id: c for c in communities}
    assert len(by_id) == len(communities) > 1
    for community in communities[1:]:
        assert community.parent is not None
        parent = by_id[community.parent]
        assert parent.level < community.level
        assert set(community.entity_ids) <= set(parent.entity_ids)


def test_cliques_are_found(found: tuple[nx.Graph, list[Community]]) -> None:
    _, communities = found
    assert {f"e00-{n:02}" for n in range(5)} in [set(c.entity_ids) for c in communities]


def test_an_entity_without_a_neighbour_is_left_to_the_root(found: tuple[nx.Graph, list[Community]]) -> None:
    _, communities = found
    assert all("lone-0" not in c.entity_ids for c in communities[1:])
    assert all(len(c.entity_ids) >= 2 for c in communities)


def test_a_community_names_its_chunks_the_most_shared_first_and_not_too_many(
    found: tuple[nx.Graph, list[Community]],
) -> None:
    _, communities = found
    for community in communities[1:]:
        assert community.chunk_ids[0] == "chunk-all"
        assert len(community.chunk_ids) <= CHUNKS_OF_COMMUNITY


def test_the_same_graph_and_seed_give_the_same_communities_whatever_the_order_of_nodes() -> None:
    graph, entities = toy(6, 5)
    shuffled = nx.Graph()
    shuffled.add_nodes_from(reversed(list(graph.nodes)))
    shuffled.add_weighted_edges_from((b, a, w) for a, b, w in reversed(list(graph.edges(data="weight"))))
    assert detect(graph, entities, 8, seed=1) == detect(shuffled, entities[::-1], 8, seed=1)


def test_an_empty_graph_has_no_community() -> None:
    assert detect(nx.Graph(), [], 8, seed=0) == []


def test_a_graph_without_edges_is_its_root_alone() -> None:
    graph, entities = toy(0, 0, lone=3)
    (root,) = detect(graph, entities, 8, seed=0)
    assert root.entity_ids == ["lone-0", "lone-1", "lone-2"]


def things(graph: nx.Graph) -> list[Entity]:
    return [
        Entity(id=node, name=node, type="thing", description="", chunk_ids=[f"chunk-{node}"]) for node in graph.nodes
    ]


def members(communities: list[Community]) -> set[tuple[str, ...]]:
    return {tuple(c.entity_ids) for c in communities if c.level}


def test_a_new_node_joins_the_community_it_hangs_on_and_the_others_stay_with_all_below_them(
    found: tuple[nx.Graph, list[Community]],
) -> None:
    graph, before = found
    grown = graph.copy()
    grown.add_edge("e03-01", "new", weight=1.0)
    grown.add_edge("e05-01", "new", weight=0.1)
    after = members(detect(grown, things(grown), size=8, seed=11, last=(graph, before)))
    kept = {m for m in members(before) if "e03-01" not in m}
    assert kept
    assert kept <= after
    assert any({"e03-01", "new"} <= set(m) for m in after)


def test_a_name_that_new_pages_put_beside_others_leaves_its_community_as_it_is(
    found: tuple[nx.Graph, list[Community]],
) -> None:
    graph, before = found
    changed = graph.copy()
    changed.add_edge("e00-01", "e05-01", weight=0.2)
    assert detect(changed, things(changed), size=8, seed=11, last=(graph, before)) == detect(
        graph, things(graph), size=8, seed=11, last=(graph, before)
    )


def test_what_changed_inside_or_lost_a_member_is_cut_anew(found: tuple[nx.Graph, list[Community]]) -> None:
    graph, before = found
    gone = graph.copy()
    gone.remove_node("e02-03")
    after = members(detect(gone, things(gone), size=8, seed=11, last=(graph, before)))
    assert not any("e02-03" in m for m in after)
    assert {m for m in members(before) if "e02-03" not in m} <= after
