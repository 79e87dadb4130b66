"""The judging of a run: priced, resumed, self-judging told; a judge that fails makes no table; both protocols."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.console import Console
from agents.errors import BudgetReached
from agents.files import read_json, write_jsonl
from agents.models.budget import Caps
from agents.models.config import ModelsConfig, RolesConfig
from agents.models.kept import keep_calls, kept_calls
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from agents.project import Project
from agents.roles.pairwise_judge import PairwiseVerdict, scripted_token
from agents.roles.registry import synthesis_keys
from eval.judge.config import JudgeConfig
from eval.judge.run import Judgement, judge, price, read_judged, read_task, self_judged
from eval.judge.show import remarks
from graphs.fingerprint import inputs, speaking
from ragtuned import app

Judge = Callable[[dict[str, Any]], PairwiseVerdict]
CONFIG = JudgeConfig.model_validate({"read": "written"})


def made_by(
    project: Project, model: ScriptedModel, config: JudgeConfig = CONFIG, caps: Caps | None = None
) -> Judgement:
    task = read_task(project, config, "tuned", "rag")
    return judge(project, config, task, Console(quiet=True), caps, backend=model)


def test_the_better_contestant_wins_by_a_judge_that_passed(
    judged_run: Project, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    made = made_by(judged_run, model_of(judges["honest"]))
    assert made.counts
    table = made.tables["correctness"]  # tuned knows ten, rag seven, both four of them; six nobody
    assert (table.wins, table.ties, table.losses, table.alike) == (6, 11, 3, 11)
    assert table.win_rate is not None
    assert table.win_rate.share == pytest.approx((6 + 11 / 2) / 20)
    assert table.win_rate.low < 0.575 < table.win_rate.high
    assert read_judged(judged_run).judgements == [made]


def test_a_judge_that_fails_makes_no_table_and_is_not_paid_for_one(
    judged_run: Project, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    made = made_by(judged_run, model_of(judges["always the first"]))
    assert (made.counts, made.tables) == (False, {})
    assert any("did not pass" in line for line in remarks(made))


def pruned(project: Project) -> int:
    """How many replies `calls prune` deletes."""
    keep_calls(project.run_dir, ["of a finished synthesis"])
    store = CallStore(project.calls)
    gone = store.prune(kept_calls(project.directory) or set())
    store.close()
    return gone


def test_the_same_command_goes_on_where_a_cap_ended_it_and_pays_nothing_twice(
    judged_run: Project, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    model = model_of(judges["honest"])
    with pytest.raises(BudgetReached):
        made_by(judged_run, model, caps=Caps(calls=50))
    assert pruned(judged_run) == 0
    made = made_by(judged_run, model)
    assert made.calls["called"] == len(model.requests) - 50
    again = made_by(judged_run, model)
    assert (again.calls.get("called", 0), again.tables) == (0, made.tables)
    assert len(read_json(judged_run.eval_dir / "calls.json", list[str], "")) == len(model.requests)


def test_where_written_verdicts_fail_the_probabilities_are_read(judged_run: Project, judges: dict[str, Judge]) -> None:
    model = ScriptedModel({"judge.pairwise": judges["always the first"], "judge.token": scripted_token})
    made = made_by(judged_run, model, JudgeConfig.model_validate({}))
    assert [exam.reading for exam in made.exams] == ["written", "probabilities"]
    assert not made.counts


def test_a_judge_that_writes_nothing_readable_is_read_by_its_probabilities_too(judged_run: Project) -> None:
    model = ScriptedModel({"judge.pairwise": lambda inputs: "Hm.", "judge.token": scripted_token})
    made = made_by(judged_run, model, JudgeConfig.model_validate({}))
    assert "were of no use" in made.exams[0].faults[0]
    assert len(made.exams) == 2


def test_the_price_is_the_most_that_is_asked_for(
    judged_run: Project, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    task = read_task(judged_run, CONFIG, "tuned", "rag")
    stages = price(judged_run, CONFIG, task)
    model = model_of(judges["honest"])
    made_by(judged_run, model)
    assert sum(stage.calls[1] for stage in stages) >= len(model.requests)
    assert all(stage.cost and stage.cost[1] > 0 for stage in stages)


def test_by_probabilities_more_trials_cost_no_more(judged_run: Project) -> None:
    task = read_task(judged_run, CONFIG, "tuned", "rag")
    one, five = (JudgeConfig.model_validate({"read": "probabilities", "trials": trials}) for trials in (1, 5))
    assert price(judged_run, five, task) == price(judged_run, one, task)


def test_the_published_protocol_stands_beside_the_fair_one_and_never_counts(
    judged_run: Project, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    made_by(judged_run, model_of(judges["honest"]))
    shown: list[dict[str, Any]] = []

    def always_a(inputs: dict[str, Any]) -> str:
        shown.append(inputs)
        return "**Usefulness / Correctness**: N/A\nReason: none.\n\nUser-Friendliness: B\nReason: x."

    config = JudgeConfig.model_validate({"protocol": "published"})
    made = made_by(judged_run, ScriptedModel({"judge.published": always_a}), config)
    assert not made.counts
    rates = {name: table.win_rate.share if table.win_rate else None for name, table in made.tables.items()}
    assert rates == {
        "Usefulness / Correctness": 1.0,
        "Richness / Diversity": None,
        "Insightfulness / Deep Understanding": None,
        "User-Friendliness": 0.0,
    }
    assert made.tables["Richness / Diversity"].unreadable == 20
    assert all("Cora" in inputs["first"] for inputs in shown if "Cove" in inputs["question"])
    assert [one.protocol for one in read_judged(judged_run).judgements] == ["fair", "published"]


@pytest.mark.parametrize(
    ("name", "whom"),
    [
        pytest.param("org/A_Teacher", ["teacher"], id="the teacher"),
        pytest.param("smollm2-135m-instruct", ["student"], id="the student"),
        pytest.param("another", [], id="another family"),
    ],
)
def test_a_judge_that_is_the_teacher_or_the_student_is_marked(judged_run: Project, name: str, whom: list[str]) -> None:
    models = judged_run.section("models", ModelsConfig).root
    other = {**models, "judge": models["judge"].model_copy(update={"model": name})}
    project = replace(judged_run, config={**judged_run.config, "models": ModelsConfig(other)})
    assert self_judged(project) == whom


def test_what_the_judge_was_paid_for_is_kept_by_a_prune(
    judged_run: Project, judges: dict[str, Judge], model_of: Callable[..., ScriptedModel]
) -> None:
    made_by(judged_run, model_of(judges["honest"]))
    store = CallStore(judged_run.calls)
    before = len([*store.stats()])
    store.close()
    told = CliRunner().invoke(app, ["calls", "prune", "-C", str(judged_run.directory), "--yes", "--json"])
    assert (before, json.loads(told.stdout)["pruned"]) == (1, 0)


def test_another_judge_is_no_input_of_a_synthesis(judged_run: Project) -> None:
    write_jsonl(judged_run.directory / "documents" / "a.jsonl", [{"text": "The lamp of Arbor is kept by Ada."}])
    roles = judged_run.section("roles", RolesConfig).model_copy(update={"judge": "teacher"})
    other = replace(judged_run, config={**judged_run.config, "roles": roles})
    assert self_judged(other) == ["teacher"]
    assert inputs(other) == inputs(judged_run)
    assert set(speaking(judged_run)) == {*synthesis_keys()}
