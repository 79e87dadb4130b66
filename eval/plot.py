"""The first picture of a result: answers by kind of question, for base, rag and tuned, light and dark.

`ragtuned report` draws it for every run; `python -m eval.plot SOURCE --light FILE --dark FILE` draws it again from a
metrics.json, or from the counts alone, which `--counts FILE` keeps (bench/results/demo.json).
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.errors import InputError
from agents.files import write_text
from agents.terminal import say
from eval.metrics import FIGURES, Metrics
from eval.settings import CONTESTANTS
from eval.statistics import Proportion, of_counts

LABELS = {
    "new wordings": "Trained facts,\nnew wordings\n(teacher's answer)",
    "gold local": "One detail\n(right)",
    "gold multi-hop": "Two or more\ndocuments (right)",
    "gold global (claims)": "The whole\n(claims)",
    "gold unanswerable": "Not in the documents\n(refusals)",
}
"""The figures that are drawn, from left to right; the first is about the training rows, the others are gold."""
HELD_OUT = "new wordings"
NAMES = {"base": "untuned, closed book", "rag": "untuned, with retrieval", "tuned": "tuned, closed book"}
WIDTH = 0.26  # of a bar; three of them and a gap make 1
STUB = 0.008  # least height of a bar, so that a nought still shows whose it is


@dataclass(frozen=True)
class Theme:
    """The colours of one picture; those of the bars are the report's."""

    paper: str
    ink: str
    soft: str
    line: str
    bars: Mapping[str, str]


LIGHT = Theme("#ffffff", "#1f2328", "#59636e", "#d1d9e0", {"base": "#a49e91", "rag": "#3f78a8", "tuned": "#c8572b"})
DARK = Theme("#0d1117", "#f0f6fc", "#9198a1", "#3d444d", {"base": "#7d776b", "rag": "#6aa5d6", "tuned": "#e57f4f"})

Shares = Mapping[str, Mapping[str, Proportion]]
"""For each figure of `LABELS` that was asked, a proportion for each contestant."""


class Hits(BaseModel):
    """`hits` right of `n` asked."""

    hits: int
    n: int


class Counts(BaseModel):
    """What is kept of a run beside the code: enough to draw it, and the commit and command that made it."""

    model_config = ConfigDict(extra="ignore")

    figures: dict[str, dict[str, Hits]]


def shares_of(metrics: Metrics) -> Shares:
    """The figures to draw from metrics.json; one that nobody was asked is left out."""
    found = {name: {who: FIGURES[name](metrics.contestants[who]) for who in CONTESTANTS} for name in LABELS}
    return {name: shares for name, shares in found.items() if all(one.n for one in shares.values())}


def read_shares(path: Path) -> Shares:
    """The figures to draw from a metrics.json or from kept counts. Raises `InputError` for any other file."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(raw, dict) and "contestants" in raw:
            return shares_of(Metrics.model_validate(raw))
        kept = Counts.model_validate(raw).figures
        return {
            name: {who: of_counts(kept[name][who].hits, kept[name][who].n) for who in CONTESTANTS}
            for name in LABELS
            if name in kept
        }
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise InputError(f"{path} holds no figures: {error}", "name a metrics.json or a file of counts") from error


def counts_of(metrics: Metrics) -> dict[str, dict[str, dict[str, int]]]:
    """All figures of metrics.json as counts, those that somebody was asked."""
    found = {name: {who: pick(metrics.contestants[who]) for who in CONTESTANTS} for name, pick in FIGURES.items()}
    return {
        name: {who: {"hits": one.hits, "n": one.n} for who, one in shares.items() if one.n}
        for name, shares in found.items()
        if any(one.n for one in shares.values())
    }


def write_plots(metrics: Metrics, folder: Path) -> list[Path]:
    """Write gold-light.svg and gold-dark.svg of a run into `folder`; no file where no figure was asked."""
    shares = shares_of(metrics)
    if not shares:
        return []
    paths = [folder / "gold-light.svg", folder / "gold-dark.svg"]
    for path, theme in zip(paths, (LIGHT, DARK), strict=True):
        draw(shares, path, theme)
    return paths


def draw(shares: Shares, path: Path, theme: Theme) -> None:
    """Write the picture as SVG: a group of bars for each figure, with counts and Wilson 95 % intervals.

    The same shares give the same bytes.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "ragtuned", "font.family": "DejaVu Sans", "font.size": 10}):
        figure = Figure(figsize=(8.6, 3.9), layout="constrained", facecolor=theme.paper)
        axes = figure.add_subplot(facecolor=theme.paper)
        for place, name in zip(_places(shares), shares, strict=True):
            for step, who in zip((-1, 0, 1), CONTESTANTS, strict=True):
                _bar(axes, place + step * WIDTH, shares[name][who], theme.bars[who], theme)
        _dress(axes, shares, theme)
        _legend(figure, theme)
        text = io.StringIO()
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})
    write_text(path, text.getvalue())  # aside and into place: a planted link is replaced, not written through


def _places(shares: Shares) -> list[float]:
    """Where each group stands: gold a little apart from what is held out of the training rows."""
    return [number + (0.0 if name == HELD_OUT else 0.35) for number, name in enumerate(shares)]


def _bar(axes: Any, x: float, one: Proportion, colour: str, theme: Theme) -> None:
    share = one.share or 0.0
    axes.bar(x, max(share, STUB), WIDTH * 0.88, color=colour, zorder=2)
    axes.vlines(x, one.low, one.high, color=theme.ink, linewidth=1.1, alpha=0.75, zorder=3)
    axes.text(x, one.high + 0.015, f"{one.hits}/{one.n}", ha="center", va="bottom", fontsize=8, color=theme.ink)


def _dress(axes: Any, shares: Shares, theme: Theme) -> None:
    """Axis, names and the line between what is held out and gold."""
    places = _places(shares)
    axes.set_xticks(places, [LABELS[name] for name in shares], color=theme.ink)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"], color=theme.soft, fontsize=8.5)
    axes.set_ylim(0, 1.1)
    axes.set_ylabel("share of questions, or of claims", color=theme.soft, fontsize=9)
    axes.grid(axis="y", color=theme.line, linewidth=0.6, zorder=0)
    axes.tick_params(length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.line)
    if HELD_OUT in shares and len(places) > 1:
        axes.axvline((places[0] + places[1]) / 2, color=theme.soft, linewidth=0.8, linestyle=(0, (4, 3)))
        for x, what in ((places[0] - 1.5 * WIDTH, "held out"), (places[1] - 1.5 * WIDTH, "gold, written by hand")):
            axes.text(x, 1.03, what, fontsize=9, color=theme.soft, va="bottom")


def _legend(figure: Any, theme: Theme) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Patch(color=theme.bars[who], label=NAMES[who]) for who in CONTESTANTS]
    handles.append(Line2D([], [], color=theme.ink, linewidth=1.1, alpha=0.75, label="95 % interval (Wilson)"))
    figure.legend(handles=handles, loc="outside upper left", ncols=4, frameon=False, labelcolor=theme.ink, fontsize=9.5)


def main(words: Sequence[str] | None = None) -> None:
    """Draw SOURCE, or keep its counts."""
    parser = argparse.ArgumentParser(prog="python -m eval.plot", description=__doc__)
    parser.add_argument("source", type=Path, help="metrics.json of a run, or kept counts")
    parser.add_argument("--light", type=Path, help="SVG for a light page")
    parser.add_argument("--dark", type=Path, help="SVG for a dark page")
    parser.add_argument("--counts", type=Path, help="keep the counts of a metrics.json in this file")
    parser.add_argument("--commit", default="", help="the commit of the run, kept with its counts")
    options = parser.parse_args(words)
    for path, theme in ((options.light, LIGHT), (options.dark, DARK)):
        if path:
            draw(read_shares(options.source), path, theme)
            say(str(path))
    if options.counts:
        metrics = Metrics.model_validate_json(options.source.read_text(encoding="utf-8"))
        seconds = {who: round(metrics.contestants[who].cost.seconds or 0.0, 2) for who in CONTESTANTS}
        kept = {"commit": options.commit, "student": metrics.student, "figures": counts_of(metrics)}
        write_text(options.counts, json.dumps({**kept, "seconds_an_answer": seconds}, indent=1) + "\n")
        say(str(options.counts))


if __name__ == "__main__":
    main(sys.argv[1:])
