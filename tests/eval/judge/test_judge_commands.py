"""The verb judge: its price first, a dry run that writes nothing, and what a person reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agents.console import Console
from agents.errors import ConfigError
from agents.project import Project
from agents.roles.published_judge import rankings
from eval.judge.config import JudgeConfig
from eval.judge.exam import mark
from eval.judge.run import Judgement
from eval.judge.show import show
from ragtuned import app


def said(project: Project, *options: str) -> Result:
    return CliRunner().invoke(app, ["judge", "-C", str(project.directory), *options], catch_exceptions=False)


def test_the_price_is_told_and_nothing_is_asked(judged_run: Project) -> None:
    told = json.loads(said(judged_run, "--price", "--json").stdout)
    assert [stage["stage"] for stage in told["stages"]] == ["exam, written", "exam, probabilities", "verdicts"]
    assert told["total"]["cost"][1] > 0
    assert not judged_run.calls.exists()


def test_a_dry_run_goes_the_whole_way_and_writes_nothing(judged_run: Project) -> None:
    made: dict[str, Any] = json.loads(said(judged_run, "--dry", "--json").stdout)
    assert [exam["first_slot"] for exam in made["exams"]] == [0.5, 0.5]
    assert not made["counts"]
    assert not (judged_run.eval_dir / "judge.json").exists()


def test_the_published_protocol_shows_its_favourite_place(judged_run: Project) -> None:
    made = json.loads(said(judged_run, "--dry", "--json", "--protocol", "published").stdout)
    assert {table["win_rate"]["share"] for table in made["tables"].values()} == {1.0}
    assert {table["first_slot"] for table in made["tables"].values()} == {1.0}


def test_a_protocol_that_nobody_knows_is_told(judged_run: Project) -> None:
    with pytest.raises(ConfigError, match="judge.protocol = 'best'"):
        said(judged_run, "--protocol", "best")


def test_a_criterion_that_is_named_twice_is_told() -> None:
    with pytest.raises(ValueError, match="names one twice"):
        JudgeConfig.model_validate({"criteria": ["directness", "directness"]})


def test_who_is_self_judged_and_what_failed_is_read_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    made = Judgement(
        protocol="fair",
        judge="a-judge",
        one="tuned",
        other="rag",
        counts=False,
        self_judged=["teacher"],
        reading="written",
        exams=[mark([], [], [], [])],
        tables={},
        questions=3,
        without_source=3,
        calls={},
    )
    show(Console(), made)
    told = " ".join(capsys.readouterr().out.split())
    assert "exam, written: identical answers: the first in –" in told
    assert "not passed: only 0 verdicts on identical answers" in told
    assert "a-judge did not pass: there is no pairwise table" in told
    assert "self-judged: a-judge is the teacher too; gold leads" in told


def test_a_ranking_with_an_a_anywhere_is_a_as_published() -> None:
    reply = "Usefulness / Correctness: **B**, like A\n- Richness / Diversity: B\nUser-Friendliness: neither"
    assert rankings(reply) == {
        "Usefulness / Correctness": 1.0,
        "Richness / Diversity": 0.0,
        "User-Friendliness": 0.5,
    }
