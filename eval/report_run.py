"""How the tuned model came about, in the report: its losses, what it knew by round, and where its rows come from."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from agents.project import Project
from eval.improve.rounds import STATE
from eval.report_sections import Curve, Part, ReportSection, ShareBar
from eval.statistics import of_counts
from eval.ui.run_files import RunFiles
from eval.ui.run_page import WRITTEN, funnel, losses, rounds
from graphs.run_record import RunRecord, last_record
from tuning.curve import TABLE

MOST_POINTS = 200  # of a curve: more are finer than the page


def how_made(project: Project) -> list[ReportSection]:
    """What is known of the way to the adapter; a part whose file is not there is left out.

    Raises `InputError` for a run.json of another version.
    """
    record = last_record(project)
    found = (_learned(project), _known(project), _origin(project, record) if record else None)
    return [one for one in found if one]


def _learned(project: Project) -> ReportSection | None:
    """The loss of training and validation rows by update."""
    told = losses(project.adapter_dir / TABLE)
    measured = {
        name: [(one["step"], loss) for one in told if one["step"] is not None and (loss := one[name]) is not None]
        for name in ("train", "validation")
    }
    train, validation = measured["train"], measured["validation"]
    if not train:
        return None
    steps = max(step for step, _ in (*train, *validation))
    highest = max(loss for _, loss in (*train, *validation)) or 1.0
    said = f"{steps:.0f} updates; training loss {train[0][1]:.2f} at first, {train[-1][1]:.2f} at last"
    if validation:
        said += f"; of validation rows {min(loss for _, loss in validation):.2f} at best"
    drawn = [[(step / steps, loss / highest) for step, loss in _thinned(line)] for line in (train, validation)]
    return ReportSection("How it learned", [f"{said}."], curve=Curve(drawn[0], drawn[1], round(steps), highest))


def _thinned(line: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most `MOST_POINTS` points, each the mean of its neighbours."""
    size = ceil(len(line) / MOST_POINTS)
    parts = [line[at : at + size] for at in range(0, len(line), size)] if line else []
    return [(sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part)) for part in parts]


def _known(project: Project) -> ReportSection | None:
    """What the student knew after each round of improve."""
    told = rounds(project.run_dir / "improve" / STATE)
    if not told:
        return None
    bars = [
        ShareBar(
            f"round {one['number']}, {one['rows']} rows" if one["number"] else "before",
            "tuned",
            of_counts(one["hits"], one["n"]),
        )
        for one in told
    ]
    return ReportSection(
        "What the student knew, by round",
        [
            "Facts that it told closed book, asked in words that were not trained, before and after each round of "
            "ragtuned improve, with their 95 % interval. They chose the rows of the next round, so they are no test."
        ],
        shares={"facts known": bars},
    )


def _origin(project: Project, record: RunRecord) -> ReportSection:
    """Where the training rows come from: what was read, the questions from stage to stage, and what the rows reach."""
    counts = dict(funnel(RunFiles(project)))
    names = list(counts)
    at = names.index(WRITTEN) if WRITTEN in counts else len(names)
    replayed = ", its replies replayed from a recording of a real run" if record.recorded else ""
    read = f" Read and made: {', '.join(f'{counts[name]} {name}' for name in names[:at])}." if at else ""
    questions = [ShareBar(name, "", Part(counts[name], counts[WRITTEN])) for name in names[at:]]
    reached = [ShareBar(name, "", Part(n, of)) for name, (n, of) in record.coverage.kept.items() if of]
    return ReportSection(
        "Where the training rows come from",
        [f"Teacher: {record.teachers}{replayed}.{read}"],
        shares={label: bars for label, bars in (("questions", questions), ("reached by kept rows", reached)) if bars},
    )
