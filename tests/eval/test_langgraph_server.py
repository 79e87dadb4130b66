"""The graphs that `langgraph dev` serves."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from agents.errors import ConfigError, InputError
from agents.models.dialect import Dialect
from agents.models.store import Reply, StoredCall
from agents.project import Project
from eval.chat import Panel, openers
from eval.chat_graph import build_chat
from eval.langgraph_server import EXECUTES, ServedStore
from eval.settings import EvalConfig
from graphs.init import init

ROOT = Path(__file__).parents[2]
SERVED = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]
PAGE = (
    "# Journal, 3 April\n\nBastow Pask bought the blue boat from Wenna Tolley on Monday. Wenna Tolley keeps the lamp "
    "at Gull Point."
)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that the server is told to serve."""
    init(tmp_path)
    (tmp_path / "documents" / "april.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.setenv("RAGTUNED_PROJECT", str(tmp_path))
    return tmp_path


def with_graph(name: str, chosen: dict[str, Any], use: Callable[[Any], Any]) -> Any:
    """What `use` makes of a graph of langgraph.json, opened as the server does."""
    path, _, factory = SERVED[name]["path"].partition(":")
    make = getattr(importlib.import_module(path.removeprefix("./").removesuffix(".py").replace("/", ".")), factory)

    async def opened() -> Any:
        made = make({"configurable": chosen})
        if not isinstance(made, AbstractAsyncContextManager):
            return use(made)
        async with made as graph:
            found = use(graph)
            return await found if asyncio.iscoroutine(found) else found

    return asyncio.run(opened())


@pytest.mark.parametrize(
    ("name", "given", "ends", "chosen"),
    [("synthesis", {"fresh"}, {"counts", "result"}, {"run", "dry"}), ("chat", {"question"}, {"rag", "tuned"}, {"run"})],
    ids=["synthesis", "chat"],
)
def test_langgraph_json_names_graphs_with_forms_and_without_a_checkpointer(
    served: Path, name: str, given: set[str], ends: set[str], chosen: set[str]
) -> None:
    def forms(graph: Any) -> tuple[Any, ...]:
        schemas = (graph.get_input_jsonschema(), graph.get_output_jsonschema(), graph.get_context_jsonschema())
        return (*(set(schema["properties"]) for schema in schemas), graph.checkpointer)

    assert with_graph(name, {}, forms) == (given, ends, chosen, None)
    assert SERVED[name]["description"]


def test_a_dry_synthesis_runs_to_its_end_in_a_run_of_its_own(served: Path) -> None:
    end = with_graph("synthesis", {"run": "mine", "dry": True}, lambda graph: graph.ainvoke({"fresh": True}))
    assert end["result"]["rows"]["train"] > 0
    assert (served / "runs" / "mine-dry" / "data" / "train.jsonl").stat().st_size > 0
    assert not (served / "calls.sqlite").exists()


def test_a_folder_without_a_config_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGTUNED_PROJECT", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no ragtuned\.toml"):
        with_graph("synthesis", {}, lambda graph: graph)


def test_a_run_that_is_no_name_is_refused(served: Path) -> None:
    with pytest.raises(InputError, match=r"'\.\./x' is not a name"):
        with_graph("synthesis", {"run": "../x"}, lambda graph: graph)


def test_the_served_store_keeps_calls_as_the_other_does(tmp_path: Path) -> None:
    store = ServedStore(tmp_path / "calls.sqlite")
    call = StoredCall(status="ok", reply=Reply(text="said"))
    store.put("key", "critic", {"model": "m"}, call)
    store.set_dialect("m", Dialect(rung="tools"))
    assert (store.get("key"), store.get("none"), store.dialect("m").rung) == (call, None, "tools")
    store.mark_unreadable("key", call.reply)
    assert store.get("key") == StoredCall(status="unreadable", reply=call.reply)
    store.close()


def test_the_chat_graph_answers_one_question_from_both(
    project: Project, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> None:
    students = {None: toy_student(lambda _: "read"), project.adapter_dir: toy_student(lambda _: "known")}
    graph = build_chat(lambda: Panel.load(openers(project, EvalConfig(), "toy", lambda a: students[a], lambda: embed)))
    said = asyncio.run(graph.ainvoke({"question": " What does Hettary charge? "}))
    assert (said["rag"]["text"], said["tuned"]["text"]) == ("read", "known")
    assert said["rag"]["sources"][0]["path"]
    assert not said["tuned"]["sources"]
    with pytest.raises(InputError, match="the question is empty"):
        asyncio.run(graph.ainvoke({"question": " "}))


def test_where_the_server_only_reads_no_store_is_opened(served: Path) -> None:
    assert "load" in with_graph("synthesis", {EXECUTES: False}, lambda graph: graph.get_graph().nodes)
    assert not (served / "calls.sqlite").exists()
