"""Google's own package against a scripted server of Google's form; left out where the package is not installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.errors import EndpointError, ModelError, RateLimited, RefusedReply, TruncatedReply
from agents.models.client import Client
from tests.agents.models.test_langchain_backend import KEY, SCHEMA, asked, request, through_the_package
from tests.agents.models.test_openai_backend import Server


@pytest.fixture
def gemini(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Through Google's package."""
    return through_the_package("google", server, tmp_path, monkeypatch)


def answer(*parts: dict[str, Any], finish: str = "STOP") -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0}
    usage = {"promptTokenCount": 21, "candidatesTokenCount": 4, "totalTokenCount": 25}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "google-toy"}


def test_the_google_package_speaks_to_its_server_past_the_proxy(server: Server, gemini: Client) -> None:
    server.says((200, answer({"text": "Wenna."})))
    reply = asked(gemini, request())
    assert (reply.text, reply.tokens_in, reply.tokens_out) == ("Wenna.", 21, 4)
    (sent,) = server.asked
    assert server.paths[0].partition("?")[0].endswith("/models/google-toy:generateContent")
    assert (sent["generationConfig"]["maxOutputTokens"], sent["generationConfig"]["temperature"]) == (50, 0.0)
    assert sent["systemInstruction"]["parts"] == [{"text": "Be brief."}]


def test_the_google_package_gives_an_object(server: Server, gemini: Client) -> None:
    server.says((200, answer({"functionCall": {"name": "Person", "args": {"name": "Wenna"}}})))
    assert json.loads(asked(gemini, request(SCHEMA)).text) == {"name": "Wenna"}
    assert server.asked[0]["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"] == ["Person"]


@pytest.mark.parametrize(
    ("finish", "kind"), [("MAX_TOKENS", TruncatedReply), ("SAFETY", RefusedReply)], ids=["cut-off", "refused"]
)
def test_how_google_says_that_a_reply_ended_is_understood(
    server: Server, gemini: Client, finish: str, kind: type[ModelError]
) -> None:
    server.says((200, answer({"text": "Wen"}, finish=finish)))
    with pytest.raises(kind):
        asked(gemini, request())


@pytest.mark.parametrize(
    ("status", "name", "kind", "requests"),
    [
        (400, "INVALID_ARGUMENT", EndpointError, 1),
        (403, "PERMISSION_DENIED", EndpointError, 1),
        (429, "RESOURCE_EXHAUSTED", RateLimited, 2),
    ],
    ids=["key", "forbidden", "rate"],  # a 503 the package tries again by itself, for minutes
)
def test_an_error_of_the_google_api_is_told_without_its_key(
    server: Server, gemini: Client, status: int, name: str, kind: type[ModelError], requests: int
) -> None:
    message = f"API key not valid: {KEY}" if status == 400 else f"refused for {KEY}"
    server.says((status, {"error": {"code": status, "message": message, "status": name}}, {"retry-after": "0"}))
    with pytest.raises(kind) as failed:
        asked(gemini, request())
    assert KEY not in str(failed.value)
    assert len(server.asked) == requests
