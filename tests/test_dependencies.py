"""What the code imports is declared in pyproject.toml, and constraints.txt names the version that was run."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OURS = ("agents", "graphs", "tuning", "eval")
UNPINNED = {"unsloth", "docling"}  # extras for a GPU and for models of gigabytes; not installed where the tests run


def requirements() -> list[Requirement]:
    """The direct dependencies, those of the extras too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for lines in [project["dependencies"], *extras] for line in lines]


def pins() -> dict[str, str]:
    """Each name of constraints.txt with its version."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def imported() -> set[str]:
    """The top-level names that our packages import, those inside functions too."""
    files = [ROOT / "ragtuned.py", *(file for folder in OURS for file in (ROOT / folder).rglob("*.py"))]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    parts = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in [*plain, *parts]} - set(sys.stdlib_module_names) - {*OURS, "ragtuned"}


def test_every_import_is_a_declared_dependency() -> None:
    homes = packages_distributions()
    declared = {canonicalize_name(requirement.name) for requirement in requirements()}
    undeclared = {
        name for name in imported() if not declared & {canonicalize_name(home) for home in homes.get(name, [name])}
    }
    assert undeclared == set()


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_a_dependency_is_pinned_within_its_range(requirement: Requirement) -> None:
    name = canonicalize_name(requirement.name)
    if name not in UNPINNED:
        assert requirement.specifier.contains(pins()[name])


def test_constraints_are_exact_and_each_name_stands_once() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+]+", line)] == []
    assert len(lines) == len(pins())
