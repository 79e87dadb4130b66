"""The chat as a graph: one question, first to retrieval, then to the tuned model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import TypedDict  # before Python 3.12, Studio's forms can be made of this one only

from eval.chat import Panel, as_object, asked


class ChatInput(TypedDict):
    """What a person asks."""

    question: str


class Said(TypedDict):
    """An answer, why there is none, what it took, and the passages it was given (none from the weights)."""

    text: str
    failed: str
    seconds: float
    prompt_tokens: int
    completion_tokens: int
    sources: list[dict[str, Any]]


class ChatOutput(TypedDict):
    """Both answers: `rag` is the untuned student with retrieval, `tuned` answers from its weights."""

    rag: Said
    tuned: Said


class ChatState(ChatInput, ChatOutput):
    """The question and what is answered so far."""


class ChatContext(TypedDict, total=False):
    """What a server lets a person choose: the run whose adapter answers."""

    run: str


def build_chat(load: Callable[[], Panel]) -> Any:
    """The compiled graph; `load` is called when the first node runs.

    Raises there what `Panel.load` and `asked` raise.
    """
    from langgraph.graph import END, START, StateGraph

    def rag(state: ChatState) -> dict[str, Any]:
        """Retrieval with the untuned student."""
        question = asked(state["question"])
        return {"rag": as_object(load().contestants["rag"].answer_all([question])[0])}

    def tuned(state: ChatState) -> dict[str, Any]:
        """The tuned student, closed book; after the other, since both want all cores."""
        return {"tuned": as_object(load().contestants["tuned"].answer_all([asked(state["question"])])[0])}

    graph = StateGraph(ChatState, input_schema=ChatInput, output_schema=ChatOutput, context_schema=ChatContext)
    graph.add_node("ask_rag", rag)
    graph.add_node("ask_tuned", tuned)
    graph.add_edge(START, "ask_rag")
    graph.add_edge("ask_rag", "ask_tuned")
    graph.add_edge("ask_tuned", END)
    return graph.compile()
