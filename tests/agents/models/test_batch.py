"""The file of requests: one line each, as a live call would send it, in files that the Batch API takes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agents.errors import ConfigError, FailedCall, InputError, RefusedReply, TruncatedReply, Waiting
from agents.models import batch as batch_module
from agents.models.batch import Batch, holds_requests, refuse_embedded
from agents.models.budget import Budget, Caps
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect
from agents.models.openai_backend import OpenAIBackend
from agents.models.request import Request
from agents.models.store import CallStore, Reply, StoredCall, call_key
from tests.agents.models.test_openai_backend import Server, completion
from tests.batch_answers import requests_of

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def request(prompt: str = "Who?", **changes: Any) -> Request:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": prompt}]
    return Request.model_validate({"role": "critic", "messages": messages, "max_tokens": 9, **changes})


def client_for(path: Path, caps: Caps | None = None, **config: Any) -> tuple[Client, Batch]:
    """A client that writes `path`, over a store beside it."""
    told = ModelConfig.model_validate({"provider": "openai", "model": "toy", **config})
    store, budget = CallStore(path.with_name("calls.sqlite")), Budget(caps)
    batch = Batch(path, store, budget)
    return Client(OpenAIBackend(told), store, told, budget=budget, batch=batch), batch


def ask(client: Client, *requests: Request) -> None:
    for one in requests:
        with pytest.raises(Waiting):
            asyncio.run(client.ask(one))


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request(logprobs=True, max_tokens=1),
        request(json_schema=SCHEMA, schema_name="Toy", temperature=0.7),
        request("Wer hält das Licht? 灯台 \U0001f5fc"),
    ],
    ids=["plain", "log-probabilities", "schema", "other-letters"],
)
def test_the_body_of_a_line_is_what_a_live_call_sends(tmp_path: Path, asked: Request) -> None:
    server = Server()
    server.answers = [(200, completion('{"a": "b"}'), {})]
    config = {"base_url": server.url}
    live = Client(
        OpenAIBackend(ModelConfig.model_validate({"provider": "openai", "model": "toy", **config})),
        CallStore(tmp_path / "live.sqlite"),
        ModelConfig.model_validate({"provider": "openai", "model": "toy", **config}),
    )

    async def once() -> None:
        await live.ask(asked)
        await live.backend.close()

    asyncio.run(once())
    client, batch = client_for(tmp_path / "requests.jsonl", **config)
    ask(client, asked)
    batch.write()
    (line,) = requests_of(tmp_path / "requests.jsonl")
    assert {**line["body"], "stream": False} == server.asked[0]  # which no batch does
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert line["custom_id"] == call_key(asked.identity("toy", "json_schema" if asked.json_schema else "prompt"))


def test_the_same_request_is_written_once_and_noted_as_out(tmp_path: Path) -> None:
    client, batch = client_for(tmp_path / "requests.jsonl")
    ask(client, request(), request(), request("When?"))
    told = batch.write()
    assert (told["requests"], told["by_role"], told["cost"]) == (2, {"critic": 2}, None)
    assert sum(client.store.pending.by_day().values()) == 2


def test_the_rung_that_the_store_knows_is_taken_and_else_the_first(tmp_path: Path) -> None:
    client, batch = client_for(tmp_path / "requests.jsonl")
    ask(client, request(json_schema=SCHEMA, schema_name="Toy"))
    client.store.set_dialect("toy", Dialect(rung="tools"))
    other, second = client_for(tmp_path / "requests.jsonl")
    ask(other, request(json_schema=SCHEMA, schema_name="Toy"))
    assert ["tools" in r.body for b in (batch, second) for r in b.requests.values()] == [False, True]


@pytest.mark.parametrize(
    ("status", "error"),
    [("truncated", TruncatedReply), ("refused", RefusedReply)],
)
def test_a_failure_in_the_store_fails_again_and_is_not_asked_for(
    tmp_path: Path, status: Any, error: type[Exception]
) -> None:
    client, batch = client_for(tmp_path / "requests.jsonl")
    identity = request().identity("toy", "prompt")
    client.store.put(call_key(identity), "critic", identity, StoredCall(status=status, reply=Reply(text="half")))
    with pytest.raises(error):
        asyncio.run(client.ask(request()))
    assert not batch.waits


def test_a_request_that_was_refused_three_times_fails_alone(tmp_path: Path) -> None:
    client, batch = client_for(tmp_path / "requests.jsonl")
    ask(client, request())
    for _ in range(3):
        batch.write()
        client.store.pending.refused(next(iter(batch.requests)), "400: too long")
    with pytest.raises(FailedCall, match="refused in 3 batches") as failed:
        asyncio.run(client.ask(request()))
    assert failed.value.raw == "400: too long"


def test_more_lines_or_bytes_than_the_api_takes_go_into_further_files_and_old_ones_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "MOST_LINES", 2)
    path = tmp_path / "requests.jsonl"
    client, batch = client_for(path)
    ask(client, *(request(str(n)) for n in range(5)))
    names = [Path(file["path"]).name for file in batch.write()["files"]]
    assert names == ["requests-1.jsonl", "requests-2.jsonl", "requests-3.jsonl"]
    monkeypatch.setattr(batch_module, "MOST_LINES", 50_000)
    monkeypatch.setattr(batch_module, "MOST_BYTES", 600)
    (tmp_path / "requests-notes.jsonl").write_text("mine")
    assert [file["requests"] for file in batch.write()["files"]] == [2, 2, 1]
    monkeypatch.setattr(batch_module, "MOST_BYTES", 10_000)
    batch.write()
    assert {p.name for p in tmp_path.glob("requests*")} == {"requests.jsonl", "requests-notes.jsonl"}
    batch.clear()
    assert {p.name for p in tmp_path.glob("requests*")} == {"requests-notes.jsonl"}


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (json.dumps({"custom_id": "a", "method": "POST", "url": "/v1", "body": {}}) + "\n", True),
        ("", True),
        ('{"custom_id": "a", "response": {}}\n', False),
        ("[1]\n", False),
        ("\x00\xff", False),
        ("[" * 100_000, False),
    ],
    ids=["requests", "empty", "results", "a-list", "no-text", "deep"],
)
def test_only_a_file_of_requests_is_taken_for_one(tmp_path: Path, text: str, ours: bool) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="latin-1")
    assert holds_requests(path) is ours


def test_a_folder_is_no_file_of_requests(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file of requests"):
        client_for(tmp_path)


def test_an_embedded_model_is_refused_with_its_roles() -> None:
    models = {name: ModelConfig.model_validate({"provider": name}) for name in ("local", "openai")}
    with pytest.raises(ConfigError, match="speaks for local, and"):
        refuse_embedded(models)
    refuse_embedded({"critic": models["openai"]})
