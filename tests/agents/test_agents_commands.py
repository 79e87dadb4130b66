"""The verbs about models, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from agents import commands
from agents.errors import InputError
from agents.weights import KNOWN


@pytest.fixture
def app() -> typer.Typer:
    """A command with the verbs of this package only."""
    app = typer.Typer()
    commands.register(app)
    return app


def test_every_known_model_is_listed_with_where_it_is(app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
