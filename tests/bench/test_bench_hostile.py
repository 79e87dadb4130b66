"""Whole syntheses against a scripted server that turns on its client: quoted keys, junk, no tokens stated, failures."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

import ragtuned
from agents.console import Console
from agents.errors import BudgetReached, RagtunedError
from agents.models.budget import Caps
from agents.models.request import estimated_tokens
from agents.models.store import CallStore
from bench.server.chat_request import read_request
from bench.server.replies import answer
from bench.server.serve import Served, _completion
from graphs.run import at_work, synthesize
from tests.agents.models.hostile import JUNK, KEY, ODD, holds_key
from tests.conftest import open_project

Twist = Callable[
    [int, dict[str, Any], str], tuple[int, Any]
]  # (how many came, the good body, the authorization) -> (status, body)
CONFIG = """
[models.teacher]
provider = "openai"
model = "scripted"
base_url = "{url}"
api_key_env = "TOY_KEY"
retries = {retries}
price_in = 1.0
price_out = 4.0

[synthesis]
local.briefs = 6
global.briefs_per_report = 1
unanswerable.briefs = 2
unanswerable.contrast_rows = 2
wordings.per_question = 2
untrained_share = 0.2
shard_size = 5
recipe = "{recipe}"
"""
PAPER = {  # what the published recipe's roles get: the scripted server does not know them
    "Described": {
        "entities": ["person: Bastow Pask | keeps the lamp", "geo: Ostrey | has a harbour"],
        "relations": ["Bastow Pask | Ostrey | it pays him"],
    },
    "LongDraft": {
        "question": "Why does Bastow Pask matter?",
        "thought": "He keeps the lamp.",
        "answer": "He keeps the lamp of Ostrey.",
    },
    "QuestionDraft": {"thought": "There is enough.", "question": "Who is Bastow Pask?"},
    "AnswerDraft": {"thought": "He keeps the lamp.", "answer": "He keeps the lamp."},
}


class Hostile:
    """Answers as the scripted server does, then as `twist` makes of it."""

    def __init__(self) -> None:
        self.twist: Twist = lambda count, body, key: (200, body)
        self.asked: list[bytes] = []
        served, lock, outer = Served(latency=0.0), threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                asked = read_request(sent)
                with lock:
                    outer.asked.append(sent)
                    good = _completion(served, asked, answer(asked), "")
                    name = json.loads(sent).get("response_format", {}).get("json_schema", {}).get("name")
                    good = saying(good, json.dumps(PAPER[name])) if name in PAPER else good
                    status, body = outer.twist(len(outer.asked), good, self.headers["Authorization"])
                text = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {
                    "Content-Type": "application/json",
                    "Retry-After": "0",
                    "Content-Length": str(len(text)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/v1"

    def config(self, retries: int = 1, recipe: str = "ragtuned") -> str:
        return CONFIG.format(url=self.url, retries=retries, recipe=recipe)


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hostile]:
    monkeypatch.setattr("agents.models.openai_backend.HICCUP", 0.0)
    monkeypatch.setenv("TOY_KEY", KEY)
    server = Hostile()
    yield server
    server.http.shutdown()
    server.http.server_close()


def said(body: dict[str, Any]) -> str:
    """The text of a good body."""
    return body["choices"][0]["message"]["content"] or ""


def saying(body: dict[str, Any], text: str) -> dict[str, Any]:
    """The body with another text."""
    choice = body["choices"][0]
    return {**body, "choices": [{**choice, "message": {**choice["message"], "content": text}, "logprobs": None}]}


def drawn(body: dict[str, Any], count: int, kinds: int) -> int:
    """A number below `kinds` that the text and the count decide."""
    return int(hashlib.sha256(f"{count} {said(body)}".encode()).hexdigest(), 16) % kinds


def quoting(count: int, body: dict[str, Any], key: str) -> tuple[int, Any]:
    """Every third answer is good.

    The others quote the header in errors, in the text, in tokens and in the model's name.
    """
    error = {"error": {"message": f"bad {key} of {quote(key, safe='')}", "type": "error", "code": key}}
    tops = [{"token": "yes", "logprob": -0.1, "bytes": None}, {"token": key, "logprob": -3.0, "bytes": None}]
    odd = {
        0: (429, error),
        1: (500, error),
        2: (200, saying(body, f"{key} {said(body)}")),
        3: (200, saying(body, said(body).replace(". ", f" {key}. "))),
        4: (
            200,
            {
                **saying(body, "yes"),
                "choices": [{**body["choices"][0], "logprobs": {"content": [{**tops[0], "top_logprobs": tops}]}}],
            },
        ),
        5: (200, saying(body, f"I have no answer for {key[:20]} or {key[-16:]}")),
        6: (503, f"<html>{key}</html>"),
        7: (200, {**body, "model": key, "system_fingerprint": key, "id": key}),
    }
    return (200, body) if count % 3 == 0 else odd[drawn(body, count, len(odd))]


def every_byte(folder: Path) -> dict[str, bytes]:
    """All files below a folder as they are, and unpacked."""
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return found | {f"{name} unpacked": gzip.decompress(data) for name, data in found.items() if name.endswith(".gz")}


def test_no_file_of_a_project_holds_a_key_that_the_server_quotes_everywhere(
    hostile: Hostile, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = open_project(tmp_path, hostile.config(retries=8))
    hostile.twist = quoting
    record = synthesize(project, Console())
    CallStore(project.calls).export(tmp_path / "calls.jsonl.gz")
    out = capfd.readouterr()
    assert record.counts.planned > 0
    assert len(hostile.asked) > 30
    assert [name for name, data in every_byte(tmp_path).items() if holds_key(data)] == []
    assert not holds_key(f"{out.out}{out.err}".encode())


@pytest.mark.parametrize("status", [401, 403, 500, 429], ids=str)
def test_no_file_and_no_line_holds_a_key_when_the_first_answer_ends_the_run(
    hostile: Hostile, tmp_path: Path, status: int
) -> None:
    project = open_project(tmp_path, hostile.config(retries=0))
    hostile.twist = lambda count, body, key: (
        status,
        {"error": {"message": f"You said {key}", "type": "error", "code": "x"}},
    )
    done = CliRunner().invoke(ragtuned.app, ["synthesize", "-C", str(tmp_path)])
    assert isinstance(done.exception, RagtunedError)
    assert not holds_key(f"{done.output} {done.exception}".encode())
    assert hostile.asked
    assert [name for name, data in every_byte(project.directory).items() if holds_key(data)] == []


def test_plain_http_to_another_machine_is_warned_of_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = CONFIG.format(url="http://model.invalid:9/v1", retries=0, recipe="ragtuned")
    with at_work(open_project(tmp_path, config), Console(quiet=True), replay=False, dry=False, backend=None, caps=None):
        pass
    assert capsys.readouterr().err.count("without encryption") == 1


BAD = [*JUNK.values(), *ODD.values()]


def junk_in(share: int) -> Twist:
    """One answer of `share` is junk: another text, a body of another form, nonsense where numbers should be."""

    def twist(count: int, body: dict[str, Any], key: str) -> tuple[int, Any]:
        if count % share:
            return 200, body
        kind = drawn(body, count, len(BAD) + 4)
        others = (
            {**body, "usage": "much"},
            "[" * 50_000,
            {**body, "choices": []},
            {**body, "choices": [{**body["choices"][0], "logprobs": [5]}]},
        )
        return 200, saying(body, BAD[kind]) if kind < len(BAD) else others[kind - len(BAD)]

    return twist


@pytest.mark.parametrize("recipe", ["ragtuned", "paper"])
@pytest.mark.parametrize("share", [2, 5], ids=["every-second", "every-fifth"])
def test_junk_is_an_item_of_its_own_and_the_run_goes_on(
    hostile: Hostile, tmp_path: Path, recipe: str, share: int
) -> None:
    project = open_project(tmp_path, hostile.config(retries=2, recipe=recipe))
    hostile.twist = junk_in(share)
    record = synthesize(project, Console(quiet=True))
    assert record.rows["train"] > 0
    paid = len(hostile.asked)
    assert synthesize(project, Console(quiet=True)).unchanged
    assert len(hostile.asked) == paid
    store = CallStore(project.calls)
    store.export(tmp_path / "calls.jsonl.gz")
    store.close()
    again = open_project(tmp_path / "again", hostile.config(recipe=recipe))
    copy = CallStore(again.calls)
    copy.load(tmp_path / "calls.jsonl.gz")
    copy.close()
    replayed = synthesize(again, Console(quiet=True), replay=True)
    assert replayed.counts == record.counts
    assert len(hostile.asked) == paid


USAGE = {
    "no-usage": None,
    "nought": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    "nonsense": {"prompt_tokens": "x", "completion_tokens": -5},
}
CAPS = {"calls": Caps(calls=15), "tokens": Caps(tokens=6_000), "cost": Caps(cost=0.012)}


@pytest.mark.parametrize("caps", CAPS.values(), ids=CAPS)
@pytest.mark.parametrize("usage", USAGE.values(), ids=USAGE)
def test_a_cap_holds_whatever_the_server_states(hostile: Hostile, tmp_path: Path, caps: Caps, usage: Any) -> None:
    project = open_project(tmp_path, hostile.config(retries=3))
    received: list[int] = []

    def twist(count: int, body: dict[str, Any], key: str) -> tuple[int, Any]:
        if count % 4 == 3:
            return 500, {"error": {"message": "later"}}
        if count % 5 == 4:
            body = saying(body, "no JSON at all")
        received.append(estimated_tokens(said(body)))
        return 200, {**body, "usage": usage}

    hostile.twist = twist
    with pytest.raises(BudgetReached):
        synthesize(project, Console(quiet=True), caps=caps)
    messages = [[m["content"] for m in json.loads(sent)["messages"]] for sent in hostile.asked]
    tokens_in, tokens_out = sum(estimated_tokens(*said) for said in messages), sum(received)
    assert 0 < len(hostile.asked) <= (caps.calls or 10**6)
    assert tokens_in + tokens_out <= (caps.tokens or 10**9)
    assert (tokens_in + 4 * tokens_out) / 1e6 <= (caps.cost or 10**9)
