"""The synthesis as a LangGraph: documents → chunks → knowledge → communities → rows → filtered training set.

There are three ways through it, each a function whose lines are the arrows of its picture: from documents, from a
GraphRAG index, which holds what the stages up to the reports would make, and the published recipe's, which has no
communities, reports, critic and further briefs. Local rows and reports with global rows are subgraph nodes, since flat
branches wait for each other's supersteps. What no kept row reaches comes back as new briefs, if the config wants it.
State holds counts and paths, nothing else.
"""

from __future__ import annotations

from typing import Any

from graphs.context import Context
from graphs.fact_nodes import FactNodes
from graphs.nodes import Nodes
from graphs.paper.nodes import PaperNodes
from graphs.source import index_folder
from graphs.state import SynthesisContext, SynthesisInput, SynthesisOutput, SynthesisState


def build_synthesis(context: Context, checkpointer: Any = None) -> Any:
    """The compiled graph that the config asks for; `checkpointer` keeps its position between starts."""
    if context.synthesis.recipe == "paper":
        graph = build_paper(context)
    elif context.synthesis.recipe == "facts":
        graph = build_facts(context)
    elif index_folder(context.project):
        graph = build_from_index(context)
    else:
        graph = build_default(context)
    return graph.compile(checkpointer=checkpointer)


def build_default(context: Context) -> Any:
    """From documents to rows."""
    from langgraph.graph import START

    graph, nodes = _graph(), Nodes(context)
    graph.add_node("load", nodes.load)
    graph.add_node("extract", nodes.extract)
    graph.add_node("merge", nodes.merge)
    graph.add_node("communities", nodes.communities)
    graph.add_node("local_rows", _rows(nodes, "local"))
    graph.add_node("global_rows", _rows(nodes, "global", summarize=True))
    graph.add_edge(START, "load")
    graph.add_conditional_edges("load", nodes.chunk_shards, ["extract"])
    graph.add_edge("extract", "merge")
    graph.add_edge("merge", "communities")
    graph.add_edge("communities", "local_rows")
    graph.add_edge("communities", "global_rows")
    _add_rounds(graph, nodes)
    _add_end(graph, nodes)
    return graph


def build_facts(context: Context) -> Any:
    """From documents to facts, and from facts to rows; of an index its documents and chunks are taken."""
    from langgraph.graph import START

    graph, nodes = _graph(), FactNodes(context)
    load = "load_index" if index_folder(context.project) else "load"
    graph.add_node(load, nodes.load_index if load == "load_index" else nodes.load)
    graph.add_node("passages", nodes.passages)
    graph.add_node("merge", nodes.merge)
    graph.add_node("communities", nodes.communities)
    graph.add_node("several", nodes.several)
    graph.add_node("whole", nodes.whole)
    graph.add_node("filter", nodes.filter)
    graph.add_edge(START, load)
    graph.add_conditional_edges(load, nodes.chunk_shards, ["passages"])
    graph.add_edge("passages", "merge")
    graph.add_edge("merge", "communities")
    graph.add_edge("communities", "several")
    graph.add_edge("communities", "whole")
    graph.add_edge(["several", "whole"], "filter")
    graph.add_edge("filter", "review")
    _add_end(graph, nodes)
    return graph


def build_from_index(context: Context) -> Any:
    """From a GraphRAG index to rows."""
    from langgraph.graph import START

    graph, nodes = _graph(), Nodes(context)
    graph.add_node("load_index", nodes.load_index)
    graph.add_node("local_rows", _rows(nodes, "local"))
    graph.add_node("global_rows", _rows(nodes, "global"))
    graph.add_edge(START, "load_index")
    graph.add_edge("load_index", "local_rows")
    graph.add_edge("load_index", "global_rows")
    _add_rounds(graph, nodes)
    _add_end(graph, nodes)
    return graph


def build_paper(context: Context) -> Any:
    """The published recipe's way, from documents or from an index's entities: every row that is written is kept."""
    from langgraph.graph import START

    graph, nodes = _graph(), PaperNodes(context)
    graph.add_node("local_rows", _rows(nodes, "local"))
    graph.add_node("filter", nodes.filter)
    if index_folder(context.project):
        graph.add_node("load_index", nodes.load_index)
        graph.add_edge(START, "load_index")
        graph.add_edge("load_index", "local_rows")
    else:
        graph.add_node("load", nodes.load)
        graph.add_node("extract", nodes.extract)
        graph.add_node("merge", nodes.merge)
        graph.add_edge(START, "load")
        graph.add_conditional_edges("load", nodes.chunk_shards, ["extract"])
        graph.add_edge("extract", "merge")
        graph.add_edge("merge", "local_rows")
    graph.add_edge("local_rows", "filter")
    graph.add_edge("filter", "review")
    _add_end(graph, nodes)
    return graph


def _graph() -> Any:
    from langgraph.graph import StateGraph

    return StateGraph(
        SynthesisState, input_schema=SynthesisInput, output_schema=SynthesisOutput, context_schema=SynthesisContext
    )


def _add_rounds(graph: Any, nodes: Nodes) -> None:
    """Filter what both branches wrote, and draft again for what no kept row reaches, until there is nothing to add."""
    graph.add_node("filter", nodes.filter)
    graph.add_node("cover", nodes.cover)
    graph.add_node("draft_more", nodes.draft)
    graph.add_edge(["local_rows", "global_rows"], "filter")
    graph.add_edge("filter", "cover")
    graph.add_conditional_edges("cover", nodes.brief_shards("more", "draft_more", "review"), ["draft_more", "review"])
    graph.add_edge("draft_more", "filter")


def _add_end(graph: Any, nodes: Nodes) -> None:
    """A person's review, if one is asked for, and the data files."""
    from langgraph.graph import END

    graph.add_node("review", nodes.review)
    graph.add_node("publish", nodes.publish)
    graph.add_edge("review", "publish")
    graph.add_edge("publish", END)


def _rows(nodes: Nodes, branch: str, summarize: bool = False) -> Any:
    """The compiled branch: (reports, bottom-up →) briefs → drafts, or straight to its end without a brief."""
    from langgraph.graph import END, START, StateGraph

    plan, draft = f"plan_{branch}", f"draft_{branch}"
    graph = StateGraph(SynthesisState)
    graph.add_node(plan, nodes.plan_local if branch == "local" else nodes.plan_global)
    graph.add_node(draft, nodes.draft)
    if summarize:
        graph.add_node("summarize", nodes.summarize)
        graph.add_edge(START, "summarize")
        graph.add_edge("summarize", plan)
    else:
        graph.add_edge(START, plan)
    graph.add_conditional_edges(plan, nodes.brief_shards(branch, draft, END), [draft, END])
    graph.add_edge(draft, END)
    return graph.compile()
