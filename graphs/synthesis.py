"""The synthesis as a LangGraph: documents → chunks → knowledge → communities → rows → filtered training set.

The wiring is `build_synthesis`, whose lines are the arrows of the figure. Local rows and reports with global rows
are subgraph nodes, since flat branches wait for each other's supersteps. What no kept row reaches comes back as
new briefs, if the config wants it. State holds counts and paths, nothing else. With `recipe = "paper"` some nodes are
the
published recipe's, and the ways to communities, reports, global rows and further briefs are not taken.
"""

from __future__ import annotations

from typing import Any

from graphs.context import Context
from graphs.nodes import Nodes
from graphs.paper.nodes import PaperNodes
from graphs.source import index_folder
from graphs.state import SynthesisContext, SynthesisInput, SynthesisOutput, SynthesisState


def build_synthesis(context: Context, checkpointer: Any = None) -> Any:
    """The compiled graph of stages; `checkpointer` keeps its position between starts."""
    from langgraph.graph import END, START, StateGraph

    paper, index = context.synthesis.recipe == "paper", index_folder(context.project)
    nodes = PaperNodes(context) if paper else Nodes(context)
    graph = StateGraph(
        SynthesisState, input_schema=SynthesisInput, output_schema=SynthesisOutput, context_schema=SynthesisContext
    )
    graph.add_node("local_rows", _local_rows(nodes))
    graph.add_node("filter", nodes.filter)
    graph.add_node("review", nodes.review)
    graph.add_node("publish", nodes.publish)
    if index:  # a GraphRAG index holds what the stages up to the reports would make
        graph.add_node("load_index", nodes.load_index)
        graph.add_edge(START, "load_index")
    else:
        graph.add_node("load", nodes.load)
        graph.add_node("extract", nodes.extract)
        graph.add_node("merge", nodes.merge)
        graph.add_edge(START, "load")
        graph.add_conditional_edges("load", nodes.chunk_shards, ["extract"])
        graph.add_edge("extract", "merge")
    if paper:
        graph.add_edge("load_index" if index else "merge", "local_rows")
        graph.add_edge("local_rows", "filter")
        graph.add_edge("filter", "review")
    else:
        if not index:
            graph.add_node("communities", nodes.communities)
            graph.add_edge("merge", "communities")
        graph.add_node("global_rows", _global_rows(nodes, summarized=index is not None))
        graph.add_node("cover", nodes.cover)
        graph.add_node("draft_more", nodes.draft)
        graph.add_edge("load_index" if index else "communities", "local_rows")
        graph.add_edge("load_index" if index else "communities", "global_rows")
        graph.add_edge(["local_rows", "global_rows"], "filter")
        graph.add_edge("filter", "cover")
        graph.add_conditional_edges(
            "cover", nodes.brief_shards("more", "draft_more", "review"), ["draft_more", "review"]
        )
        graph.add_edge("draft_more", "filter")
    graph.add_edge("review", "publish")
    graph.add_edge("publish", END)
    return graph.compile(checkpointer=checkpointer)


def _local_rows(nodes: Nodes) -> Any:
    """Briefs about one fact and about what is not told → drafts."""
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(SynthesisState)
    graph.add_node("plan_local", nodes.plan_local)
    graph.add_node("draft_local", nodes.draft)
    graph.add_edge(START, "plan_local")
    graph.add_conditional_edges("plan_local", nodes.brief_shards("local", "draft_local", END), ["draft_local", END])
    graph.add_edge("draft_local", END)
    return graph.compile()


def _global_rows(nodes: Nodes, summarized: bool) -> Any:
    """Communities → reports, bottom-up, if they are not `summarized` yet → briefs about the whole → drafts."""
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(SynthesisState)
    graph.add_node("plan_global", nodes.plan_global)
    graph.add_node("draft_global", nodes.draft)
    if summarized:
        graph.add_edge(START, "plan_global")
    else:
        graph.add_node("summarize", nodes.summarize)
        graph.add_edge(START, "summarize")
        graph.add_edge("summarize", "plan_global")
    graph.add_conditional_edges("plan_global", nodes.brief_shards("global", "draft_global", END), ["draft_global", END])
    graph.add_edge("draft_global", END)
    return graph.compile()
