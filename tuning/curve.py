"""The loss of a run: losses.csv for programs, loss.png for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.files import write_text

TABLE = "losses.csv"


def write_losses(history: Sequence[dict[str, Any]], out: Path) -> None:
    """Write losses.csv and loss.png into `out`; `history` as in `write_table`."""
    write_table(history, out)
    _draw(
        {entry["step"]: entry["loss"] for entry in history if "loss" in entry},
        {entry["step"]: entry["eval_loss"] for entry in history if "eval_loss" in entry},
        out / "loss.png",
    )


def write_table(history: Sequence[dict[str, Any]], out: Path) -> None:
    """Write losses.csv (step, epoch, train, validation; empty where not measured) into `out`.

    `history` is the trainer's log: entries with `loss` are updates, entries with `eval_loss` looks at the validation
    set.
    """
    train = {entry["step"]: entry for entry in history if "loss" in entry}
    validation = {entry["step"]: entry for entry in history if "eval_loss" in entry}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["step", "epoch", "train_loss", "validation_loss"])
    for step in sorted(train.keys() | validation.keys()):
        epoch = (train.get(step) or validation[step])["epoch"]
        table.writerow(
            [step, round(epoch, 4), train.get(step, {}).get("loss", ""), validation.get(step, {}).get("eval_loss", "")]
        )
    write_text(out / TABLE, text.getvalue())


def _draw(train: dict[int, float], validation: dict[int, float], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(list(train), list(train.values()), color="#4477aa", linewidth=1.2, label="training rows, each update")
    if validation:
        axes.plot(
            list(validation),
            list(validation.values()),
            color="#cc6633",
            marker="o",
            label="validation rows (wordings never trained)",
        )
    axes.set(
        xlabel="update (one batch)", ylabel="loss (nats per answer token)", title="Loss of the student", ylim=(0, None)
    )
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    FigureCanvasAgg(figure).print_png(str(path))
