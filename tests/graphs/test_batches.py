"""A synthesis in batches: round after round to the files of a live run, paid once, whatever a provider answers."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import pytest

from agents.console import Console
from agents.errors import (
    BatchWritten,
    BudgetReached,
    ConfigError,
    InputError,
    RefusedReply,
    ReviewNeeded,
    TruncatedReply,
)
from agents.models.batch_results import import_results
from agents.models.budget import Caps
from agents.models.dialect import Dialect
from agents.models.recorded import read_recording
from agents.models.request import Request
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from agents.project import Project
from eval.demo import EMBEDDED, STRONG, Teacher
from graphs.run import synthesize
from ragtuned import SECTIONS
from tests.batch_answers import (
    BatchProvider,
    answer,
    answered,
    recorded_calls,
    requests_of,
    result,
    until_finished,
)
from tests.conftest import CONFIG, open_project, scripts
from tests.graphs.test_synthesis import files_of

DEMO = Path(__file__).parent.parent.parent / "examples" / "demo"
PRICED = CONFIG.replace("retries = 0", "retries = 0\nprice_in = 1.0\nprice_out = 4.0")


class Nobody:
    """A model that must not be called."""

    spare = 0

    def __init__(self, identity: str = "scripted") -> None:
        self.identity = identity

    async def close(self) -> None:
        """Nothing to let go of."""

    async def call(self, request: Request, dialect: Dialect) -> NoReturn:
        raise AssertionError("a model was called")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], int]:
    """The files of a live run, and how many calls it made."""
    project, model = open_project(tmp_path_factory.mktemp("live")), ScriptedModel(scripts())
    synthesize(project, Console(quiet=True), backend=model)
    return files_of(project), len(model.requests)


@pytest.mark.parametrize(
    ("teacher", "most_rounds"),
    [pytest.param(STRONG, 8, id="facts"), pytest.param(EMBEDDED, 11, id="briefs")],
)
def test_the_demo_in_batches_ends_with_the_files_of_its_replay(
    teacher: Teacher, most_rounds: int, tmp_path: Path, silent: Console
) -> None:
    recording = DEMO / teacher.recording
    calls = recorded_calls(recording)
    model = next(row["request"]["model"] for row in read_recording(recording) if "rung" not in row)
    text = (DEMO / teacher.config).read_text()
    short_tasks = text.replace("[synthesis]", '[synthesis]\nrecipe = "ragtuned"')  # as it is for an embedded teacher
    short_tasks = short_tasks.replace("[knowledge]", '[knowledge]\nresolution = "rules"')
    served = short_tasks.replace('provider = "local"', 'provider = "openai"') if teacher is EMBEDDED else text
    projects = []
    for name, config in (("replayed", text), ("batched", served)):
        shutil.copytree(DEMO / "documents", tmp_path / name / "documents")
        (tmp_path / name / "ragtuned.toml").write_text(config)
        projects.append(Project.open(tmp_path / name, "main", SECTIONS))
    replayed, batched = projects
    store = CallStore(replayed.calls)
    store.load(recording)
    store.close()
    synthesize(replayed, silent, replay=True)
    record, rounds = until_finished(batched, silent, Nobody(model), lambda row: answered(calls[row["custom_id"]]))
    assert files_of(batched) == files_of(replayed)
    assert sum(told["requests"] for told in rounds) == record.calls == len(calls)  # none was asked twice
    assert len(rounds) <= most_rounds
    assert sorted(path.name for path in batched.directory.iterdir() if "requests" in path.name) == []


def test_reports_and_local_rows_write_their_requests_in_the_same_round(
    live: tuple[dict[str, bytes], int], tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, calls = live
    project = open_project(tmp_path)
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    record, rounds = until_finished(project, silent, Nobody(), provider.completion)
    together = [set(told["by_role"]) for told in rounds]
    assert any({"community_summarizer", "question_writer.local"} <= roles for roles in together)
    assert files_of(project) == files
    assert sum(told["requests"] for told in rounds) == record.calls == calls
    assert record.start.requests == record.start.called == 0


def test_names_in_doubt_take_one_round(tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    for resolution in ("rules", "model"):
        project = open_project(tmp_path / resolution, f'{CONFIG}\n[knowledge]\nresolution = "{resolution}"\n')
        provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
        _, rounds = until_finished(project, silent, Nobody(), provider.completion)
        asked.append([told["by_role"].get("same_entity", 0) for told in rounds])
    assert sum(asked[0]) == 0
    assert [count > 0 for count in asked[1]].count(True) == 1
    assert len(asked[1]) <= len(asked[0]) + 1


def test_no_stage_runs_with_half_of_its_input(project: Project, silent: Console) -> None:
    with pytest.raises(BatchWritten) as written:
        synthesize(project, silent, backend=Nobody(), batch=project.directory / "requests.jsonl")
    assert written.value.batch["by_role"] == {"extractor": 3}
    assert not (project.graph_dir / "entities.jsonl").exists()
    assert not (project.run_dir / "run.json").exists()


def first_round(project: Project, console: Console, **options: Any) -> dict[str, Any]:
    with pytest.raises(BatchWritten) as written:
        synthesize(project, console, backend=Nobody(), batch=project.directory / "requests.jsonl", **options)
    return dict(written.value.batch)


def imported(project: Project, results: Path) -> Counter[str]:
    store = CallStore(project.calls)
    counts = import_results(store, results).counts
    store.close()
    return counts


@pytest.mark.parametrize("batches", [1, 3], ids=["after-one", "after-three"])
def test_a_live_start_goes_on_where_batches_left_off_and_pays_only_for_the_rest(
    live: tuple[dict[str, bytes], int],
    tmp_path: Path,
    silent: Console,
    monkeypatch: pytest.MonkeyPatch,
    batches: int,
) -> None:
    files, calls = live
    project = open_project(tmp_path)
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    answers = 0
    for _ in range(batches):
        answers += first_round(project, silent)["requests"]
        answer(project.directory / "requests.jsonl", tmp_path / "results.jsonl", provider.completion)
        imported(project, tmp_path / "results.jsonl")
    first_round(project, silent)  # these stay unanswered
    model = ScriptedModel(scripts())
    synthesize(project, silent, backend=model)
    assert len(model.requests) == calls - answers
    assert files_of(project) == files


def test_what_a_live_call_answered_meanwhile_is_not_stored_again(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path)
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    first_round(project, silent)
    answer(project.directory / "requests.jsonl", tmp_path / "results.jsonl", provider.completion)
    synthesize(project, silent, backend=ScriptedModel(scripts()))
    assert imported(project, tmp_path / "results.jsonl")["known"] == 3


def test_a_reply_that_is_unreadable_cut_off_or_refused_ends_as_in_a_live_run(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty() -> ScriptedModel:
        answers = scripts()

        def extractor(inputs: dict[str, Any]) -> Any:
            if "blue boat from" in inputs["document"]:
                return "no object at all"
            if "10 June" in inputs["document"]:
                return TruncatedReply("cut off", raw='{"entities"')
            return answers["extractor"](inputs)

        def local(inputs: dict[str, Any]) -> Any:
            return RefusedReply("no", raw="no") if "ferry" in str(inputs) else answers["question_writer.local"](inputs)

        return ScriptedModel({**answers, "extractor": extractor, "question_writer.local": local})

    whole, project = open_project(tmp_path / "live"), open_project(tmp_path / "batches")
    expected = synthesize(whole, silent, backend=faulty())
    record, rounds = until_finished(project, silent, Nobody(), BatchProvider(faulty(), monkeypatch).completion)
    assert files_of(project) == files_of(whole)
    assert (record.items["chunks_failed"], record.reasons) == (2, expected.reasons)
    assert [told["by_role"].get("extractor", 0) for told in rounds[:3]] == [3, 1, 0]  # one is asked again, once


def test_what_is_missing_or_failed_is_asked_again_and_told_as_written_before(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path)
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    first_round(project, silent)
    first, *left = [row["custom_id"] for row in requests_of(project.directory / "requests.jsonl")]
    answer(project.directory / "requests.jsonl", tmp_path / "results.jsonl", provider.completion)
    lines = (tmp_path / "results.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "results.jsonl").write_text("".join(line for line in lines if first in line))
    assert imported(project, tmp_path / "results.jsonl")["answered"] == 1
    again = first_round(project, silent)
    assert (again["requests"], again["written_before"]) == (2, 2)
    assert [row["custom_id"] for row in requests_of(project.directory / "requests.jsonl")] == left


def test_a_request_that_the_server_refuses_in_three_batches_is_given_up(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path)
    first_round(project, silent)
    refused, *_ = [row["custom_id"] for row in requests_of(project.directory / "requests.jsonl")]
    for times in range(1, 4):
        line = result(refused, {"error": {"message": "no such thing"}}, status=400)
        (tmp_path / "results.jsonl").write_text(json.dumps(line))
        assert imported(project, tmp_path / "results.jsonl")["rejected"] == 1
        assert first_round(project, silent)["requests"] == (3 if times < 3 else 2)
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    record, _ = until_finished(project, silent, Nobody(), provider.completion)
    assert record.items["chunks_failed"] == 1


def test_a_prompt_that_the_server_will_never_answer_is_left_out_after_one_batch_and_named(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path)
    first_round(project, silent)
    refused, *_ = [row["custom_id"] for row in requests_of(project.directory / "requests.jsonl")]
    line = result(refused, {"error": {"message": "blocked by the content filter"}}, status=400)
    (tmp_path / "results.jsonl").write_text(json.dumps(line))
    assert imported(project, tmp_path / "results.jsonl")["refused"] == 1
    assert first_round(project, silent)["requests"] == 2
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    record, _ = until_finished(project, silent, Nobody(), provider.completion)
    assert [(one.what, one.reason, one.said) for one in record.lost] == [
        ("chunk", "refused prompt", "blocked by the content filter")
    ]


def test_caps_bound_what_is_written_at_the_price_of_a_batch(tmp_path: Path, silent: Console) -> None:
    project = open_project(tmp_path, PRICED)
    whole = first_round(project, silent)
    assert whole["cost"] == pytest.approx((whole["tokens_in"] + 4 * whole["tokens_out"]) / 2e6, abs=1e-5)
    two = first_round(project, silent, caps=Caps(calls=2))
    assert (two["requests"], two["held_back"], len(requests_of(project.directory / "requests.jsonl"))) == (2, 1, 2)
    assert first_round(project, silent, caps=Caps(cost=whole["cost"] + 1e-6))["held_back"] == 0
    assert first_round(project, silent, caps=Caps(cost=whole["cost"] * 0.9))["held_back"] == 1
    with pytest.raises(BudgetReached, match=r"--max-tokens 5 is reached before the first request"):
        first_round(project, silent, caps=Caps(tokens=5))


def test_run_json_counts_the_cost_of_batches_with_their_discount(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path, PRICED)
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    record, _ = until_finished(project, silent, Nobody(), provider.completion)
    assert record.cost == pytest.approx((record.tokens.in_ + 4 * record.tokens.out) / 2e6, abs=1e-6)


def test_a_run_that_waits_for_a_person_leaves_no_file_of_requests(
    tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path, CONFIG + "review = true\n")
    provider = BatchProvider(ScriptedModel(scripts()), monkeypatch)
    with pytest.raises(ReviewNeeded):
        until_finished(project, silent, Nobody(), provider.completion)
    assert not (tmp_path / "requests.jsonl").exists()


def test_an_embedded_model_cannot_be_asked_in_batches(tmp_path: Path, silent: Console) -> None:
    project = open_project(tmp_path, CONFIG.replace('"openai"', '"local"'))
    with pytest.raises(ConfigError, match="embedded model speaks for .*critic.* no batch reaches it"):
        synthesize(project, silent, backend=Nobody(), batch=tmp_path / "requests.jsonl")


def test_a_file_that_holds_something_else_is_not_overwritten(project: Project, silent: Console) -> None:
    path = project.directory / "results.jsonl"
    path.write_text('{"custom_id": "x", "response": {}}\n')
    with pytest.raises(InputError, match=r"results\.jsonl is there, and is no file of requests"):
        synthesize(project, silent, backend=Nobody(), batch=path)
    assert path.read_text() == '{"custom_id": "x", "response": {}}\n'


def test_two_models_get_a_file_each(tmp_path: Path, silent: Console) -> None:
    second = '\n[models.second]\nprovider = "openai"\nmodel = "other"\n[roles]\nquestion_writer = "second"\n'
    config = f'{CONFIG}{second}\n[knowledge]\nmethod = "fast"\n'
    project = open_project(tmp_path, config)
    told = first_round(project, silent)
    assert {(Path(file["path"]).name, file["model"]) for file in told["files"]} == {
        ("requests-1.jsonl", "other"),
        ("requests-2.jsonl", "scripted"),
    }
    for file in told["files"]:
        assert {row["body"]["model"] for row in requests_of(Path(file["path"]))} == {file["model"]}
    assert not (tmp_path / "requests.jsonl").exists()
