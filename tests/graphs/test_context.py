"""What the nodes share: shards, stages with their seconds, and the calls that were asked for."""

from __future__ import annotations

import asyncio

import pytest

from agents.console import Console
from agents.errors import Waiting
from agents.models.client import Request
from agents.models.scripted import ScriptedModel
from agents.project import Project
from graphs.context import Context
from graphs.run import open_clients
from graphs.state import SynthesisState
from tests.conftest import client_of


@pytest.fixture
def context(project: Project, silent: Console) -> Context:
    client = client_of(ScriptedModel({"toy": lambda inputs: "x"}))
    return Context(project, {"extractor": client, "critic": client}, silent)


def ask(context: Context, prompt: str) -> None:
    asyncio.run(
        context.clients["critic"].ask(Request(role="toy", messages=[{"role": "user", "content": prompt}], max_tokens=1))
    )


def test_ids_are_cut_into_shards_of_the_configured_size(context: Context) -> None:
    assert [len(s) for s in context.shards(list(range(12)))] == [5, 5, 2]
    assert context.shards([]) == []


def test_a_stage_counts_its_seconds_and_notes_the_calls_asked_for(context: Context) -> None:
    context.begin("a run")
    with context.stage("toy") as stage:
        ask(context, "a")
        stage.count("done")
    assert context.seconds["toy"] > 0
    assert len((context.work.path / "calls.txt").read_text().split()) == 1


def test_a_stage_that_waits_interrupts_its_node_alone_and_only_that_node_runs_again(
    context: Context,
) -> None:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph import END, START, StateGraph

    context.begin("a run")
    ran: list[str] = []
    waits = True

    def waiting(state: SynthesisState) -> SynthesisState:
        ran.append("waiting")
        with context.stage("toy", 2):
            if waits:
                raise Waiting(2)
        return {}

    async def beside(state: SynthesisState) -> SynthesisState:
        await asyncio.sleep(0.02)  # the other node was interrupted long ago
        ran.append("beside")
        return {}

    def after(state: SynthesisState) -> SynthesisState:
        ran.append("after")
        return {}

    graph = StateGraph(SynthesisState)
    for name, node in (("waiting", waiting), ("beside", beside), ("after", after)):
        graph.add_node(name, node)
    graph.add_edge(START, "waiting")
    graph.add_edge(START, "beside")
    graph.add_edge(["waiting", "beside"], "after")
    graph.add_edge("after", END)
    compiled, thread = graph.compile(InMemorySaver()), {"configurable": {"thread_id": "1"}}
    asyncio.run(compiled.ainvoke({"counts": {}}, thread))
    assert sorted(ran) == ["beside", "waiting"]
    waits = False
    asyncio.run(compiled.ainvoke(None, thread))
    assert ran[2:] == ["waiting", "after"]


def test_after_an_interruption_the_calls_of_finished_stages_are_known(
    context: Context, project: Project, silent: Console
) -> None:
    context.begin("a run")
    with context.stage("toy"):
        ask(context, "a")
    later = Context(project, {"critic": client_of(ScriptedModel({"toy": lambda inputs: "x"}))}, silent)
    ask(later, "b")
    assert later.work.begun() == "a run"
    assert len(later.asked()) == 2
    later.begin("another run")
    assert len(later.asked()) == 1


def test_roles_of_one_model_share_a_client(project: Project) -> None:
    clients = open_clients(project, client_of(ScriptedModel({})).store, replay=False, backend=ScriptedModel({}))
    assert len({id(c) for c in clients.values()}) == 1


def test_a_client_of_several_roles_is_closed_once(project: Project, silent: Console) -> None:
    closed: list[str] = []

    class Closing(ScriptedModel):
        async def close(self) -> None:
            closed.append("closed")

    client = client_of(Closing({}))
    asyncio.run(Context(project, {"extractor": client, "critic": client}, silent).close_clients())
    assert closed == ["closed"]
