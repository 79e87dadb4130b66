"""losses.csv and loss.png say what the trainer logged."""

from __future__ import annotations

import csv
from pathlib import Path

from tuning.curve import write_losses

HISTORY = [
    {"step": 1, "epoch": 0.5, "loss": 3.0},
    {"step": 2, "epoch": 1.0, "loss": 2.0},
    {"step": 2, "epoch": 1.0, "eval_loss": 2.5},
    {"step": 2, "epoch": 1.0, "train_runtime": 9.0},
]


def test_the_table_has_a_line_an_update_and_the_validation_loss_beside_it(tmp_path: Path) -> None:
    write_losses(HISTORY, tmp_path)
    table = list(csv.reader((tmp_path / "losses.csv").open()))
    assert table == [
        ["step", "epoch", "train_loss", "validation_loss"],
        ["1", "0.5", "3.0", ""],
        ["2", "1.0", "2.0", "2.5"],
    ]


def test_the_picture_shows_validation_only_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    write_losses(HISTORY, tmp_path / "with")
    write_losses(HISTORY[:2], tmp_path / "without")
    with_it, without = ((tmp_path / name / "loss.png").read_bytes() for name in ("with", "without"))
    assert with_it.startswith(b"\x89PNG")
    assert without.startswith(b"\x89PNG")
    assert with_it != without
