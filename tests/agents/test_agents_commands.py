"""The verbs about models, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from agents import commands
from agents.errors import InputError
from agents.models.store import CallStore, Reply, StoredCall, call_key
from agents.models.weights import KNOWN


@pytest.fixture
def app() -> typer.Typer:
    """A command with the verbs of this package only."""
    app = typer.Typer()
    commands.register(app)
    return app


def test_every_known_model_is_listed_with_where_it_is(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = next(model for model in KNOWN.values() if model.role == "student")
    (tmp_path / student.file_name).write_bytes(b"here")
    monkeypatch.setenv("RAGTUNED_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("RAGTUNED_HOME", str(tmp_path / "empty"))
    done = CliRunner().invoke(app, ["models", "list", "--json"])
    rows = {row["name"]: row for row in json.loads(done.stdout)["models"]}
    assert rows.keys() == KNOWN.keys()
    assert rows[student.name]["path"] == str(tmp_path / student.file_name)
    assert {row["path"] for name, row in rows.items() if name != student.name} == {""}
    assert all(row["license"] and row["origin"] and row["bytes"] for row in rows.values())


def test_pulling_an_unknown_model_names_the_nearest(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["models", "pull", "all-minilm-l6"])
    assert isinstance(done.exception, InputError)
    assert "did you mean all-minilm-l6-v2" in str(done.exception)


@pytest.fixture
def store_of(tmp_path: Path) -> Path:
    (tmp_path / "ragtuned.toml").write_text("")
    store = CallStore(tmp_path / "calls.sqlite")
    for n in range(3):
        request = {"model": "m", "messages": [{"role": "user", "content": str(n)}]}
        store.put(
            call_key(request),
            "critic",
            request,
            StoredCall(status="ok", reply=Reply(text="x", tokens_in=4, tokens_out=1)),
        )
    store.close()
    return tmp_path


def run(app: typer.Typer, *words: str) -> Any:
    result = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(result.stdout)


def test_calls_are_counted_and_travel_to_another_project(
    app: typer.Typer, store_of: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "ragtuned.toml").write_text("")
    assert run(app, "calls", "stats", "-C", str(store_of))["calls"][0]["calls"] == 3
    run(app, "calls", "export", str(other / "calls.jsonl.gz"), "-C", str(store_of))
    assert run(app, "calls", "import", str(other / "calls.jsonl.gz"), "-C", str(other))["calls"] == 3
    assert run(app, "calls", "stats", "-C", str(other)) == run(app, "calls", "stats", "-C", str(store_of))


def test_calls_that_no_finished_run_asked_for_are_pruned(app: typer.Typer, store_of: Path) -> None:
    request = {"model": "m", "messages": [{"role": "user", "content": "1"}]}
    (store_of / "runs" / "main").mkdir(parents=True)
    (store_of / "runs" / "main" / "calls.json").write_text(json.dumps([call_key(request)]))
    assert run(app, "calls", "prune", "--dry", "-C", str(store_of))["pruned"] == 2
    assert run(app, "calls", "prune", "-C", str(store_of))["pruned"] == 2
    assert run(app, "calls", "stats", "-C", str(store_of))["calls"][0]["calls"] == 1


def test_without_a_finished_run_nothing_is_pruned(app: typer.Typer, store_of: Path) -> None:
    with pytest.raises(InputError, match="no finished run"):
        run(app, "calls", "prune", "-C", str(store_of))
