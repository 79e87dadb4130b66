"""The chat's routes, asked as the page asks them: streams, stop, waiting in line, blind votes."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from agents.errors import InputError
from eval.chat import HEARD, Apart, openers
from eval.contestants.answering import Question
from eval.settings import EvalConfig
from eval.ui.panes import Pane, Panes, ask
from eval.ui.server import Served, build_app
from eval.ui.site import serve, site
from eval.votes import preferences
from tests.conftest import open_project

if TYPE_CHECKING:
    from eval.contestants.answering import Student


def post(port: int, path: str, body: Any) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


def stream(port: int, **body: Any) -> Generator[dict[str, Any], None, None]:
    """Each line of an answer as it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    sent = {"question": "Who keeps the light?", "panes": ["rag", "tuned"], **body}
    connection.request("POST", "/api/chat/ask", json.dumps(sent), {"Content-Type": "application/json"})
    reply = connection.getresponse()
    while line := reply.readline():
        yield json.loads(line)
    connection.close()


def test_both_panes_stream_at_the_same_time(desk: Any, toys: dict[str, Any]) -> None:
    for name in ("rag", "tuned"):
        toys[name].go.clear()
    lines = stream(desk.served.port)
    heard: set[str] = set()
    for line in lines:
        heard |= {line["pane"]} if line["type"] == "text" else set()
        if heard == {"rag", "tuned"}:  # both have said something, and neither is done
            toys["rag"].go.set()
            toys["tuned"].go.set()
        if line["type"] == "done":
            assert heard == {"rag", "tuned"}
    assert heard == {"rag", "tuned"}


def test_an_answer_comes_with_its_sources_and_the_weights_with_what_was_trained(desk: Any) -> None:
    ends = {line["pane"]: line for line in stream(desk.served.port) if line["type"] == "done"}
    (source,) = ends["rag"]["sources"]
    assert (source["document"], source["text"]) == ("doc-june.md", "The duck is blue.")
    assert ends["rag"]["known"] == []
    assert (ends["tuned"]["reasoning"], ends["tuned"]["text"]) == ("Somebody was made keeper.", "Wenna keeps the light")
    nearest = ends["tuned"]["known"][0]
    assert (nearest["id"], nearest["evidence"][0]["quote"]) == ("row-keeper", "Wenna became keeper")
    assert ends["tuned"]["completion_tokens"] > 0
    assert ends["tuned"]["seconds"] >= 0
    assert ends["tuned"]["first_token"] is not None


def test_the_first_word_is_the_first_that_can_be_seen() -> None:
    class Slow:
        name = "tuned"

        def answer_all(self, questions: Any) -> list[Any]:
            tell = HEARD.get()
            assert tell
            tell("")  # llama.cpp names the role before it says a word
            time.sleep(0.03)
            tell("Wenna")
            raise InputError("the model is gone", "start it")

    pane, heard = Pane("tuned", Slow, contestant=Slow()), []
    said = ask(pane, Question(id="q", text="Who?"), heard.append, threading.Event())
    assert said.first_token is not None
    assert said.first_token >= 0.03
    assert heard == ["Wenna"]  # and not held back because something without a word came just before


def test_a_stopped_answer_keeps_what_is_written(desk: Any, toys: dict[str, Any]) -> None:
    toys["tuned"].go.clear()
    for line in stream(desk.served.port, panes=["tuned"]):
        if line["type"] == "round":
            key = line["round"]
        if line["type"] == "text":
            assert post(desk.served.port, "/api/chat/stop", {"round": key}) == (200, {"stopped": True})
        if line["type"] == "stopped":
            assert line["text"].startswith("Wenna keeps")
            break
    else:
        pytest.fail("it was not stopped")


def test_a_second_question_waits_in_line_and_is_told(desk: Any, toys: dict[str, Any]) -> None:
    toys["tuned"].go.clear()
    first = stream(desk.served.port, panes=["tuned"])
    assert [next(first)["type"] for _ in range(2)] == ["round", "begun"]
    for line in stream(desk.served.port, panes=["base"]):
        if line["type"] == "in_line":
            toys["tuned"].go.set()
        if line["type"] == "done":
            break
    else:
        pytest.fail("it was never answered")
    assert [line["type"] for line in first][-1] == "done"


def test_who_leaves_ends_the_answer_and_the_next_question_has_its_turn(desk: Any, toys: dict[str, Any]) -> None:
    toys["tuned"].go.clear()
    leaving = stream(desk.served.port, panes=["tuned"])
    assert next(leaving)["type"] == "round"
    leaving.close()
    started = time.monotonic()
    assert [line["type"] for line in stream(desk.served.port, panes=["base"])][-1] == "done"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "fault",
    [InputError("the index is damaged", "remove it"), TypeError("the index is damaged")],
    ids=["ours", "a library's"],
)
def test_a_contestant_that_fails_is_told_in_its_pane_and_the_other_answers(
    desk: Any, toys: dict[str, Any], fault: Exception
) -> None:
    toys["rag"].fault = fault
    ends = {line["pane"]: line for line in stream(desk.served.port) if "pane" in line}
    assert (ends["rag"]["type"], ends["tuned"]["type"]) == ("failed", "done")
    assert "the index is damaged" in ends["rag"]["what"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param({"question": "  "}, "is empty", id="empty"),
        pytest.param({"question": "x" * 50_000}, "has 50000 characters", id="50 kB"),
        pytest.param({"panes": ["nobody"]}, "no such contestant", id="unknown contestant"),
        pytest.param({"panes": "rag"}, "no such contestant", id="no list"),
        pytest.param({"panes": ["rag"], "blind": True}, "needs two contestants", id="blind with one"),
    ],
)
def test_what_cannot_be_asked_is_said(desk: Any, body: dict[str, Any], message: str) -> None:
    status, told = post(desk.served.port, "/api/chat/ask", {"question": "Who?", "panes": ["rag"], **body})
    assert (status, message in told["what"]) == (400, True)
    assert told["do"]


def test_a_blind_answer_says_nothing_of_who_gave_it_until_the_vote(desk: Any) -> None:
    lines = list(stream(desk.served.port, blind=True))
    assert lines[0]["panes"] == ["left", "right"]
    ends = [line for line in lines if line["type"] == "done"]
    assert [set(line) for line in ends] == [{"type", "pane", "text"}] * 2
    assert not any("Somebody was made keeper" in line["text"] for line in ends)  # only one of them reasons
    status, told = post(
        desk.served.port, "/api/chat/vote", {"round": lines[0]["round"], "choice": "left", "who": "Ann"}
    )
    assert status == 200
    assert {told["panes"]["left"]["name"], told["panes"]["right"]["name"]} == {"rag", "tuned"}
    (one,) = preferences(desk.project)
    assert (one.name, one.other, one.wins.n) == ("tuned", "rag", 1)
    assert one.wins.hits == (told["panes"]["left"]["name"] == "tuned")


def test_sides_are_shuffled(desk: Any) -> None:
    seen = set()
    for _ in range(40):
        lines = list(stream(desk.served.port, blind=True))
        told = post(desk.served.port, "/api/chat/vote", {"round": lines[0]["round"], "choice": "tie"})[1]
        seen.add(told["panes"]["left"]["name"])
        if len(seen) == 2:
            break
    assert seen == {"rag", "tuned"}


def test_one_question_has_one_vote(desk: Any) -> None:
    key = list(stream(desk.served.port, blind=True))[0]["round"]
    for choice in ("tie", "both_bad"):
        assert post(desk.served.port, "/api/chat/vote", {"round": key, "choice": choice})[0] == 200
    (one,) = preferences(desk.project)
    assert (one.ties, one.both_bad) == (1, 0)
    assert post(desk.served.port, "/api/chat/vote", {"round": "none", "choice": "tie"})[0] == 400
    open_key = list(stream(desk.served.port))[0]["round"]
    assert post(desk.served.port, "/api/chat/vote", {"round": open_key, "choice": "tie"})[0] == 400


def test_a_contestant_whose_library_is_broken_is_missing_and_the_next_one_loads(toys: dict[str, Any]) -> None:
    def broken() -> Any:
        raise ImportError("no module named toy")

    panes = Panes({"rag": broken, "tuned": lambda: toys["tuned"]})
    panes.load()
    assert {name: pane.state for name, pane in panes.panes.items()} == {"rag": "missing", "tuned": "ready"}
    assert "no module named toy" in panes.panes["rag"].what


def test_a_run_without_an_adapter_says_in_that_pane_what_to_run(desk_project: Any, toys: dict[str, Any]) -> None:
    def missing() -> Any:
        raise InputError("there is no adapter", "run `ragtuned tune` first")

    toys["rag"].go.set()
    routes, panes = site(desk_project, {"rag": lambda: toys["rag"], "tuned": missing})
    panes.load()
    served = Served(build_app(routes), "127.0.0.1", None)
    ends = {line["pane"]: line for line in stream(served.port) if "pane" in line}
    served.close()
    assert (ends["rag"]["type"], ends["tuned"]["type"]) == ("done", "missing")
    assert ends["tuned"]["do"] == "run `ragtuned tune` first"


def test_a_run_without_index_and_adapter_says_in_each_pane_what_to_run(tmp_path: Path) -> None:
    project = open_project(tmp_path)
    config = project.section("eval", EvalConfig)
    found = openers(project, config, "student", lambda _: cast("Student", None), lambda: lambda texts: [])
    routes, panes = site(project, found)
    panes.load()
    served = Served(build_app(routes), "127.0.0.1", None)
    ends = {line["pane"]: line for line in stream(served.port) if "pane" in line}
    served.close()
    assert [(name, end["type"]) for name, end in sorted(ends.items())] == [("rag", "missing"), ("tuned", "missing")]
    assert "ragtuned synthesize" in ends["rag"]["do"]
    assert "ragtuned tune" in ends["tuned"]["do"]


def test_the_page_is_there_while_the_models_load(desk_project: Any) -> None:
    loading = threading.Event()
    routes, panes = site(desk_project, {"tuned": lambda: loading.wait(20)})  # type: ignore[dict-item,return-value]
    served = Served(build_app(routes), "127.0.0.1", None)
    thread = panes.load_aside()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("GET", "/api/chat")
    told = json.loads(connection.getresponse().read())
    assert told["panes"][0]["state"] in ("waiting", "loading")
    loading.set()
    thread.join()
    assert panes.panes["tuned"].state == "ready"
    served.close()


def test_examples_are_of_each_kind_and_those_held_out_come_first(desk: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", desk.served.port, timeout=20)
    connection.request("GET", "/api/chat")
    examples = json.loads(connection.getresponse().read())["examples"]
    assert examples[0] == {"kind": "local", "question": "Who tends the light?"}
    assert {one["kind"] for one in examples} == {"local", "global"}


def test_a_model_that_cannot_be_loaded_does_not_take_the_page_along() -> None:
    def broken() -> Any:
        raise MemoryError("no space")

    panes = Panes({"tuned": broken})
    panes.load()
    assert (panes.panes["tuned"].state, "no space" in panes.panes["tuned"].what) == ("missing", True)


def test_a_page_that_ends_lets_go_of_its_served_models(
    desk_project: Any, toys: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []

    def opened(held: ExitStack) -> Any:
        held.callback(gone.append, "rag")
        return toys["rag"]

    monkeypatch.setattr(Panes, "load_aside", Panes.load)
    monkeypatch.setattr(Served, "wait", lambda page: (gone.append("not yet"), page.close()))
    found: Any = {"rag": lambda: Apart("rag", opened), "tuned": lambda: toys["tuned"]}
    serve(desk_project, found, "127.0.0.1", None, "chat")
    assert gone == ["not yet", "rag"]
