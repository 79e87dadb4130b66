"""The run's route tells where a run stands from its files: none, under way, stopped, waiting, finished."""

from __future__ import annotations

import json
import os
import shutil
import time
from typing import Any

import pytest

from agents.console import Console
from agents.errors import ReviewNeeded
from agents.files import write_jsonl, write_text
from agents.progress import Board, Kept
from agents.project import PROGRESS, Project
from agents.records import PASSAGE, Example
from eval.improve.rounds import Improved, Round, write_state
from eval.statistics import of_counts
from eval.ui.run_files import RunFiles
from eval.ui.run_page import QUIET_SECONDS, RunPage, by_origin, calls, losses, rounds, stages
from graphs.run import synthesize
from tests.conftest import CONFIG, SlowModel, open_project, scripts


def told(project: Project) -> dict[str, Any]:
    return RunPage(RunFiles(project))._run()


def test_a_run_that_has_not_begun_is_none(tmp_path: Any) -> None:
    assert told(open_project(tmp_path))["state"] == "none"


def test_a_finished_run_tells_its_funnel_its_spending_and_who_stands_for_its_rows(
    tmp_path: Any, silent: Console
) -> None:
    project = open_project(tmp_path)
    record = synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    found = told(project)
    assert found["state"] == "finished"
    funnel = dict(found["counts"])
    assert (funnel["documents"], funnel["chunks"]) == (3, 3)
    assert funnel["in training"] == record.rows["train"]
    assert sum(found["rows"].values()) == record.rows["train"]
    assert {"passed the critic", "quotes of the documents"} <= set(found["rows"])
    assert found["record"]["account"] == record.account
    assert sum(one["calls"] for one in found["calls"]) == record.calls


def test_a_run_under_way_is_told_until_its_files_are_quiet(tmp_path: Any) -> None:
    project = open_project(tmp_path)
    work = project.run_dir / "work"
    work.mkdir(parents=True)
    (work / "name").write_text("x")
    assert told(project)["state"] == "working"
    old = time.time() - QUIET_SECONDS - 5
    for path in (work / "name", work, project.run_dir):
        os.utime(path, (old, old))
    assert told(project)["state"] == "stopped"


def test_stages_under_way_are_told_while_they_are(tmp_path: Any) -> None:
    path = tmp_path / PROGRESS
    assert stages(path) == []
    with Board(Kept(path).tell).stage("rows", 3):
        assert [(one["stage"], one["total"]) for one in stages(path)] == [("rows", 3)]
        old = time.time() - QUIET_SECONDS - 5
        os.utime(path, (old, old))
        assert stages(path) == []  # the process was killed
    assert stages(path) == []
    path.write_text("[{")
    assert stages(path) == []


def test_a_synthesis_leaves_its_stages_ended_in_its_folder(tmp_path: Any, silent: Console) -> None:
    project = open_project(tmp_path)
    synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    kept = json.loads((project.run_dir / PROGRESS).read_text())
    assert {one["state"] for one in kept} == {"ended"}
    assert {"extract", "local rows", "publish"} <= {one["stage"] for one in kept}


def test_a_run_that_waits_for_a_person_says_so(tmp_path: Any, silent: Console) -> None:
    project = open_project(tmp_path, CONFIG.replace("shard_size", "review = true\nshard_size"))
    with pytest.raises(ReviewNeeded):
        synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    assert told(project)["state"] == "waiting"


def test_facts_come_with_their_questions_the_fewest_first(desk_project: Project) -> None:
    found = RunPage(RunFiles(desk_project))._facts(0, "")
    assert [one["questions"] for one in found["facts"]] == sorted(one["questions"] for one in found["facts"])
    assert found["total"] == 5
    assert (found["spread"][0], found["spread"][1]) == (1, 4)  # the held-out row teaches nothing
    assert RunPage(RunFiles(desk_project))._facts(0, "hettary")["total"] == 1


def test_rows_by_origin_part_the_critic_from_quotes(desk_project: Project) -> None:
    rows = RunFiles(desk_project).examples
    quoted = rows[0].model_copy(update={"source": rows[0].source.model_copy(update={"role": PASSAGE})})
    assert by_origin([*rows[1:3], quoted]) == {"passed the critic": 2, "quotes of the documents": 1}


def test_known_facts_are_told_by_round(tmp_path: Any) -> None:
    state = Improved(
        fingerprint="f", start_sha256="s", facts=3, probed=3, rounds=[Round(number=0, known=of_counts(2, 3))]
    )
    write_state(tmp_path, state)
    assert [(one["number"], one["hits"], one["n"]) for one in rounds(tmp_path / "improve.json")] == [(0, 2, 3)]
    (tmp_path / "improve.json").write_text("{}")
    assert rounds(tmp_path / "improve.json") == []


def test_the_losses_of_a_tuning_under_way_come_before_those_of_the_last_one(tmp_path: Any) -> None:
    project = open_project(tmp_path)
    for folder, loss in ((project.adapter_dir, 0.1), (project.run_dir / "checkpoints", 2.5)):
        write_text(folder / "losses.csv", f"step,epoch,train_loss,validation_loss\n1,0.1,{loss},\n")
    assert [one["train"] for one in told(project)["losses"]] == [2.5]
    shutil.rmtree(project.run_dir / "checkpoints")
    assert [one["train"] for one in told(project)["losses"]] == [0.1]


def test_a_half_written_loss_or_store_is_no_error(tmp_path: Any) -> None:
    (tmp_path / "losses.csv").write_text("step,epoch,train_loss,validation_loss\n1,0.1,2.5,\n2,0.2,2.1,2.2\n3,0.3,x")
    assert losses(tmp_path / "losses.csv") == [
        {"step": 1.0, "train": 2.5, "validation": None},
        {"step": 2.0, "train": 2.1, "validation": 2.2},
    ]
    (tmp_path / "calls.sqlite").write_bytes(b"no database at all, whatever it is called")
    assert calls(tmp_path / "calls.sqlite") == []


def test_a_file_that_changes_is_read_again(desk_project: Project) -> None:
    files = RunFiles(desk_project)
    rows: list[Example] = files.examples
    write_jsonl(desk_project.data_dir / "examples.jsonl", rows[:1])
    assert len(files.examples) == 1
