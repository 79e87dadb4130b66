"""The OpenAI protocol against a real HTTP server on the loopback, scripted test by test."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agents.errors import ConfigError, EndpointError, FailedCall, RateLimited, RefusedReply, TruncatedReply
from agents.models.client import Client, Request
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect, Unsupported
from agents.models.openai_backend import OpenAIBackend
from agents.models.store import CallStore, Reply

HTML = "<html><body>Welcome to the router</body></html>"


def completion(
    content: str | None = "Hello.", finish: str = "stop", logprobs: Any = None, **message: Any
) -> dict[str, Any]:
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **message},
        "logprobs": logprobs,
    }
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "toy", "choices": [choice], "usage": usage}


def error(message: str) -> dict[str, dict[str, str]]:
    return {"error": {"message": message, "type": "error", "code": "error"}}


class Server:
    """Answers with the next of its (status, body, headers); the last one is repeated. Notes what it was asked."""

    def __init__(self) -> None:
        self.answers, self.asked, self.asked_at, self.keys = [], [], [], []
        self.paths, self.headers = [], []
        self.pause, self.now, self.most = 0.0, 0, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                outer.asked_at.append(time.monotonic())
                outer.now += 1
                outer.most = max(outer.most, outer.now)
                time.sleep(outer.pause)
                outer.now -= 1
                outer.paths.append(self.path)
                outer.headers.append(self.headers)
                outer.keys.append(self.headers["Authorization"])
                status, body, headers = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                text = body if isinstance(body, str) else json.dumps(body)
                self.send_response(status)
                for name, value in {
                    "Content-Type": "text/html" if isinstance(body, str) else "application/json",
                    **headers,
                }.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/v1"

    def says(self, *answers: Any) -> None:
        self.answers = [(status, body, headers[0] if headers else {}) for status, body, *headers in answers]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


def test_no_more_calls_go_out_than_the_config_says_though_one_more_is_made_ready(
    server: Server, tmp_path: Path
) -> None:
    server.says((200, completion()))
    server.pause = 0.1

    async def many() -> None:
        config = ModelConfig(
            provider="openai", model="toy", base_url=server.url, api_key_env="TOY_KEY", calls_at_once=2
        )
        client = Client(OpenAIBackend(config), CallStore(tmp_path / "calls.sqlite"), config)
        assert client.backend.spare == 1
        await asyncio.gather(
            *(
                client.ask(Request(role="r", messages=[{"role": "user", "content": str(n)}], max_tokens=9))
                for n in range(8)
            )
        )
        await client.backend.close()

    asyncio.run(many())
    assert (server.most, len(server.asked)) == (2, 8)


def ask(url: str | None, tmp_path: Path, own: dict[str, Any] | None = None, retries: int = 1, **changes: Any) -> Reply:
    usual = {"provider": "openai", "model": "toy", "base_url": url, "api_key_env": "TOY_KEY"}
    config = ModelConfig.model_validate({**usual, "retries": retries, "timeout": 20, **(own or {})})
    store = CallStore(tmp_path / "calls.sqlite")
    request = Request(**{"role": "toy", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5, **changes})
    client = Client(OpenAIBackend(config), store, config)

    async def once() -> Reply:
        try:
            return await client.ask(request)
        finally:
            await client.backend.close()

    try:
        return asyncio.run(once())
    finally:
        store.close()


def test_a_good_reply_comes_with_its_tokens_and_the_request_as_meant(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "secret")
    server.says((200, completion()))
    reply = ask(server.url, tmp_path)
    assert (reply.text, reply.tokens_in, reply.tokens_out) == ("Hello.", 7, 2)
    (asked,) = server.asked
    assert (asked["model"], asked["temperature"], asked["messages"]) == (
        "toy",
        0.0,
        [{"role": "user", "content": "Hi"}],
    )
    assert server.keys == ["Bearer secret"]


def test_log_probabilities_of_the_first_token_are_read_and_its_cut_is_no_truncation(
    server: Server, tmp_path: Path
) -> None:
    top = [{"token": "yes", "logprob": -0.2, "bytes": None}, {"token": "no", "logprob": -1.7, "bytes": None}]
    logprobs = {"content": [{"token": "yes", "logprob": -0.2, "bytes": None, "top_logprobs": top}]}
    server.says((200, completion("yes", "length", logprobs)))
    reply = ask(server.url, tmp_path, logprobs=True, max_tokens=1)
    assert reply.top_logprobs == {"yes": -0.2, "no": -1.7}
    assert (server.asked[0]["logprobs"], server.asked[0]["top_logprobs"]) == (True, 10)


def test_thoughts_are_split_off(server: Server, tmp_path: Path) -> None:
    server.says((200, completion("<think>Well,\nwell.</think>\n\nHello.")))
    assert ask(server.url, tmp_path).text == "Hello."


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, error("model toy not found"), "answered 404.*not found"),
        (401, error("bad key"), "answered 401.*bad key"),
        (404, HTML, "answered 404"),
    ],
    ids=["unknown-model", "refused-key", "page-not-found"],
)
def test_what_is_not_the_protocol_is_an_endpoint_error_at_once(
    server: Server, tmp_path: Path, status: int, body: dict[str, dict[str, str]] | str, words: str
) -> None:
    server.says((status, body))
    with pytest.raises(EndpointError, match=words) as caught:
        ask(server.url, tmp_path)
    assert server.url in str(caught.value)
    assert len(server.asked) == 1


def test_a_page_where_an_answer_should_be_is_asked_for_again_and_then_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.models.openai_backend.HICCUP", 0.01)
    server.says((200, HTML), (200, completion()))
    assert ask(server.url, tmp_path).text == "Hello."
    server.says((200, HTML))
    with pytest.raises(EndpointError, match="does not speak the OpenAI protocol"):
        ask(server.url, tmp_path / "other")
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [429, 500, 503], ids=["rate-limited", "server-error", "loading"])
def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path, status: int) -> None:
    server.says((status, error("later"), {"Retry-After": "0"}), (200, completion()))
    assert ask(server.url, tmp_path).text == "Hello."
    assert len(server.asked) == 2


def test_retry_after_is_waited_for(server: Server, tmp_path: Path) -> None:
    server.says((429, error("later"), {"Retry-After": "0.4"}), (200, completion()))
    ask(server.url, tmp_path)
    first, second = server.asked_at
    assert second - first >= 0.4


def test_endless_429_is_rate_limited(server: Server, tmp_path: Path) -> None:
    server.says((429, error("quota"), {"Retry-After": "0"}))
    with pytest.raises(RateLimited, match="answered 429: quota"):
        ask(server.url, tmp_path, retries=2)
    assert len(server.asked) == 3


def test_a_dead_endpoint_is_named(server: Server, tmp_path: Path) -> None:
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(EndpointError, match=f"{server.url} cannot be reached"):
        ask(server.url, tmp_path, retries=0)


@pytest.mark.parametrize(
    ("body", "kind", "raw"),
    [
        (completion("Once upon", "length"), TruncatedReply, "Once upon"),
        (completion("", "content_filter"), RefusedReply, ""),
        (completion(None, refusal="I cannot help."), RefusedReply, "I cannot help."),
    ],
    ids=["cut-off", "filtered", "refused"],
)
def test_how_a_reply_ended_is_told_apart(
    server: Server, tmp_path: Path, body: dict[str, Any], kind: type[TruncatedReply] | type[RefusedReply], raw: str
) -> None:
    server.says((200, body))
    with pytest.raises(kind) as caught:
        ask(server.url, tmp_path)
    assert caught.value.raw == raw


SCHEMA = {"json_schema": {"type": "object", "properties": {}}, "schema_name": "Thing"}


def test_a_schema_goes_out_as_response_format(server: Server, tmp_path: Path) -> None:
    server.says((200, completion("{}")))
    ask(server.url, tmp_path, **SCHEMA)
    sent = server.asked[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert (sent["json_schema"]["name"], sent["json_schema"]["schema"]) == ("Thing", SCHEMA["json_schema"])


def test_a_server_that_refuses_response_format_says_so_and_is_remembered(server: Server, tmp_path: Path) -> None:
    server.says((400, error("response_format json_schema is not supported")))
    with pytest.raises(Unsupported):
        ask(server.url, tmp_path, **SCHEMA)
    server.says((400, error("tools are not supported")))
    with pytest.raises(Unsupported):
        ask(server.url, tmp_path, **SCHEMA)
    assert server.asked[-1]["tool_choice"]["function"]["name"] == "Thing"
    server.says((422, error("unknown response_format json_object")))
    with pytest.raises(Unsupported):
        ask(server.url, tmp_path, **SCHEMA)
    assert server.asked[-1]["response_format"] == {"type": "json_object"}
    server.says((200, completion("{}")))
    ask(server.url, tmp_path, **SCHEMA)
    assert not {"response_format", "tools"} & set(server.asked[-1])


@pytest.mark.parametrize("arguments", ['{"word": "found"}', '{"word": "fou'], ids=["valid", "cut"])
def test_the_arguments_of_a_tool_call_are_the_text(server: Server, tmp_path: Path, arguments: str) -> None:
    store = CallStore(tmp_path / "calls.sqlite")
    store.set_dialect("toy", Dialect(rung="tools"))
    store.close()
    call = {"id": "1", "type": "function", "function": {"name": "Thing", "arguments": arguments}}
    server.says((200, completion(None, "tool_calls", tool_calls=[call])))
    assert ask(server.url, tmp_path, **SCHEMA).text.startswith(arguments)


def test_a_missing_key_names_its_variable_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOY_KEY", raising=False)
    with pytest.raises(ConfigError, match="TOY_KEY is empty"):
        ask(None, tmp_path)


def test_a_page_of_a_firewall_between_good_replies_fails_its_item_alone(server: Server, tmp_path: Path) -> None:
    config = ModelConfig(provider="openai", model="toy", base_url=server.url, api_key_env="TOY_KEY", retries=3)
    client = Client(OpenAIBackend(config), CallStore(tmp_path / "calls.sqlite"), config)
    server.says((200, completion()), (403, HTML), (200, completion()))

    async def three() -> list[str]:
        found = []
        for n in range(3):
            try:
                messages = [{"role": "user", "content": str(n)}]
                found.append((await client.ask(Request(role="r", messages=messages, max_tokens=9))).text)
            except FailedCall as failed:
                found.append(failed.raw)
        await client.backend.close()
        return found

    assert asyncio.run(three()) == ["Hello.", "Welcome to the router", "Hello."]
    assert len(server.asked) == 3


def test_a_reply_that_is_no_json_by_the_servers_own_check_moves_nothing_and_is_the_roles_to_mend(
    server: Server, tmp_path: Path
) -> None:
    fault = {"message": "Failed to generate JSON.", "code": "json_validate_failed", "failed_generation": '{"word": "fo'}
    server.says((400, {"error": fault}))
    assert ask(server.url, tmp_path, **SCHEMA).text == '{"word": "fo'
    assert CallStore(tmp_path / "calls.sqlite").dialect("toy") == Dialect()


def test_the_config_adds_parameters_headers_an_organization_and_an_effort(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATE_KEY", "gate-secret")
    server.says((400, error("gate-secret and plain-secret are wrong")))
    own = {
        "extra": {"top_p": 0.5, "temperature": 0.7},
        "headers": {"X-Gate": "$GATE_KEY", "X-Plain": "plain-secret"},
        "organization": "org-1",
        "reasoning_effort": "low",
    }
    with pytest.raises(FailedCall) as caught:
        ask(server.url, tmp_path, own)
    assert "secret" not in str(caught.value)
    (asked,) = server.asked
    assert (asked["top_p"], asked["temperature"], asked["reasoning_effort"]) == (0.5, 0.7, "low")
    sent = server.headers[0]
    assert (sent["X-Gate"], sent["X-Plain"], sent["OpenAI-Organization"]) == ("gate-secret", "plain-secret", "org-1")


def test_a_header_whose_variable_is_empty_is_named(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"header X-Gate is empty: \$NOT_SET"):
        ask(server.url, tmp_path, {"headers": {"X-Gate": "$NOT_SET"}})


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", "/openai/deployments/toy/chat/completions"), ("/openai/v1", "/openai/v1/chat/completions")],
    ids=["by-deployment", "its-newer-address"],
)
def test_azure_is_asked_at_its_own_address_with_its_version(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, expected: str
) -> None:
    monkeypatch.setenv("TOY_KEY", "secret")
    server.says((200, completion()))
    url = server.url.removesuffix("/v1") + path
    assert ask(url, tmp_path, {"api_version": "2026-01-01"}).text == "Hello."
    assert server.paths == [f"{expected}?api-version=2026-01-01"]
    assert "secret" in (server.headers[0].get("api-key"), (server.keys[0] or "").removeprefix("Bearer "))


def test_what_the_config_adds_decides_a_reply_and_nothing_else_changes_a_key(server: Server, tmp_path: Path) -> None:
    server.says((200, completion()))
    for own in ({}, {"extra": {"top_p": 0.5}}, {"max_tokens": {"toy": 90}, "reasoning_tokens": 100}):
        ask(server.url, tmp_path, own)
    assert [asked["max_completion_tokens"] for asked in server.asked] == [5, 5]
