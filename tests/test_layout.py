"""The layout, read from the sources: who imports whom, docstrings, lengths, and a test for every file."""

from __future__ import annotations

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agents", "graphs", "tuning", "eval")
MAY_IMPORT = {
    "agents": {"agents"},
    "graphs": {"agents", "graphs"},
    "tuning": {"agents", "tuning"},
    "eval": set(PACKAGES),
    "ragtuned.py": set(PACKAGES),
}
BENCH = sorted((ROOT / "bench").glob("*.py"))  # scripts beside the packages: they import these, never the other way round
SOURCES = sorted([path for package in PACKAGES for path in (ROOT / package).rglob("*.py")] + [ROOT / "ragtuned.py"])
MOST_LINES = 300
TESTED_ELSEWHERE = {  # file: the tests that drive it
    "agents/commands.py": "agents/test_agents_commands.py",
    "agents/errors.py": "test_command.py",
    "agents/found.py": "agents/test_extractor.py",
    "agents/paper.py": "agents/test_paper_roles.py",
    "agents/scripted.py": "agents/test_llm.py",
    "agents/sources.py": "agents/test_weights.py",
    "graphs/account.py": "graphs/test_run.py",
    "graphs/commands.py": "test_command.py",
    "graphs/preview_terminal.py": "graphs/test_preview.py",
    "graphs/reading.py": "graphs/test_index.py",
    "graphs/reviewer.py": "graphs/test_review.py",
    "graphs/stages.py": "graphs/test_synthesis.py",
    "graphs/state.py": "graphs/test_synthesis.py",
    "ragtuned.py": "test_command.py",
    "tuning/card.py": "tuning/test_train.py",
    "tuning/checkpoints.py": "tuning/test_train.py",
    "tuning/backends/peft.py": "tuning/test_backends.py",
    "tuning/backends/unsloth.py": "unsloth/test_unsloth_backend.py",
    "tuning/trainer.py": "tuning/test_train.py",
    "tuning/commands.py": "tuning/test_tune_verb.py",
    "eval/session.py": "eval/test_eval_commands.py",
    "eval/chat_graph.py": "eval/test_studio.py",
    "eval/commands.py": "eval/test_eval_commands.py",
    "eval/demo.py": "test_recording.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The top-level packages of ours that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found & {*PACKAGES, "ragtuned"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_one_way(path):
    assert imported(path) <= MAY_IMPORT[path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize("path", [*SOURCES, *BENCH], ids=name_of)
def test_a_module_says_what_it_is_for_and_is_not_too_long(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= MOST_LINES


def test_no_script_of_bench_has_the_name_of_an_installed_package():
    assert {path.stem for path in BENCH} & set(packages_distributions()) == set()  # they stand first on the import path when they run


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name != "__init__.py"], ids=name_of)
def test_every_source_file_has_its_tests(path):
    package = path.parent.relative_to(ROOT)
    usual = ROOT / "tests" / package / f"test_{path.stem}.py"
    other = TESTED_ELSEWHERE.get(name_of(path))
    assert usual.is_file() or (other and (ROOT / "tests" / other).is_file())


def test_the_list_of_exceptions_names_files_that_are_there():
    assert {name for name in TESTED_ELSEWHERE if not (ROOT / name).is_file()} == set()


def test_test_files_have_names_of_their_own():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))
