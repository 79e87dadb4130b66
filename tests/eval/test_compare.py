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
from eval.compare import Comparison, Row, compare, show, write
from eval.differences import Difference
from eval.evaluate import evaluate
from eval.settings import EvalConfig
from eval.statistics import Interval, of_counts

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


def test_a_comparison_names_students_and_training_rows_and_leaves_out_what_nobody_was_asked(evaluated: Run) -> None:
    first = evaluated("main", "Red.")
    card = {"result": {"data_sha256": "abc"}}
    (first.adapter_dir / "adapter_card.json").write_text(json.dumps(card), encoding="utf-8")
    found = compare([evaluated("main", "Red."), evaluated("b", "Red."), evaluated("c", "Two coppers.")])
    assert (found.runs, found.students, found.data) == (["main", "b", "c"], ["toy"] * 3, ["abc"] * 3)
    assert list(dict.fromkeys(row.contestant for row in found.rows)) == ["base", "rag", "tuned"]
    assert all(any(one.n for one in row.shares) for row in found.rows)
    rows = {(row.contestant, row.figure): row for row in found.rows}
    fare = rows["tuned", "gold local"]
    assert [one.hits for one in fare.shares] == [0, 0, 1]
    assert [(one.first, one.second) for one in fare.differences if one] == [("b", "main"), ("c", "main")]
    assert [one.interval.difference for one in fare.differences if one] == [0.0, 1.0]


def test_runs_are_shown_side_by_side_with_the_differences_in_points(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables: list[list[list[str]]] = []
    monkeypatch.setattr(Console, "table", lambda self, title, header, rows: tables.append([header, *rows]))
    apart = Difference(
        figure="gold local",
        first="b",
        second="main",
        of_first=of_counts(3, 4),
        of_second=of_counts(1, 4),
        only_first=2,
        only_second=0,
        p=0.5,
        interval=Interval(difference=0.5, low=-0.126, high=0.994),
    )
    shares = [of_counts(1, 4), of_counts(3, 4), of_counts(0, 0)]
    row = Row(contestant="tuned", figure="gold local", shares=shares, differences=[apart, None])
    runs = ["main", "b", "c"]
    show(Comparison(runs=runs, students=[], data=[], held_out=True, rows=[row]), Console())
    assert tables == [
        [
            ["", "figure", "main", "b", "minus main", "c", "minus main"],
            ["tuned", "gold local", "1/4  25%", "3/4  75%", "+50 (-13 to +99)", "–", "–"],
        ]
    ]
    assert capsys.readouterr().out == ""


def test_only_the_first_ten_questions_that_differ_are_named(evaluated: Run) -> None:
    first = evaluated("main", "Red.")
    rows = [json.loads(line) for line in first.gold.read_text(encoding="utf-8").splitlines()]
    more = [{"id": f"u-{n:02}", "kind": "unanswerable", "question": f"Who was number {n}?"} for n in range(12)]
    write_jsonl(first.gold, [*rows, *more])
    with pytest.raises(InputError, match="main and b were asked different gold questions: u-00, .*, u-09\n"):
        compare([first, evaluated("b", "Red.")])
