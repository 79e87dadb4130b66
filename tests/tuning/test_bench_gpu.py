"""The script for a GPU runs on a CPU as far as that goes, keeps what it has, and says what broke."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.tuning.conftest import toy_rows, write_rows

ROOT = Path(__file__).parents[2]


def bench(student: Path, folder: Path, *words: str) -> dict[str, Any]:
    rows = write_rows(folder / "train.jsonl", toy_rows())
    command = [sys.executable, "-m", "bench.speed.gpu", str(student), str(rows), str(folder / "out.json"), *words]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
    return json.loads((folder / "out.json").read_text())


def test_stages_are_written_one_by_one_and_not_run_again(student_folder: Path, tmp_path: Path) -> None:
    first = bench(student_folder, tmp_path, "--only", "peft-tune", "--epochs", "6")
    assert first["peft-tune"]["ended"] == "done"
    assert len(first["peft-tune"]["losses"]) == 24  # thirty rows in batches of eight, six times
    both = bench(student_folder, tmp_path, "--only", "peft-tune", "--only", "peft-off")
    assert both["peft-tune"] == first["peft-tune"]
    assert len(both["peft-off"]["answers"]) == 8


def test_a_stage_that_breaks_says_why_and_leaves_the_others(student_folder: Path, tmp_path: Path) -> None:
    told = bench(student_folder, tmp_path, "--only", "kernels", "--only", "peft-tune")
    assert "CUDA" in told["kernels"]["broke"]
    assert told["peft-tune"]["ended"] in ("done", "DeadAdapter")
