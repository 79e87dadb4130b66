"""Runs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from shutil import copytree
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.files import write_jsonl
from agents.project import Project
from eval.compare import compare, show, write
from eval.evaluate import evaluate
from eval.settings import EvalConfig

Embed = Callable[[Sequence[str]], list[list[float]]]
Run = Callable[[str, str], Project]


@pytest.fixture
def evaluated(project: Project, quiet: Console, embed: Embed, toy_student: type) -> Run:
    """Makes an evaluated run of a name, whose tuned student always says the same."""

    def run(name: str, says: str) -> Project:
        other = replace(project, run=name)
        if not other.run_dir.is_dir():
            copytree(project.run_dir, other.run_dir)
        students = {None: toy_student(lambda _: "Paris."), other.adapter_dir: toy_student(lambda _: says)}
        evaluate(other, EvalConfig(), "toy", lambda adapter: students[adapter], lambda: embed, quiet, fresh=True)
        return other

    return run


def test_each_figure_stands_beside_the_other_run_with_its_difference(
    evaluated: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    found = compare([evaluated("main", "I do not know."), evaluated("b", "Two coppers.")])
    rows = {(row.contestant, row.figure): row for row in found.rows}
    local = rows["tuned", "gold local"]
    assert [one.hits for one in local.shares] == [0, 1]
    (apart,) = local.differences
    assert apart is not None
    assert (apart.first, apart.second, apart.interval.difference, apart.only_first) == ("b", "main", 1.0, 1)
    assert rows["tuned", "invented"].differences[0].interval.difference == 1.0  # type: ignore[union-attr]
    assert ("rag", "invented") not in rows
    assert found.held_out
    show(found, Console())
    assert "+100 (" in capsys.readouterr().out


def test_held_out_questions_of_different_training_sets_are_left_out_and_it_is_told(
    evaluated: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    first, other = evaluated("main", "Red."), evaluated("b", "Red.")
    (other.data_dir / "heldout.jsonl").unlink()
    found = compare([first, evaluated("b", "Red.")])
    assert not found.held_out
    assert "new wordings" not in {row.figure for row in found.rows}
    show(found, Console())
    assert "held-out questions of these runs differ" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda rows: rows[1:], "were asked different gold questions: g-1", id="a question less"),
        pytest.param(
            lambda rows: [{**rows[0], "answers": ["three coppers"]}, *rows[1:]], "gold.jsonl was another", id="answers"
        ),
    ],
)
def test_runs_over_different_questions_are_refused(
    evaluated: Run, change: Callable[[list[Any]], list[Any]], message: str
) -> None:
    first = evaluated("main", "Red.")
    rows = [json.loads(line) for line in first.gold.read_text(encoding="utf-8").splitlines()]
    write_jsonl(first.gold, change(rows))
    with pytest.raises(InputError, match=message):
        compare([first, evaluated("b", "Red.")])


def test_one_run_is_nothing_to_compare(evaluated: Run) -> None:
    run = evaluated("main", "Red.")
    with pytest.raises(InputError, match="nothing to compare"):
        compare([run, run])


def test_the_comparison_is_written_for_a_program(evaluated: Run) -> None:
    found = compare([evaluated("main", "Red."), evaluated("b", "Two coppers.")])
    path = evaluated("main", "Red.").eval_dir / "compare.json"
    write(found, path)
    assert json.loads(path.read_text(encoding="utf-8"))["runs"] == ["main", "b"]
