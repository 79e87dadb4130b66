"""`ragtuned init`: a config that works as written."""

from __future__ import annotations

from pathlib import Path

import pytest

import agents.commands
import graphs.commands
import tuning.commands
from agents.config import load_config
from agents.errors import InputError
from graphs.init import init


def test_the_config_it_writes_loads_with_every_section_and_needs_no_key(tmp_path: Path) -> None:
    path = init(tmp_path / "new")
    sections = {**agents.commands.sections(), **graphs.commands.sections(), **tuning.commands.sections()}
    loaded = load_config(path, sections)
    assert loaded["models"].root["teacher"].provider == "local"
    assert loaded["documents"].paths == ["documents"]
    assert (tmp_path / "new" / "documents").is_dir()


def test_a_config_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ragtuned.toml").write_text("# mine\n")
    with pytest.raises(InputError, match="exists already"):
        init(tmp_path)
    assert (tmp_path / "ragtuned.toml").read_text() == "# mine\n"
