"""Graphs as GraphML, an element a line: networkx builds a tree of the whole file, too large for a large corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from agents.text.printable import printable

if TYPE_CHECKING:
    import networkx as nx


class Key(NamedTuple):
    """What nodes or edges hold under `id`: texts, or numbers ("double"); `name` is what programs show."""

    id: str
    domain: Literal["node", "edge"]
    name: str
    type: Literal["string", "double"] = "string"


KEYS = (Key("name", "node", "name"), Key("type", "node", "type"), Key("weight", "edge", "weight", "double"))
"""Of the graph of a run."""
TAIL = "  </graph>\n</graphml>"


def head(keys: Iterable[Key], direction: Literal["directed", "undirected"]) -> str:
    """What stands before the first node."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
            *(f'  <key id="{k.id}" for="{k.domain}" attr.name="{k.name}" attr.type="{k.type}"/>' for k in keys),
            f'  <graph edgedefault="{direction}">',
        ]
    )


HEAD = head(KEYS, "undirected")


def node_line(node: str, data: Mapping[str, str | float]) -> str:
    """A node with what it holds, {id of a key: value}. Texts hold no character that XML has no place for."""
    return f"    <node id={quoteattr(node)}>{''.join(_data(data))}</node>"


def edge_line(source: str, target: str, data: Mapping[str, str | float], edge: str = "") -> str:
    """An edge with what it holds; `edge` is its id, where it has one."""
    own = f"id={quoteattr(edge)} " if edge else ""
    return f"    <edge {own}source={quoteattr(source)} target={quoteattr(target)}>{''.join(_data(data))}</edge>"


def _data(data: Mapping[str, str | float]) -> Iterator[str]:
    for key, value in data.items():
        yield f'<data key="{key}">{escape(value) if isinstance(value, str) else repr(value)}</data>'


def graphml(graph: nx.Graph) -> str:
    """The graph of a run, for Gephi, yEd and networkx, in its own order.

    Nodes have name and type, each on one line, edges their weight.
    """
    nodes = (
        node_line(node, {key: printable(held[key]) for key in ("name", "type")})
        for node, held in graph.nodes(data=True)
    )
    edges = (edge_line(a, b, {"weight": weight}) for a, b, weight in graph.edges(data="weight"))
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
