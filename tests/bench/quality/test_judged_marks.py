"""The errors of a judge on the hand-written answers, counted beside those of the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.console import Console
from agents.models.scripted import ScriptedModel
from agents.project import Project
from agents.roles.reference_judge import ReferenceMark
from agents.roles.role import fence
from bench.quality.judged_marks import app, written
from eval.judge.marks import answered, mark_all
from ragtuned import SECTIONS

ROUND = 4


def marked(folder: Path, judge: Any) -> None:
    project = Project.open(folder, "main", SECTIONS)
    model = ScriptedModel({"judge.reference": judge})
    mark_all(project, answered(project), Console(quiet=True), backend=model)


def counts(folder: Path) -> dict[str, dict[str, Any]]:
    out = folder / "counts.json"
    CliRunner().invoke(app, ["count", str(folder), "--out", str(out)], catch_exceptions=False)
    return json.loads(out.read_text(encoding="utf-8"))["errors"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    CliRunner().invoke(app, ["lay", str(tmp_path), "--round", str(ROUND)], catch_exceptions=False)
    return tmp_path


def test_a_judge_that_knows_the_verdicts_never_errs_and_the_rules_do(folder: Path) -> None:
    fair = {(fence(one.gold.question, "question"), fence(one.answer.text, "answer")): one for one in written({ROUND})}

    def knows(inputs: dict[str, Any]) -> ReferenceMark:
        one = fair[inputs["question"], inputs["answer"]]
        right = "refuses" if one.gold.kind == "unanswerable" else "correct"
        return ReferenceMark(reason="As written.", mark=right if one.fair else "wrong")

    marked(folder, knows)
    found = counts(folder)
    assert [found["gold, judge"][kind]["hits"] for kind in ("false_accepts", "false_rejects")] == [0, 0]
    assert [found["gold, rules"][kind]["hits"] for kind in ("false_accepts", "false_rejects")] == [1, 1]
    assert found["refusal, rules"]["false_rejects"]["hits"] == 0


def test_a_judge_that_takes_everything_accepts_every_wrong_answer(folder: Path) -> None:
    marked(folder, lambda inputs: ReferenceMark(reason="Yes.", mark="correct"))
    found = counts(folder)["gold, judge"]
    assert found["false_accepts"]["hits"] == found["false_accepts"]["n"] > 0
    assert found["false_rejects"]["hits"] == 0


def test_nothing_is_counted_while_a_mark_is_missing(folder: Path) -> None:
    told = CliRunner().invoke(app, ["count", str(folder)])
    assert "a mark is missing" in str(told.exception)
