"""GraphML that other programs read back as it was."""

from __future__ import annotations

import time
from pathlib import Path

import networkx as nx
import pytest

from graphs.knowledge.graphml import HEAD, TAIL, graphml, read_graph


def test_networkx_reads_back_what_was_written(tmp_path: Path) -> None:
    graph = nx.Graph()
    graph.add_node("entity-1", name='Brandt & "Söhne" <x>', type="organization")
    graph.add_node("entity-2", name="two\nlines\x07", type="thing")
    graph.add_edge("entity-1", "entity-2", weight=1.25)
    path = tmp_path / "graph.graphml"
    path.write_text(graphml(graph), encoding="utf-8")
    read = nx.read_graphml(path)
    assert dict(read.nodes["entity-1"]) == graph.nodes["entity-1"]
    assert read.nodes["entity-2"]["name"] == r"two\nlines\x07"
    assert read.edges["entity-1", "entity-2"] == {"weight": 1.25}


LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
HOSTILE = {
    "entities-of-entities": f'<!DOCTYPE x [<!ENTITY a "ha">{LAUGHS}]><graphml>&j;</graphml>',
    "another-file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><graphml>&a;</graphml>',
    "brackets": "<a>" * 200_000,
    "deep": "<a>" * 100_000 + "</a>" * 100_000,
    "no-xml": "\0" * 1000,
    "a-weight-of-words": f'{HEAD}<node id="a"/><edge source="a" target="a"><data key="weight">much</data></edge>{TAIL}',
    "no-weight": f'{HEAD}<node id="a"/><edge source="a" target="a"/>{TAIL}',
    "an-unknown-key": f'{HEAD}<node id="a"><data key="x">1</data></node>{TAIL}',
    "directed": HEAD.replace("undirected", "directed") + TAIL,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_graph_from_elsewhere_is_not_taken_over_and_costs_no_time(kind: str) -> None:
    started = time.process_time()
    assert read_graph(HOSTILE[kind]) is None
    assert time.process_time() - started < 5


def test_our_own_graph_is_taken_over() -> None:
    graph = nx.Graph()
    graph.add_edge("a", "b", weight=2.0)
    for node in graph:
        graph.add_node(node, name=node, type="thing")
    read = read_graph(graphml(graph))
    assert read is not None
    assert dict(read.edges) == dict(graph.edges)
