"""A server on the loopback, scripted test by test, and a call store, for tests of the client against ill will."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.models.store import CallStore
from tests.agents.models.hostile import KEY
from tests.agents.models.test_openai_backend import Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("agents.models.openai_backend.HICCUP", 0.0)
    monkeypatch.setenv("TOY_KEY", KEY)
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CallStore]:
    store = CallStore(tmp_path / "calls.sqlite")
    yield store
    store.close()
