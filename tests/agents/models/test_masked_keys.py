"""The key goes to its own server and nowhere else: not into an error, a reply, a file, or to another server."""

from __future__ import annotations

import asyncio
import json
import traceback
from typing import Any
from urllib.parse import quote

import pytest

from agents.errors import (
    ConfigError,
    EndpointError,
    ModelError,
    UnreadableReply,
)
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.local import Endpoint
from agents.models.openai_backend import LocalBackend, OpenAIBackend
from agents.models.store import CallStore
from tests.agents.models.hostile import HI, KEY, asked, client_at, files_of, holds_key, of_role
from tests.agents.models.test_openai_backend import Server, completion, error

QUOTED = {
    "as-it-is": f"Authorization: Bearer {KEY}",
    "encoded": f"?key={quote(KEY, safe='')}",
    "beginning": f"Incorrect API key provided: {KEY[:20]}…",
    "end": f"key …{KEY[-16:]} has no quota",
}


@pytest.mark.parametrize("words", QUOTED.values(), ids=QUOTED)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503], ids=str)
def test_a_key_in_an_error_page_is_masked(server: Server, store: CallStore, status: int, words: str) -> None:
    server.says((status, error(words), {"Retry-After": "0"}))
    with pytest.raises(ModelError) as caught:
        asked(client_at(server, store), HI)
    assert server.keys == [f"Bearer {KEY}"]
    assert not holds_key("".join(traceback.format_exception(caught.value)).encode())
    assert not holds_key(f"{caught.value!r} {caught.value.raw} {vars(caught.value)}".encode())
    assert not holds_key(files_of(store.path.parent))


@pytest.mark.parametrize("words", QUOTED.values(), ids=QUOTED)
def test_a_key_in_a_reply_is_masked_before_anyone_sees_it(server: Server, store: CallStore, words: str) -> None:
    top = {"content": [{"token": words, "logprob": -0.1, "top_logprobs": [{"token": words, "logprob": -0.1}]}]}
    server.says((200, completion(f"You sent {words}.", "stop", top)))
    reply = asked(client_at(server, store), HI.model_copy(update={"logprobs": True}))[0]
    assert reply.text.startswith("You sent ")
    assert not holds_key(reply.model_dump_json().encode())
    assert not holds_key(files_of(store.path.parent))


BODIES = {
    "cut-off": (200, completion(f"It is {KEY}", "length")),
    "refused": (200, completion(None, refusal=f"I refuse {KEY}")),
    "unparsed": (500, error(f"output does not match the expected: {KEY}")),
    "a-page": (200, f"<html>{KEY}</html>"),
    "another-protocol": (200, {"error": {"message": f"key {KEY}"}}),
    "no-choices": (200, {"choices": None, "key": KEY}),
    "odd-choices": (200, {"choices": [KEY]}),
}


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES)
def test_a_key_is_masked_however_a_call_ends(server: Server, store: CallStore, answer: tuple[int, Any]) -> None:
    server.says(answer)
    with pytest.raises(ModelError) as caught:
        asked(client_at(server, store), HI)
    assert not holds_key("".join([*traceback.format_exception(caught.value), repr(vars(caught.value))]).encode())
    assert not holds_key(files_of(store.path.parent))


def test_a_key_that_an_unreadable_reply_quotes_is_not_asked_about_again(server: Server, store: CallStore) -> None:
    server.says((200, completion(f"no JSON, but {KEY}")))
    with pytest.raises(UnreadableReply) as caught:
        of_role(client_at(server, store))
    assert not holds_key(json.dumps(server.asked).encode())
    assert not holds_key(f"{caught.value} {caught.value.raw}".encode())
    assert not holds_key(files_of(store.path.parent))


@pytest.mark.parametrize("key", ["none", "EMPTY", "a"])
def test_a_placeholder_leaves_the_replies_as_they_are(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("TOY_KEY", key)
    server.says((200, completion("There is none: a row is EMPTY.")))
    assert asked(client_at(server, store), HI)[0].text == "There is none: a row is EMPTY."


def test_openais_key_is_not_sent_to_a_server_of_this_machine_that_does_not_name_it(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = ModelConfig.model_validate({"provider": "openai", "model": "toy", "base_url": server.url, "retries": 0})
    server.says((401, error("no key")))
    with pytest.raises(EndpointError, match="no key was sent: name its variable as api_key_env"):
        asked(Client(OpenAIBackend(model), store, model), HI)
    assert server.keys == ["Bearer none"]


def test_the_address_of_another_program_is_not_taken(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.setenv(name, server.url)
    backend = OpenAIBackend(ModelConfig.model_validate({"provider": "openai", "api_key_env": "TOY_KEY"}))
    assert str(asyncio.run(backend._connected()).root_async_client.base_url).startswith("https://api.openai.com/")


def test_the_key_of_the_embedded_server_is_masked(
    server: Server, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.models.local.serve", lambda *args, **more: Endpoint(server.url, KEY))
    model = ModelConfig(retries=0)
    server.says((200, completion(f"You are {KEY}.")))
    assert asked(Client(LocalBackend(model), store, model), HI)[0].text == "You are ***."
    assert server.keys == [f"Bearer {KEY}"]


def test_a_password_in_the_address_ends_the_call_before_anything_is_sent(server: Server, store: CallStore) -> None:
    address = server.url.replace("http://", "http://ann:pass-word-1234@")
    with pytest.raises(ConfigError, match=f"{server.url} holds a user or a password") as caught:
        asked(client_at(server, store, base_url=address), HI)
    assert "pass-word" not in "".join(traceback.format_exception(caught.value))
    assert server.asked == []


def test_a_server_that_sends_its_clients_elsewhere_does_not_pass_the_key_on(server: Server, store: CallStore) -> None:
    other = Server()
    other.says((200, completion()))
    server.says((307, "", {"Location": f"{other.url}/chat/completions"}))
    asked(client_at(server, store), HI)
    assert other.keys == [None]
    other.http.shutdown()
    other.http.server_close()
