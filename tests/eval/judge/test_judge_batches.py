"""A judge asked in batches: exam and verdicts in one round, the figures of a live judge, and nothing asked twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agents.console import Console
from agents.errors import BatchWritten, BudgetReached
from agents.models.batch_results import import_results
from agents.models.budget import Caps
from agents.models.kept import kept_calls
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply
from agents.project import Project
from agents.roles.pairwise_judge import PairwiseVerdict, scripted_token
from eval.judge.config import JudgeConfig
from eval.judge.marks import answered, mark_all
from eval.judge.run import Judgement, judge, read_judged, read_task
from ragtuned import app
from tests.batch_answers import BatchProvider, answer, completion, requests_of

Judge = Callable[[dict[str, Any]], PairwiseVerdict]
SILENT = Console(quiet=True)


def live(project: Project, model: ScriptedModel, config: JudgeConfig) -> Judgement:
    return judge(project, config, read_task(project, config, "tuned", "rag"), SILENT, backend=model)


def in_batches(
    project: Project, provider: BatchProvider, config: JudgeConfig, most: int = 5
) -> tuple[Judgement, list[dict[str, int]]]:
    """The judgement, and what each round asked for by role."""
    task, requests, rounds = read_task(project, config, "tuned", "rag"), project.directory / "requests.jsonl", []
    while len(rounds) < most:
        try:
            return judge(project, config, task, SILENT, backend=provider.model, batch=requests), rounds
        except BatchWritten as written:
            rounds.append(dict(written.batch["by_role"]))
        imported(project, requests, provider)
    raise AssertionError(f"not finished in {most} rounds")


def imported(project: Project, requests: Path, provider: BatchProvider) -> None:
    results = project.directory / "results.jsonl"
    answer(requests, results, provider.completion)
    store = CallStore(project.calls)
    import_results(store, results)
    store.close()


def figures(made: Judgement) -> dict[str, Any]:
    return made.model_dump(exclude={"calls"})


def test_exam_and_verdicts_are_written_in_one_round_and_judged_as_a_live_judge_does(
    judged_run: Project,
    judges: dict[str, Judge],
    model_of: Callable[..., ScriptedModel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = JudgeConfig.model_validate({})
    model = model_of(judges["honest"])
    made, rounds = in_batches(judged_run, BatchProvider(model, monkeypatch), config)
    assert made.counts
    assert len(rounds) == 1
    calls = len(model.requests)
    judged_run.calls.unlink()
    assert figures(live(judged_run, model, config)) == figures(made)
    assert rounds == [{"judge.pairwise": len(model.requests) - calls}]
    assert not (judged_run.directory / "requests.jsonl").exists()


def test_a_judge_that_fails_makes_no_table_although_its_verdicts_are_there(
    judged_run: Project,
    judges: dict[str, Judge],
    model_of: Callable[..., ScriptedModel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = BatchProvider(model_of(judges["always the first"]), monkeypatch)
    made, rounds = in_batches(judged_run, provider, JudgeConfig.model_validate({"read": "written"}))
    assert (made.counts, made.tables, len(rounds)) == (False, {}, 1)


@pytest.mark.parametrize("writes", ["always the first", "nothing readable"])
def test_the_probabilities_are_asked_for_in_the_round_after_the_written_verdicts(
    judged_run: Project, judges: dict[str, Judge], monkeypatch: pytest.MonkeyPatch, writes: str
) -> None:
    scripts: dict[str, Any] = {"judge.pairwise": judges.get(writes, lambda _: "Hm."), "judge.token": scripted_token}
    provider = BatchProvider(ScriptedModel(scripts), monkeypatch)
    made, rounds = in_batches(judged_run, provider, JudgeConfig.model_validate({}))
    assert [exam.reading for exam in made.exams] == ["written", "probabilities"]
    assert [set(asked) for asked in rounds][-1] >= {"judge.token"}
    assert "judge.token" not in rounds[0]
    assert not made.counts


def test_a_live_judge_goes_on_with_what_a_batch_answered(
    judged_run: Project,
    judges: dict[str, Judge],
    model_of: Callable[..., ScriptedModel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = JudgeConfig.model_validate({"read": "written"})
    in_batches(judged_run, BatchProvider(model_of(judges["honest"]), monkeypatch), config)
    model = model_of(judges["honest"])
    assert live(judged_run, model, config).counts
    assert model.requests == []


def test_the_published_protocol_takes_one_round(judged_run: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    model = ScriptedModel({"judge.published": lambda _: "User-Friendliness: A\nReason: x."})
    config = JudgeConfig.model_validate({"protocol": "published"})
    made, rounds = in_batches(judged_run, BatchProvider(model, monkeypatch), config)
    assert rounds == [{"judge.published": 20}]
    assert made.tables["User-Friendliness"].wins == 20
    assert [one.protocol for one in read_judged(judged_run).judgements] == ["published"]


def test_answers_to_gold_are_marked_in_one_round(judged_run: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    model = ScriptedModel({"judge.reference": lambda _: {"reason": "It does.", "mark": "correct"}})
    provider, requests = BatchProvider(model, monkeypatch), judged_run.directory / "requests.jsonl"
    found = answered(judged_run)
    with pytest.raises(BatchWritten) as written:
        mark_all(judged_run, found, SILENT, batch=requests)
    assert written.value.batch["by_role"] == {"judge.reference": 29}  # eleven times both said the same
    assert not (judged_run.eval_dir / "marks.json").exists()
    imported(judged_run, requests, provider)
    made = mark_all(judged_run, found, SILENT, batch=requests)
    assert (made.unreadable, made.right["rag"]["local"].hits) == (0, 20)
    assert not requests.exists()


def test_a_cap_bounds_what_a_round_writes_and_the_next_one_writes_the_rest(judged_run: Project) -> None:
    config = JudgeConfig.model_validate({"read": "written"})
    task, requests = read_task(judged_run, config, "tuned", "rag"), judged_run.directory / "requests.jsonl"
    with pytest.raises(BatchWritten) as written:
        judge(judged_run, config, task, SILENT, Caps(calls=7), batch=requests)
    assert written.value.batch["requests"] == len(requests_of(requests)) == 7
    assert written.value.batch["held_back"] > 0
    asked = {row["custom_id"] for row in requests_of(requests)}
    assert asked <= (kept_calls(judged_run.directory) or set()), "or a prune would delete what was paid for"
    with pytest.raises(BudgetReached):
        judge(judged_run, config, task, SILENT, Caps(calls=0), batch=requests)


def said(project: Project, *options: str) -> Result:
    return CliRunner().invoke(app, ["judge", "-C", str(project.directory), *options])


@pytest.mark.parametrize(
    ("options", "again"),
    [
        pytest.param([], "judge -C {} tuned rag --batch", id="pairs"),
        pytest.param(["--protocol", "published"], "tuned rag --protocol published --batch", id="published"),
        pytest.param(["--gold"], "--gold --batch", id="gold"),
    ],
)
def test_the_command_ends_without_an_error_and_says_how_it_goes_on(
    judged_run: Project, options: list[str], again: str
) -> None:
    told = said(judged_run, *options, "--batch", str(judged_run.directory / "requests.jsonl"))
    assert told.exit_code == 0, told.output
    words = " ".join(told.output.split())
    assert "ragtuned calls import" in words
    assert again.format(judged_run.directory) in words


@pytest.mark.parametrize(("options", "again"), [([], "judge"), (["--gold"], "judge --gold")], ids=["pairs", "gold"])
def test_after_the_import_the_judge_is_named_as_the_next_command(
    judged_run: Project, options: list[str], again: str
) -> None:
    requests, results = judged_run.directory / "requests.jsonl", judged_run.directory / "results.jsonl"
    assert said(judged_run, *options, "--batch", str(requests)).exit_code == 0
    answer(requests, results, lambda _: completion(Reply(text="Hm.")))
    words = ["calls", "import", str(results), "-C", str(judged_run.directory)]
    told = CliRunner().invoke(app, words, catch_exceptions=False).output
    verb, _, option = again.partition(" ")
    assert f"next: ragtuned {verb} -C {judged_run.directory} {option}".strip() in " ".join(told.split())


def test_a_program_reads_what_was_written(judged_run: Project) -> None:
    path = judged_run.directory / "requests.jsonl"
    told = said(judged_run, "--json", "--batch", str(path))
    assert json.loads(told.stdout)["batch"]["requests"] == len(requests_of(path))


def test_a_dry_run_writes_no_batch(judged_run: Project) -> None:
    told = said(judged_run, "--dry", "--batch", "requests.jsonl")
    assert isinstance(told.exception, Exception)
    assert "--batch does not go with --dry" in str(told.exception)
