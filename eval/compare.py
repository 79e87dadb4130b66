"""Runs side by side: every figure of every contestant, and the interval of its difference to the first run.

Runs over the same questions only: gold, general knowledge and invented subjects must be the same. Held-out questions
come with a training set, and are compared where all runs have the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from agents.console import Console
from agents.errors import InputError
from agents.files import read_jsonl, write_text
from agents.project import Project
from agents.records import Item
from eval.differences import Difference, paired
from eval.marks.grades import Grade
from eval.metrics import FIGURES, Metrics, counts, share
from eval.report import read_metrics
from eval.statistics import Proportion

HELD_OUT = ("wording", "untrained")


class Row(Item):
    """One figure of one contestant: a proportion a run (0 of 0 where it was not asked), and differences.

    Those are each further run's shares a question minus the first run's; None where one of them did not ask it.
    """

    contestant: str
    figure: str
    shares: list[Proportion]
    differences: list[Difference | None]


class Comparison(Item):
    """Several runs; `students` and `data` (SHA-256 of the training rows) say what differs."""

    runs: list[str]
    students: list[str]
    data: list[str]
    held_out: bool
    """Whether the runs have the same held-out questions, and these are compared too."""
    rows: list[Row]


def compare(projects: Sequence[Project]) -> Comparison:
    """The comparison of evaluated runs.

    Raises:
        InputError: fewer than two runs, one is not evaluated, or they were asked different questions.

    """
    names = [project.run for project in projects]
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise InputError(f"there is nothing to compare in {', '.join(names)}", "name two runs or more, each once")
    metrics = [read_metrics(project) for project in projects]
    grades = [read_jsonl(project.eval_dir / "judgements.jsonl", Grade) for project in projects]
    _refuse_other_questions(names, metrics, grades)
    held_out = len({frozenset(_asked(each, HELD_OUT)) for each in grades}) == 1
    if not held_out:
        grades = [[grade for grade in each if grade.set not in HELD_OUT] for each in grades]
    contestants = dict.fromkeys(name for one in metrics for name in one.contestants)
    rows = [_row(name, figure, names, grades) for name in contestants for figure in FIGURES]
    return Comparison(
        runs=names,
        students=[one.student for one in metrics],
        data=[str(one.adapter.get("result", {}).get("data_sha256", "")) for one in metrics],
        held_out=held_out,
        rows=[row for row in rows if any(one.n for one in row.shares)],
    )


def _refuse_other_questions(
    names: Sequence[str], metrics: Sequence[Metrics], grades: Sequence[Sequence[Grade]]
) -> None:
    first = set(_asked(grades[0], ("gold",)))
    for name, one, each in zip(names[1:], metrics[1:], grades[1:], strict=True):
        other = set(_asked(each, ("gold",)))
        if first != other:
            apart = ", ".join(sorted(first ^ other)[:10])
            raise InputError(f"{names[0]} and {name} were asked different gold questions: {apart}", AGAIN)
        if one.exam != metrics[0].exam:
            raise InputError(f"gold.jsonl was another one when {name} was evaluated than for {names[0]}", AGAIN)


AGAIN = "evaluate all of them again over one gold.jsonl; answers that are still right for it are not asked again"


def _asked(grades: Sequence[Grade], sets: Sequence[str]) -> list[str]:
    return [grade.question for grade in grades if grade.set in sets]


def _row(name: str, figure: str, runs: Sequence[str], grades: Sequence[Sequence[Grade]]) -> Row:
    own = [[grade for grade in each if grade.contestant == name] for each in grades]
    shares = [share(figure, each) for each in own]
    differences = [
        paired(figure, partial(counts, figure), each, own[0], (run, runs[0]))
        for run, each in zip(runs[1:], own[1:], strict=True)
    ]
    return Row(contestant=name, figure=figure, shares=shares, differences=differences)


def show(comparison: Comparison, console: Console) -> None:
    """Print it: figures down, runs across, the difference of each further run in points with its 95 % interval."""
    first, *others = comparison.runs
    if not comparison.held_out:
        console.say("the held-out questions of these runs differ (each training set has its own): they are left out")
    header = ["", "figure", first, *(column for run in others for column in (run, f"minus {first}"))]
    rows = [
        [
            row.contestant,
            row.figure,
            _cell(row.shares[0]),
            *(
                cell
                for one, apart in zip(row.shares[1:], row.differences, strict=True)
                for cell in (_cell(one), _points(apart))
            ),
        ]
        for row in comparison.rows
    ]
    console.table("runs side by side, the same questions (95 % intervals)", header, rows)


def write(comparison: Comparison, path: Path) -> None:
    """Write it as JSON."""
    write_text(path, comparison.model_dump_json(indent=2) + "\n")


def _cell(one: Proportion) -> str:
    return f"{one.hits}/{one.n}  {one.share:.0%}" if one.share is not None else "–"


def _points(one: Difference | None) -> str:
    if one is None:
        return "–"
    mean = one.interval
    return f"{100 * mean.difference:+.0f} ({100 * mean.low:+.0f} to {100 * mean.high:+.0f})"
