"""The script for a GPU runs on a CPU as far as that goes, keeps what it has, and says what broke."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.speed import gpu, sizes
from bench.speed.random_student import is_random, random_student
from tests.tuning.conftest import toy_rows, write_rows
from tuning.base import open_base

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


def test_the_speed_of_a_size_is_told_where_there_are_rows_for_it(
    student_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "SIZES", (4, 8, 16))
    monkeypatch.setattr(sizes, "WARM_UP", 2)
    rows = write_rows(tmp_path / "train.jsonl", toy_rows())
    told = sizes.sizes(sizes.Sized.of("peft", str(student_folder), {}), rows, tmp_path / "trained")
    assert list(told["rows_an_update"]) == ["4", "8"]  # thirty rows: of sixteen none is left after two updates
    assert all(one["tokens_per_second"] > 0 and one["update_ms"] > 0 for one in told["rows_an_update"].values())


def test_a_size_is_as_good_as_a_folder_and_its_weights_are_made_once(tmp_path: Path) -> None:
    folder = random_student("random-tiny", tmp_path / "weights")
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert open_base(str(random_student("random-tiny", folder))).folder == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    assert is_random("random-1.5b")
    assert not is_random("smollm2-135m-instruct")


def test_without_time_no_stage_begins_and_the_next_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["gpu", "random-tiny", "rows", str(tmp_path / "out.json")]
    begun: list[str] = []

    def stage(name: str, seconds: float) -> dict[str, Any]:
        begun.append(name)
        return {"seconds": seconds, "wall_seconds": 1.0}

    monkeypatch.setattr(gpu, "in_own_process", stage)
    monkeypatch.setattr(sys, "argv", [*words, "--minutes", "0.1"])
    gpu.main()
    assert begun == []
    monkeypatch.setattr(sys, "argv", [*words, "--bisect"])
    gpu.main()
    assert begun == list(gpu.BISECT)
    monkeypatch.setattr(sys, "argv", words)
    gpu.main()
    assert begun == [*gpu.BISECT, *gpu.SPEED, *gpu.RUNS]  # an exam needs a corpus
    assert json.loads((tmp_path / "out.json").read_text())["peft-tune"]["seconds"] <= gpu.SECONDS


def test_a_stage_that_only_ran_out_of_time_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "in_own_process", lambda _, seconds: {"broke": "time", "wall_seconds": seconds})
    monkeypatch.setattr(
        sys, "argv", ["gpu", "m", "rows", str(tmp_path / "out.json"), "--only", "kernels", "--minutes", "1"]
    )
    gpu.main()
    assert not (tmp_path / "out.json").exists()


def test_parity_is_the_distance_of_the_first_losses_of_both_backends() -> None:
    peft, unsloth = {"losses": [2.5, 2.0] + [0.1] * 30}, {"losses": [2.51, 1.9] + [0.9] * 30}
    assert gpu.parity({"peft-tune": peft}) == {}
    assert gpu.parity({"peft-tune": peft, "unsloth-tune": {"broke": "no"}}) == {}
    told = gpu.parity({"peft-tune": peft, "unsloth-tune": unsloth})
    assert told == {"updates": 20, "first": [2.5, 2.51], "most_apart": 0.8}


def test_a_stage_that_breaks_says_why_and_leaves_the_others(student_folder: Path, tmp_path: Path) -> None:
    told = bench(student_folder, tmp_path, "--only", "kernels", "--only", "peft-tune")
    assert "CUDA" in told["kernels"]["broke"]
    assert told["peft-tune"]["ended"] in ("done", "DeadAdapter")
