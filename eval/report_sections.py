"""The sections of the report that are tables: the same for the page and for report.md.

Cells are plain text; whoever writes them out escapes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from eval.contamination import told
from eval.differences import Difference
from eval.judge.tally import Rate
from eval.metrics import FIGURES, GOLD_FIGURES, Cost, Metrics
from eval.statistics import Proportion

NONE = "–"


@dataclass(frozen=True)
class Sheet:
    """A table: its head, and rows of as many cells; the first cell of a row names it."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


@dataclass(frozen=True)
class Bias:
    """What a place or a length won of `n` verdicts; they are not independent, so there is no interval."""

    share: float
    n: int


@dataclass(frozen=True)
class RateBar:
    """A win rate to draw, of the contestant `name`, or a bias, which is nobody's."""

    label: str
    name: str
    rate: Rate | Bias


@dataclass(frozen=True)
class CostPoint:
    """A contestant in the plot of cost against accuracy: seconds an answer and gold local; `x` is in 0–1."""

    name: str
    seconds: float
    share: float
    x: float


@dataclass(frozen=True)
class Part:
    """`hits` of `n`, all of them counted: there is no interval."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        """In 0–1."""
        return self.hits / self.n if self.n else 0.0


@dataclass(frozen=True)
class ShareBar:
    """A share to draw, of the contestant `name`, or of nobody."""

    label: str
    name: str
    of: Proportion | Part


@dataclass(frozen=True)
class Curve:
    """The loss by update: (x, y) in 0–1 of training and of validation rows; the axes end at `steps` and `highest`."""

    train: Sequence[tuple[float, float]]
    validation: Sequence[tuple[float, float]]
    steps: int
    highest: float


@dataclass(frozen=True)
class ReportSection:
    """A heading, what is said below it, win rates, costs, shares and losses to draw, tables, and notes under them."""

    title: str
    lines: Sequence[str] = ()
    bars: Mapping[str, Sequence[RateBar]] = field(default_factory=dict)
    points: Sequence[CostPoint] = ()
    shares: Mapping[str, Sequence[ShareBar]] = field(default_factory=dict)
    curve: Curve | None = None
    sheets: Sequence[Sheet] = ()
    notes: Sequence[str] = ()


def compared(metrics: Metrics) -> ReportSection | None:
    """The exploratory differences of contestants; None where nobody else was asked."""
    if not metrics.differences:
        return None
    head = ["", "figure", "first", "second", "only first", "only second", "difference, points", "p"]
    return ReportSection(
        "Contestants held against each other",
        [
            "Exploratory: not named before the run, not corrected for their number. Paired by question; difference "
            "with its 95 % interval (bootstrap over documents or facts), p of the exact sign test."
        ],
        sheets=[Sheet(head, [_difference(one) for one in metrics.differences])],
    )


def _difference(one: Difference) -> list[str]:
    interval = f"{100 * one.interval.difference:+.0f} ({100 * one.interval.low:+.0f} to {100 * one.interval.high:+.0f})"
    return [
        f"{one.first} − {one.second}",
        one.figure,
        count(one.of_first),
        count(one.of_second),
        str(one.only_first),
        str(one.only_second),
        interval,
        f"{one.p:.2g}",
    ]


def exam_worth(metrics: Metrics) -> ReportSection | None:
    """What the questions are worth: trained already, known unaided, doubtful, asked in the same words."""
    lines = [f"{line[0].upper()}{line[1:]}." for line in told(metrics.contamination)] if metrics.contamination else []
    if metrics.doubtful_gold:
        missed = listed(metrics.doubtful_gold)
        lines.append(f"Doubtful gold: even the reader of the passages that hold the answer missed {missed}.")
    sheets: list[Sheet] = []
    if asked := {name: one for name, one in metrics.other_words.items() if one.n}:
        rows = [
            [name, full(FIGURES["new wordings"](metrics.contestants[name])), full(one)] for name, one in asked.items()
        ]
        sheets.append(Sheet(["", "all new wordings", "in really other words"], rows, "New wordings"))
    if metrics.unaided and metrics.unaided.questions:
        lines.append(f"The untuned student answers {listed(metrics.unaided.questions)} right closed book, unaided.")
        kinds = [kind for kind in GOLD_FIGURES if any(by[kind].n for by in metrics.unaided.gold.values())]
        rows = [[name, *(full(by[kind]) for kind in kinds)] for name, by in metrics.unaided.gold.items()]
        sheets.append(Sheet(["", *(GOLD_FIGURES[kind] for kind in kinds)], rows, "Gold without what it knew unaided"))
    return ReportSection("What the questions are worth", lines, sheets=sheets) if lines or sheets else None


def costs(metrics: Metrics) -> ReportSection:
    """Seconds, tokens, money and memory of an answer, by contestant."""
    by = {name: scores.cost for name, scores in metrics.contestants.items()}
    columns = {
        "seconds": [_seconds(one.seconds) for one in by.values()],
        "slowest 5 %": [_seconds(one.slow_seconds) for one in by.values()],
        "prompt tokens": [f"{one.prompt_tokens:.0f}" for one in by.values()],
        "answer tokens": [f"{one.completion_tokens:.0f}" for one in by.values()],
        **_where_any("USD", by.values(), lambda one: f"{one.usd:.4f}" if one.usd else ""),
        **_where_any("documents read", by.values(), lambda one: "" if one.read is None else f"{one.read:.0%}"),
        **_where_any("memory, MB", by.values(), lambda one: str(one.peak_memory_mb or "")),
        "cut off": [str(one.cut_off) for one in by.values()],
        **_where_any("failed", by.values(), lambda one: str(one.failed or "")),
        "answers": [str(one.answers) for one in by.values()],
    }
    rows = [[name, *(cells[place] for cells in columns.values())] for place, name in enumerate(by)]
    return ReportSection("What an answer costs", points=_points(metrics), sheets=[Sheet(["", *columns], rows)])


def _points(metrics: Metrics) -> list[CostPoint]:
    """Who answered local gold, on a logarithmic scale of seconds; none where all took the same time, or none."""
    scores = {name: (one.cost.seconds, one.gold["local"].share) for name, one in metrics.contestants.items()}
    known = {name: (seconds, share) for name, (seconds, share) in scores.items() if seconds and share is not None}
    places = {name: math.log10(seconds) for name, (seconds, _) in known.items()}
    low, wide = min(places.values(), default=0), max(places.values(), default=0) - min(places.values(), default=0)
    if not wide:
        return []
    return [CostPoint(name, seconds, share, (places[name] - low) / wide) for name, (seconds, share) in known.items()]


def _seconds(mean: float | None) -> str:
    return NONE if mean is None else f"{mean:.2f}"


def _where_any(head: str, of: Iterable[Cost], cell: Callable[[Cost], str]) -> dict[str, list[str]]:
    """A column that only stands where somebody has something in it."""
    cells = [cell(one) for one in of]
    return {head: [one or NONE for one in cells]} if any(cells) else {}


def count(one: Proportion | Part) -> str:
    """A proportion as "20/33"."""
    return f"{one.hits}/{one.n}"


def full(one: Proportion | Part) -> str:
    """A proportion as "20/33, 61 % (44–75)", a part as "20/33, 61 %"."""
    if one.share is None:
        return NONE
    if isinstance(one, Part):
        return f"{count(one)}, {100 * one.share:.0f} %"
    return f"{count(one)}, {100 * one.share:.0f} % ({100 * one.low:.0f}–{100 * one.high:.0f})"


def listed(questions: Sequence[str]) -> str:
    """Questions as "3 questions (a, b, c)"."""
    return f"{len(questions)} question{'s' * (len(questions) != 1)} ({', '.join(questions)})"
