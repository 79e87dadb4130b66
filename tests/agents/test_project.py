"""A project on disk: where each file of a run lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import ConfigError, InputError
from agents.project import Project
from ragtuned import SECTIONS
from tests.conftest import open_project


def test_every_path_lies_inside_the_project(tmp_path: Path) -> None:
    project = open_project(tmp_path, run="trial-1")
    assert project.run_dir == tmp_path / "runs" / "trial-1"
    for path in (
        project.calls,
        project.gold,
        project.graph_dir,
        project.data_dir,
        project.adapter_dir,
        project.eval_dir,
        project.report,
    ):
        assert path.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "run", ["../other", "a/b", "", ".hidden", "a b"], ids=["up", "nested", "empty", "hidden", "space"]
)
def test_a_run_is_a_plain_name(tmp_path: Path, run: str) -> None:
    with pytest.raises(InputError, match="is not a name"):
        open_project(tmp_path, run=run)


def test_a_folder_without_a_config_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ragtuned init"):
        Project.open(tmp_path, "main", SECTIONS)
