"""A refused port, an unknown host, a certificate and a time-out are told apart."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from agents.errors import EndpointError
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.openai_backend import OpenAIBackend
from agents.models.request import Request
from agents.models.store import CallStore
from tests.agents.models.test_openai_backend import Server, completion

HI = Request(role="toy", messages=[{"role": "user", "content": "Hi"}], max_tokens=5)


def told_by(tmp_path: Path, url: str, **config: Any) -> tuple[str, int, list[str]]:
    """(the error, the tries, what was told meanwhile) of a call to `url`."""
    given = {"provider": "openai", "model": "toy", "base_url": url, "api_key_env": "TOY_KEY", "retries": 4, **config}
    model = ModelConfig.model_validate(given)
    client, told = Client(OpenAIBackend(model), CallStore(tmp_path / "calls.sqlite"), model), list[str]()
    client.tell = told.append
    with pytest.raises(EndpointError) as caught:
        asyncio.run(client.ask(HI))
    return str(caught.value), client.usage["tries"], told


def test_where_nothing_listens_the_second_try_is_the_last_and_the_first_is_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error, tries, told = told_by(tmp_path, f"http://127.0.0.1:{port}/v1")
    assert "nothing listens on that port (connection refused)" in error
    assert (tries, len(told)) == (2, 1)


def test_a_host_that_nobody_knows_is_told_as_that(tmp_path: Path) -> None:
    error, tries, _ = told_by(tmp_path, "http://nobody.invalid/v1")
    assert "its host name is not known" in error
    assert tries == 2


def test_a_server_that_does_not_answer_in_time_is_told_with_the_time(tmp_path: Path) -> None:
    server = Server()
    server.says((200, completion()))
    server.pause = 1.0
    error, tries, _ = told_by(tmp_path, server.url, timeout=0.2, retries=0)
    server.http.shutdown()
    server.http.server_close()
    assert "did not answer within 0.2 s" in error or "no answer within 0.2 s" in error
    assert tries == 1


def test_a_server_that_is_asked_by_https_and_speaks_http_is_told_as_that(tmp_path: Path) -> None:
    server = Server()
    error, _, _ = told_by(tmp_path, server.url.replace("http://", "https://"))
    server.http.shutdown()
    server.http.server_close()
    assert "does not speak TLS (https)" in error
