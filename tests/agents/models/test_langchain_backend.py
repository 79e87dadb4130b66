"""Models behind LangChain: with a chat model of its own kind, and with the real Anthropic package over HTTP."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agents.errors import EndpointError, ModelError, RateLimited, RefusedReply, TruncatedReply
from agents.models.backends import backend_of
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.dialect import Unsupported
from agents.models.langchain_backend import LangChainBackend
from agents.models.request import Request
from agents.models.store import CallStore, Reply
from tests.agents.models.test_openai_backend import Server

KEY = "sk-ant-test-Zq8w1L2vN6rT0xB4"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


class Answered(Exception):
    """As a package raises what a server answered."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status_code = status
        self.response = httpx.Response(status, headers=headers)


class FakeChat(BaseChatModel):
    """Says the next of `says`; the last is repeated. Notes how it was asked."""

    says: list[Any]
    asked: list[dict[str, Any]] = []

    @property
    def _llm_type(self) -> str:
        return "fake"

    def bind_tools(self, tools: Any, **more: Any) -> Any:
        return self.bind(tools=tools, **more)

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **sent: Any) -> Any:
        self.asked.append(sent)
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Exception):
            raise said
        return ChatResult(generations=[ChatGeneration(message=said)])


@pytest.fixture(autouse=True)
def a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def client_of(chat: Any, folder: Path, provider: str = "anthropic", **config: Any) -> Client:
    settings = ModelConfig.model_validate({"provider": provider, "model": "toy", "retries": 1, **config})
    return Client(LangChainBackend(settings, chat), CallStore(folder / "calls.sqlite"), settings)


def request(schema: dict[str, Any] | None = None, **changes: Any) -> Request:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}]
    return Request(role="toy", messages=messages, json_schema=schema, schema_name="Person", max_tokens=50, **changes)


def asked(client: Client, wanted: Request) -> Reply:
    """The reply, asked as a role does: once more on the next rung after each that is not known."""

    async def ask() -> Reply:
        while True:
            try:
                return await client.ask(wanted)
            except Unsupported:
                continue

    return asyncio.run(ask())


def said(content: Any, stop: str = "end_turn", **more: Any) -> AIMessage:
    usage: Any = {"input_tokens": 11, "output_tokens": 3, "total_tokens": 14}
    return AIMessage(content=content, response_metadata={"stop_reason": stop}, usage_metadata=usage, **more)


def test_a_text_comes_with_its_tokens_whatever_its_parts(tmp_path: Path) -> None:
    parts = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Wenna Tolley."}]
    chat = FakeChat(says=[said(parts)])
    reply = asked(client_of(chat, tmp_path), request())
    assert (reply.text, reply.tokens_in, reply.tokens_out, reply.estimated) == ("Wenna Tolley.", 11, 3, False)
    assert chat.asked == [{"max_tokens": 50, "temperature": 0.0}]


def test_an_object_is_asked_for_by_a_forced_tool_call_at_once(tmp_path: Path) -> None:
    call = {"name": "Person", "args": {"name": "Wenna"}, "id": "1", "type": "tool_call"}
    chat = FakeChat(says=[said("", tool_calls=[call])])
    reply = asked(client_of(chat, tmp_path), request(SCHEMA))
    assert json.loads(reply.text) == {"name": "Wenna"}
    (sent,) = chat.asked  # no request was lost on the rungs that LangChain has no one way for
    assert (sent["tools"][0]["function"]["parameters"], sent["tool_choice"]) == (SCHEMA, "Person")


def test_a_model_without_tools_is_asked_in_the_prompt(tmp_path: Path) -> None:
    chat = FakeChat(says=[Answered(400, "tools are not supported by this model"), said('{"name": "Wenna"}')])
    assert json.loads(asked(client_of(chat, tmp_path), request(SCHEMA)).text) == {"name": "Wenna"}
    assert "tools" not in chat.asked[-1]


def test_a_refused_temperature_is_left_out_from_then_on(tmp_path: Path) -> None:
    chat = FakeChat(says=[Answered(400, "`temperature` is deprecated for this model."), said("A."), said("B.")])
    client = client_of(chat, tmp_path)
    asked(client, request())
    asked(client, request(sample=1))
    assert ["temperature" in sent for sent in chat.asked] == [True, False, False]


def test_google_calls_the_limit_by_another_name(tmp_path: Path) -> None:
    chat = FakeChat(says=[said("A.")])
    asked(client_of(chat, tmp_path, "google"), request())
    assert chat.asked[0]["max_output_tokens"] == 50


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (said("I", "max_tokens"), TruncatedReply, "cut off at 50 tokens"),
        (said("", "refusal"), RefusedReply, "refused"),
        (Answered(401, "invalid x-api-key"), EndpointError, "ANTHROPIC_API_KEY"),
        (Answered(404, "model: toy"), EndpointError, "answered 404: model: toy"),
        (Answered(429, "rate limit", **{"retry-after": "0"}), RateLimited, "429"),
        (Answered(529, "Overloaded", **{"retry-after": "0"}), EndpointError, "Overloaded"),
        (
            ConnectionRefusedError(111, "refused"),
            EndpointError,
            "nothing listens on that port",
        ),
        (KeyError("candidates"), EndpointError, "KeyError"),
    ],
    ids=["cut", "refusal", "key", "model", "rate", "overloaded", "no-connection", "odd-body"],
)
def test_what_goes_wrong_is_told_apart(answer: Any, kind: type[ModelError], words: str, tmp_path: Path) -> None:
    with pytest.raises(kind, match=words):
        asked(client_of(FakeChat(says=[answer]), tmp_path), request())


def test_a_wrong_key_costs_one_request(tmp_path: Path) -> None:
    chat = FakeChat(says=[Answered(401, "invalid x-api-key")])
    with pytest.raises(EndpointError):
        asked(client_of(chat, tmp_path), request())
    assert len(chat.asked) == 1


def through_the_package(provider: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client through the provider's real package to the scripted server; skipped where it is not installed."""
    pytest.importorskip({"anthropic": "langchain_anthropic", "google": "langchain_google_genai"}[provider])
    monkeypatch.setenv("TOY_KEY", KEY)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    url = server.url.removesuffix("/v1")
    settings = ModelConfig.model_validate(
        {"provider": provider, "model": f"{provider}-toy", "base_url": url, "api_key_env": "TOY_KEY", "retries": 1}
    )
    return Client(backend_of(settings), CallStore(tmp_path / "calls.sqlite"), settings)


@pytest.fixture
def claude(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Through Anthropic's package."""
    return through_the_package("anthropic", server, tmp_path, monkeypatch)


def message(*content: dict[str, Any], stop: str = "end_turn") -> dict[str, Any]:
    usage = {"input_tokens": 21, "output_tokens": 4}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "anthropic-toy", "stop_sequence": None}
    return {**head, "content": list(content), "stop_reason": stop, "usage": usage}


def test_the_anthropic_package_speaks_to_its_server_past_the_proxy(server: Server, claude: Client) -> None:
    server.says((200, message({"type": "text", "text": "Wenna."})))
    reply = asked(claude, request())
    assert (reply.text, reply.tokens_in, reply.tokens_out) == ("Wenna.", 21, 4)
    (sent,) = server.asked
    assert (sent["max_tokens"], sent["temperature"]) == (50, 0.0)
    assert (sent["system"], [turn["role"] for turn in sent["messages"]]) == ("Be brief.", ["user"])


def test_the_anthropic_package_gives_an_object(server: Server, claude: Client) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "Person", "input": {"name": "Wenna"}}
    server.says((200, message(call, stop="tool_use")))
    assert json.loads(asked(claude, request(SCHEMA)).text) == {"name": "Wenna"}
    assert server.asked[0]["tool_choice"] == {"type": "tool", "name": "Person"}


@pytest.mark.parametrize(
    ("status", "kind", "requests"),
    [(401, EndpointError, 1), (429, RateLimited, 2), (529, EndpointError, 2)],
    ids=["key", "rate", "overloaded"],
)
def test_an_error_of_the_anthropic_api_is_told_without_its_key(
    status: int, kind: type[ModelError], requests: int, server: Server, claude: Client
) -> None:
    error = {"type": "error", "error": {"type": "some_error", "message": f"refused for {KEY}"}}
    server.says((status, error, {"retry-after": "0"}))
    with pytest.raises(kind) as failed:
        asked(claude, request())
    assert KEY not in str(failed.value)
    assert len(server.asked) == requests
