"""How much a student knows at how many training tokens: a picture of what `bench.quality.students` printed.

    python -m bench.quality.budget_plot bench/results/budgets.json --out docs/pictures/budgets.svg

The file lists `points`, each with `tokens` (of training rows, for each token of the documents) and the `figures` of an
experiment of `bench.quality.students`. Several points at one budget are seeds.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from agents.files import read_json, write_text
from eval.statistics import of_counts

LINES = {"gold local": ("one detail", "#c8572b"), "new wordings": ("trained facts in new wordings", "#3f78a8")}
"""The figures that are drawn, with their label and colour."""


class Point(BaseModel):
    """One tuned student: `figures` by contestant and figure, as [hits, n]."""

    tokens: float
    figures: dict[str, dict[str, tuple[int, int]]]


class Budgets(BaseModel):
    """The students of a plot."""

    points: list[Point]


def draw(points: list[Point]) -> str:
    """The SVG: shares with Wilson 95 % intervals against tokens (log), retrieval as a dashed line."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "ragtuned", "font.family": "DejaVu Sans", "font.size": 10}):
        figure = Figure(figsize=(7, 3.8), layout="constrained")
        axes: Any = figure.add_subplot()
        for n, (name, (label, colour)) in enumerate(LINES.items()):
            shown = [(point.tokens * (1 + 0.03 * n), of_counts(*point.figures["tuned"][name])) for point in points]
            places, shares = [x for x, _ in shown], [one.share for _, one in shown]
            axes.vlines(places, [one.low for _, one in shown], [one.high for _, one in shown], color=colour, alpha=0.6)
            axes.plot(places, shares, "o", color=colour, label=f"tuned, closed book: {label}")
        rag = of_counts(*points[-1].figures["rag"]["gold local"])
        axes.axhline(
            rag.share, color=LINES["gold local"][1], linestyle="--", label="untuned, with retrieval: one detail"
        )
        axes.set(
            xlabel="training tokens for each token of the documents", ylabel="share right", ylim=(0, 1), xscale="log"
        )
        ticks = sorted({point.tokens for point in points})
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        text = io.StringIO()
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})
    return text.getvalue()


def main(source: Path, out: Annotated[Path, typer.Option()] = Path("docs/pictures/budgets.svg")) -> None:
    """Draw the points of SOURCE."""
    write_text(out, draw(read_json(source, Budgets, "see `Budgets`").points))
    print(out)


if __name__ == "__main__":
    typer.run(main)
