"""`ragtuned tune` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer import Typer
from typer.testing import CliRunner

import tuning.commands
from agents.errors import ConfigError, InputError
from tests.tuning.conftest import toy_rows, write_rows


@pytest.fixture
def app() -> Typer:
    """The verb alone, with the config section of its package."""
    app = typer.Typer()
    tuning.commands.register(app)

    @app.callback()
    def sections(ctx: typer.Context) -> None:
        ctx.obj = [tuning.commands.sections]

    return app


@pytest.fixture
def project(tmp_path: Path, student_folder: Path) -> Path:
    (tmp_path / "ragtuned.toml").write_text(
        f'[tuning]\nbase = "{student_folder}"\nepochs = 1\nbackend = "peft"\nreplay_rows = 0\n'
    )
    write_rows(tmp_path / "runs" / "main" / "data" / "train.jsonl", toy_rows(6))
    return tmp_path


def test_tune_leaves_an_adapter_and_names_the_next_verb(app: Typer, project: Path) -> None:
    result = CliRunner().invoke(app, ["tune", "-C", str(project)], catch_exceptions=False)
    assert result.exit_code == 0
    assert (project / "runs" / "main" / "adapter" / "adapter_model.safetensors").is_file()
    assert "next: ragtuned eval" in result.output


def test_json_is_one_object_and_the_seed_is_taken_from_the_line(app: Typer, project: Path) -> None:
    result = CliRunner().invoke(app, ["tune", "-C", str(project), "--json", "--seed", "7"], catch_exceptions=False)
    told = json.loads(result.stdout)
    assert told["rows"] == 6
    assert told["steps"] == 1
    card = json.loads((project / "runs" / "main" / "adapter" / "adapter_card.json").read_text())
    assert card["recipe"]["seed"] == 7


@pytest.mark.parametrize(("content", "says"), [(None, "does not exist"), ("", "no rows")], ids=["missing", "empty"])
def test_tune_without_rows_is_refused_and_writes_nothing(
    app: Typer, project: Path, content: str | None, says: str
) -> None:
    path = project / "runs" / "main" / "data" / "train.jsonl"
    path.unlink() if content is None else path.write_text(content)
    result = CliRunner().invoke(app, ["tune", "-C", str(project)])
    assert isinstance(result.exception, InputError)
    assert says in str(result.exception)
    assert not (project / "runs" / "main" / "adapter").exists()


def test_a_wrong_config_is_refused(app: Typer, project: Path) -> None:
    (project / "ragtuned.toml").write_text("[tuning]\nrnak = 8\n")
    result = CliRunner().invoke(app, ["tune", "-C", str(project)])
    assert isinstance(result.exception, ConfigError)
    assert "did you mean rank" in str(result.exception)
