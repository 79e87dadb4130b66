"""`ragtuned init`: a config that works as written."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import agents.commands
import graphs.commands
import tuning.commands
from agents.config import load_config
from agents.errors import InputError
from agents.models.providers import PROVIDERS
from graphs.init import init
from ragtuned import app

LOOPBACK = "http://127.0.0.1:9/v1"
REST = {**graphs.commands.sections(), **tuning.commands.sections()}


def test_the_config_it_writes_loads_with_every_section_and_needs_no_key(tmp_path: Path) -> None:
    path = init(tmp_path / "new")
    sections = {**agents.commands.sections(), **graphs.commands.sections(), **tuning.commands.sections()}
    loaded = load_config(path, sections)
    assert loaded["models"].root["teacher"].provider == "local"
    assert loaded["documents"].paths == ["documents"]
    assert (tmp_path / "new" / "documents").is_dir()


@pytest.mark.parametrize("provider", ["openai", "azure", "anthropic", "google", "mistral", "ollama", "vllm"])
def test_the_config_for_a_provider_loads_and_names_where_its_key_goes(provider: str, tmp_path: Path) -> None:
    path = init(tmp_path, provider, 'a "model"')
    teacher = load_config(path, {"models": agents.commands.sections()["models"], **REST})["models"].root["teacher"]
    assert (teacher.provider, teacher.model) == (provider, 'a "model"')
    assert PROVIDERS[provider].keys[0] in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("provider", ["openai", "azure", "vllm"])
def test_an_address_is_that_of_the_teacher(provider: str, tmp_path: Path) -> None:
    path = init(tmp_path, provider, "mine", LOOPBACK)
    teacher = load_config(path, {"models": agents.commands.sections()["models"], **REST})["models"].root["teacher"]
    assert teacher.base_url == LOOPBACK


@pytest.mark.parametrize(
    ("provider", "address", "calls"),
    [("openai", "", 8), ("azure", "https://mine.openai.azure.com", 8), ("ollama", "", 2), ("openai", LOOPBACK, 2)],
    ids=["hosted", "hosted-at-an-address", "own", "own-at-an-address"],
)
def test_a_hosted_model_is_asked_eight_calls_at_once_and_an_own_server_two(
    provider: str, address: str, calls: int, tmp_path: Path
) -> None:
    path = init(tmp_path, provider, "mine", address)
    teacher = load_config(path, {"models": agents.commands.sections()["models"], **REST})["models"].root["teacher"]
    assert teacher.calls_at_once == calls
    assert "calls_at_once" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["antropic", "m"], "did you mean anthropic"),
        (["openai"], "needs the name of a model"),
        (["local", "", LOOPBACK], "has no address"),
        (["local", "gpt-5-mini"], "no embedded teacher .*\n.*add --provider"),
    ],
    ids=["unknown", "no-model", "address-of-an-embedded-one", "model-of-another-provider"],
)
def test_a_provider_that_is_unknown_or_has_no_model_writes_nothing(
    words: list[str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        init(tmp_path, *words)
    assert list(tmp_path.iterdir()) == []


def test_an_address_without_a_provider_is_that_of_a_server_of_the_openai_protocol(tmp_path: Path) -> None:
    asked = ["init", "-C", str(tmp_path), "--base-url", "http://127.0.0.1:9/v1", "--model", "mine"]
    done = CliRunner().invoke(app, asked)
    assert (done.exit_code, "next: ragtuned doctor" in done.output) == (0, True)
    text = (tmp_path / "ragtuned.toml").read_text(encoding="utf-8")
    assert 'provider = "openai"' in text
    assert 'base_url = "http://127.0.0.1:9/v1"' in text


def test_a_config_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ragtuned.toml").write_text("# mine\n")
    with pytest.raises(InputError, match="exists already"):
        init(tmp_path)
    assert (tmp_path / "ragtuned.toml").read_text() == "# mine\n"
