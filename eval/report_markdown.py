"""report.md: the report in short, for a pull request or a page of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from eval.metrics import FIGURES, LESS_IS_BETTER, Metrics
from eval.report_sections import NONE, ReportSection, ShareBar, Sheet, full


def render_markdown(run: str, metrics: Metrics, verdict: Mapping[str, str], sections: Sequence[ReportSection]) -> str:
    """Verdict, figures and `sections` as Markdown; what comes from models or documents is escaped."""
    lines = [f"# {plain(verdict['head'])}", plain(verdict["body"])]
    lines += [f"Run {plain(run)}. The primary comparison, named before the run: {plain(verdict['name'])}."]
    lines += [_sheet(_figures(metrics)), "Shares with Wilson 95 % intervals."]
    for section in sections:
        lines += [f"## {plain(section.title)}", *map(plain, section.lines), *map(_sheet, section.sheets)]
        lines += [_sheet(_shares(label, shares)) for label, shares in section.shares.items()]
        lines += map(plain, section.notes)
    made = (f"{name} {value}" for found in (metrics.config, metrics.versions) for name, value in found.items())
    lines += ["## Settings and versions", plain(f"Student: {metrics.student}. {', '.join(made)}.")]
    return "\n\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it stands, in one line: no markup, no cell of its own, no HTML."""
    return re.sub(r"([\\`*_\[\]<>|~#&])", r"\\\1", " ".join(text.split()))


def _figures(metrics: Metrics) -> Sheet:
    """Contestants by figure, those figures that somebody was asked for."""
    asked = {
        name: cells
        for name, pick in FIGURES.items()
        if set(cells := [full(pick(scores)) for scores in metrics.contestants.values()]) != {NONE}
    }
    rows = [[f"{name} (less is better)" if name in LESS_IS_BETTER else name, *cells] for name, cells in asked.items()]
    return Sheet(["", *metrics.contestants], rows)


def _shares(label: str, shares: Sequence[ShareBar]) -> Sheet:
    return Sheet(["", label], [[one.label, full(one.of)] for one in shares])


def _sheet(sheet: Sheet) -> str:
    head, *rows = (f"| {' | '.join(map(plain, row))} |" for row in (sheet.head, *sheet.rows))
    table = [head, f"|{' --- |' * len(sheet.head)}", *rows]
    return "\n".join([f"**{plain(sheet.caption)}**\n", *table] if sheet.caption else table)
