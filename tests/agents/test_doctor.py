"""The doctor names what is missing, and a machine with a fault is not called ready."""

from __future__ import annotations

import builtins
import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from typer.testing import CliRunner

from agents import commands
from agents.config import Section
from agents.doctor import checks
from agents.models.weights import KNOWN


class Toy(Section):
    """A section for tests."""

    size: int = 1


def sections() -> dict[str, type[BaseModel]]:
    """The sections of the toy project."""
    return {"toy": Toy}


def found(directory: Path) -> dict[str, tuple[str, str]]:
    """What the doctor says of a folder: {name: (state, text)}."""
    return {check.name: (check.state, check.found) for check in checks(directory, "main", [sections])}


def requires(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let the installed ragtuned name these dependencies."""
    real = metadata.requires
    monkeypatch.setattr(metadata, "requires", lambda name: list(lines) if name == "ragtuned" else real(name))


def test_a_package_is_judged_by_the_range_that_the_project_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requires(monkeypatch, "pydantic>=2", "typer<0.0.1", "nobody-made-this>=3", 'optional-thing>=1; extra == "gpu"')
    said = found(tmp_path)
    assert said["pydantic"][0] == "ok"
    assert said["typer"][0] == "fault"
    assert "<0.0.1" in said["typer"][1]
    assert said["nobody-made-this"] == ("fault", "missing (wanted >=3)")
    assert "optional-thing" not in said


def test_a_torch_whose_libraries_cannot_be_loaded_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def broken(name: str, *rest: Any) -> Any:
        if name == "torch":
            raise OSError("libcublas.so.12: cannot open shared object file")
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", broken)
    said = next(check for check in checks(tmp_path, "main", [sections]) if check.name == "torch")
    assert (said.state, said.found) == ("fault", "libcublas.so.12: cannot open shared object file")


def test_a_run_that_is_no_name_is_a_fault_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "ragtuned.toml").write_text("", encoding="utf-8")
    said = {check.name: check for check in checks(tmp_path, "../up", [sections])}
    assert (said["config"].state, "is not a name" in said["config"].found) == ("fault", True)
    assert said["project folder"].state == "ok"


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        (None, "note", "ragtuned init"),
        ("[toy]\nsize = 2\n", "ok", "ragtuned.toml"),
        ("[toy]\nsise = 2\n", "fault", "did you mean size?"),
    ],
    ids=["absent", "right", "misspelt"],
)
def test_the_config_is_read_if_there_is_one(tmp_path: Path, text: str | None, state: str, words: str) -> None:
    if text is not None:
        (tmp_path / "ragtuned.toml").write_text(text, encoding="utf-8")
    said = found(tmp_path)["config"]
    assert said[0] == state
    assert words in said[1]


def test_weights_that_are_not_here_are_a_note_that_names_the_verb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGTUNED_HOME", str(tmp_path / "nothing"))
    monkeypatch.delenv("RAGTUNED_WEIGHTS", raising=False)
    for name in KNOWN:
        state, text = found(tmp_path)[f"weights {name}"]
        assert (state, f"ragtuned models pull {name}" in text) == ("note", True)


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    assert found(tmp_path / "nowhere")["project folder"][0] == "fault"


@pytest.mark.parametrize(
    ("needed", "code"), [("pydantic>=2", 0), ("nobody-made-this", 1)], ids=["all-there", "one-missing"]
)
def test_the_exit_code_says_whether_something_needed_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: str, code: int
) -> None:
    requires(monkeypatch, needed)
    app = typer.Typer()

    @app.callback()
    def give(ctx: typer.Context) -> None:
        ctx.obj = [sections]

    commands.register(app)
    done = CliRunner().invoke(app, ["doctor", "-C", str(tmp_path), "--json"])
    assert done.exit_code == code, done.output
    assert json.loads(done.stdout)["ok"] is (code == 0)


SERVERS = {
    "this-machine": ("http://127.0.0.1:8000/v1", "", "ok", "is asked with no key"),
    "another-host": ("https://gateway.example/v1", "", "fault", "is not sent to https://gateway.example/v1"),
    "its-own-key": ("https://gateway.example/v1", 'api_key_env = "OWN_KEY"', "ok", "is asked with the key in OWN_KEY"),
}


@pytest.mark.parametrize(("url", "more", "state", "words"), SERVERS.values(), ids=SERVERS)
def test_it_is_said_which_key_a_server_gets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, more: str, state: str, words: str
) -> None:
    for name in ("OPENAI_API_KEY", "OWN_KEY"):
        monkeypatch.setenv(name, f"sk-test-of-{name}")
    text = f'[models.teacher]\nprovider = "openai"\nbase_url = "{url}"\n{more}\n'
    (tmp_path / "ragtuned.toml").write_text(text, encoding="utf-8")
    said = {check.name: check for check in checks(tmp_path, "main", [commands.sections])}["model teacher"]
    assert said.state == state
    assert words in said.found
    assert "sk-test" not in said.found
