"""The knowledge graph as GraphML, a line an element: networkx builds a tree of the whole file first, which a large corpus has no memory for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from agents.text.printable import printable

if TYPE_CHECKING:
    import networkx as nx

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="name" for="node" attr.name="name" attr.type="string"/>
  <key id="type" for="node" attr.name="type" attr.type="string"/>
  <key id="weight" for="edge" attr.name="weight" attr.type="double"/>
  <graph edgedefault="undirected">"""
TAIL = """  </graph>
</graphml>"""


def graphml(graph: nx.Graph) -> str:
    """The file that Gephi, yEd and networkx read: nodes with name and type, edges with their weight, in the order of the graph."""
    nodes = (
        f'    <node id={quoteattr(node)}><data key="name">{_text(held["name"])}</data><data key="type">{_text(held["type"])}</data></node>'
        for node, held in graph.nodes(data=True)
    )
    edges = (
        f'    <edge source={quoteattr(a)} target={quoteattr(b)}><data key="weight">{weight!r}</data></edge>'
        for a, b, weight in graph.edges(data="weight")
    )
    return "\n".join([HEAD, *nodes, *edges, TAIL])


def read_graph(text: str) -> nx.Graph | None:
    """The graph that `graphml` wrote; None for any other file, from which nothing can be taken over.

    A document type is where XML names other files and multiplies its own text; ours has none.
    """
    import networkx as nx

    if "<!DOCTYPE" in text:
        return None
    try:
        graph = nx.parse_graphml(text)
        whole = not (graph.is_directed() or graph.is_multigraph()) and all(
            isinstance(weight, float) for *_, weight in graph.edges(data="weight")
        )
    except (ParseError, nx.NetworkXException, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return graph if whole else None


def _text(text: str) -> str:
    """As XML takes it: control characters have no place in it, escaped or not."""
    return escape(printable(text))
