"""GraphML that other programs read back as it was."""

import networkx as nx

from graphs.graphml import graphml


def test_networkx_reads_back_what_was_written(tmp_path):
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
