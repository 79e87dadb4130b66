"""One synthesis from config to run.json: interruptions, replays, and what a dead endpoint does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import BudgetReached, ConfigError, EndpointError, InputError, MissingReply
from agents.models.budget import Caps
from agents.models.client import Request
from agents.models.dialect import Dialect
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply
from agents.project import Project
from graphs.run import synthesize
from graphs.run_record import read_record
from tests.conftest import CONFIG, SlowModel, open_project, scripts
from tests.graphs.test_synthesis import files_of


class Killed(Exception):
    """What ends a run half-way."""


class Mortal(SlowModel):
    """Dies at its n-th call, in the middle of a stage."""

    def __init__(self, calls: int, **answers: Any) -> None:
        super().__init__(scripts(**answers), seed=5)
        self.left = calls

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return await super().call(request, dialect)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, bytes], int]:
    """A run that nothing interrupted: its files, and how many calls it made."""
    from agents.console import Console

    project = open_project(tmp_path_factory.mktemp("whole"))
    model = SlowModel(scripts(), seed=1)
    synthesize(project, Console(quiet=True), backend=model)
    return project, files_of(project), len(model.requests)


@pytest.mark.parametrize("at", [2, 8, 30, 60], ids=["in-extraction", "in-the-first-drafts", "in-the-middle", "late"])
def test_a_run_that_was_killed_repeats_no_finished_call_and_ends_with_the_same_files(
    whole: tuple[Project, dict[str, bytes], int], tmp_path: Path, silent: Console, at: int
) -> None:
    whole_project, files, calls = whole
    project = open_project(tmp_path)
    killed = Mortal(at)
    with pytest.raises(Killed):
        synthesize(project, silent, backend=killed)
    store = CallStore(project.calls)
    finished = store.count()
    store.close()
    second = SlowModel(scripts(), seed=6)
    synthesize(project, silent, backend=second)
    assert len(second.requests) == calls - finished
    assert files_of(project) == files
    asked = [json.loads((p.run_dir / "calls.json").read_text()) for p in (project, whole_project)]
    assert asked[0] == asked[1]


def test_an_interrupted_run_whose_config_changed_starts_anew(
    whole: tuple[Project, dict[str, bytes], int], tmp_path: Path, silent: Console
) -> None:
    _, files, _ = whole
    with pytest.raises(Killed):
        synthesize(open_project(tmp_path), silent, backend=Mortal(20))
    with pytest.raises(Killed):
        synthesize(
            open_project(tmp_path, CONFIG.replace("local.briefs = 12", "local.briefs = 3")), silent, backend=Mortal(20)
        )
    project = open_project(tmp_path)
    synthesize(project, silent, backend=SlowModel(scripts(), seed=7))
    assert files_of(project) == files


@pytest.mark.parametrize("fresh", [False, True], ids=["as-it-is", "from-the-store"])
def test_the_second_run_makes_no_call(
    whole: tuple[Project, dict[str, bytes], int], silent: Console, fresh: bool
) -> None:
    project, files, _ = whole
    model = ScriptedModel({})
    record = synthesize(project, silent, backend=model, fresh=fresh)
    assert (model.requests, record.as_object()["start"].get("called", 0), record.unchanged) == ([], 0, not fresh)
    assert files_of(project) == files


def test_a_finished_run_whose_files_were_touched_is_made_again(tmp_path: Path, silent: Console) -> None:
    project = open_project(tmp_path)
    synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    files = files_of(project)
    (project.data_dir / "train.jsonl").write_text("")
    synthesize(project, silent, backend=ScriptedModel({}))
    assert files_of(project) == files


@pytest.mark.parametrize("cap", [1, 7, 40], ids=["at-once", "in-extraction", "later"])
def test_a_capped_run_stops_at_its_cap_and_the_same_command_ends_it(
    whole: tuple[Project, dict[str, bytes], int], tmp_path: Path, silent: Console, cap: int
) -> None:
    _, files, calls = whole
    project = open_project(tmp_path)
    first, second = SlowModel(scripts(), seed=1), SlowModel(scripts(), seed=2)
    with pytest.raises(BudgetReached, match=f"--max-calls {cap} is reached"):
        synthesize(project, silent, backend=first, caps=Caps(calls=cap))
    synthesize(project, silent, backend=second)
    assert (len(first.requests), len(second.requests)) == (cap, calls - cap)
    assert files_of(project) == files


def test_a_cost_cannot_be_capped_without_a_price(project: Project, silent: Console) -> None:
    with pytest.raises(ConfigError, match="--max-cost needs the price of scripted"):
        synthesize(project, silent, caps=Caps(cost=1.0))


def test_run_json_tells_the_plan_and_what_was_spent(tmp_path: Path, silent: Console) -> None:
    priced = CONFIG.replace("retries = 0", "retries = 0\nprice_in = 1.0\nprice_out = 4.0")
    record = synthesize(open_project(tmp_path, priced), silent, backend=SlowModel(scripts(), seed=1))
    assert record.cost == pytest.approx((record.tokens.in_ + 4 * record.tokens.out) / 1e6, abs=1e-6)
    assert record.plan.cost[0] < record.plan.cost[1]


def test_a_second_process_cannot_work_on_the_same_run(project: Project, silent: Console) -> None:
    with project.locked(), pytest.raises(InputError, match="another process works on the run main"):
        synthesize(project, silent, backend=ScriptedModel({}))


def test_a_recording_replays_to_the_same_files_in_another_folder(
    whole: tuple[Project, dict[str, bytes], int], tmp_path: Path, silent: Console
) -> None:
    whole_project, files, _ = whole
    store = CallStore(whole_project.calls)
    store.export(tmp_path / "recording.jsonl.gz", set(json.loads((whole_project.run_dir / "calls.json").read_text())))
    store.close()
    project = open_project(tmp_path / "elsewhere")
    store = CallStore(project.calls)
    store.load(tmp_path / "recording.jsonl.gz")
    store.close()
    record = synthesize(project, silent, replay=True, backend=ScriptedModel({}))
    assert record.recorded is True
    assert files_of(project) == files


def test_a_replay_without_a_reply_names_the_role(project: Project, silent: Console) -> None:
    with pytest.raises(MissingReply, match="role extractor"):
        synthesize(project, silent, replay=True, backend=ScriptedModel({}))


def test_a_dead_endpoint_ends_the_run_with_its_address(project: Project, silent: Console) -> None:
    with pytest.raises(EndpointError, match=r"http://127\.0\.0\.1:9/v1 cannot be reached"):
        synthesize(project, silent)
    assert not project.data_dir.exists()


def test_a_dry_run_has_a_name_of_its_own_and_touches_no_call_store(project: Project, silent: Console) -> None:
    record = synthesize(project, silent, dry=True)
    assert (record.run, record.teacher, record.dry) == ("main-dry", "scripted", True)
    assert not project.calls.exists()
    assert read_record(project.directory / "runs" / "main-dry" / "run.json") == record


def test_a_role_that_names_no_model_is_a_config_error(tmp_path: Path, silent: Console) -> None:
    with pytest.raises(ConfigError, match=r"names the model 'judge'\n.*\[models\.judge\].*teacher"):
        synthesize(open_project(tmp_path, CONFIG + '[roles]\ncritic = "judge"\n'), silent, dry=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "found a list"),
        ("{", "Invalid JSON"),
        ('{"inputs": [], "per_fact": {}, "fingerprint": "x", "files": {}}', "inputs: .*found a list"),
        ('{"inputs": {}, "per_fact": {}}', "Field required"),
    ],
    ids=["a-list", "cut-off", "inputs-of-another-type", "without-inputs"],
)
def test_a_run_json_of_another_shape_is_told(project: Project, silent: Console, text: str, message: str) -> None:
    project.run_dir.mkdir(parents=True)
    (project.run_dir / "run.json").write_text(text)
    with pytest.raises(InputError, match=rf"(?s)run\.json: .*{message}.*remove it"):
        synthesize(project, silent, backend=ScriptedModel({}))
