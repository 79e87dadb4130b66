"""A new role and a new kind of question are a file each and a line each: the rest of a synthesis finds them there."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.console import Console
from agents.files import each_item, read_jsonl
from agents.project import Project
from agents.records import KIND_NAMES, Example, Rejected
from agents.roles.prompts import contracts
from agents.roles.registry import ROLES
from graphs.drafting.kinds import KINDS
from graphs.fingerprint import inputs
from graphs.plan import plan
from graphs.run import synthesize
from tests.conftest import CONFIG, open_project
from tests.graphs.drafting.riddle_kind import RIDDLE
from tests.graphs.drafting.riddle_role import RIDDLER, SOLVABLE
from tuning.dataset import Row

STRICT = """
[models.strict]
provider = "openai"
model = "one-for-riddles"
base_url = "http://127.0.0.1:9/v1"

[roles]
riddler = "strict"
"""


@pytest.fixture
def riddles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for role in (RIDDLER, SOLVABLE.role):
        monkeypatch.setitem(ROLES, role.name, role)
    monkeypatch.setitem(KINDS, RIDDLE.name, RIDDLE)
    monkeypatch.setattr("agents.records.KIND_NAMES", {*KIND_NAMES, RIDDLE.name})
    return open_project(tmp_path, CONFIG + STRICT)


def test_rows_of_a_new_kind_are_trained_and_those_its_gate_stops_are_rejected(riddles: Project) -> None:
    record = synthesize(riddles, Console(quiet=True), dry=True)
    run = riddles.directory / "runs" / "main-dry"
    counts = record.counts.by_kind["riddle"]
    kept = [row for row in read_jsonl(run / "data" / "examples.jsonl", Example) if row.kind == "riddle"]
    firsts = [row for row in kept if not row.wording_of]
    lost = [row for row in read_jsonl(run / "data" / "rejected.jsonl", Rejected) if row.gate == "solvable"]
    assert counts.planned == counts.kept + counts.rejected
    assert (len(firsts), len(lost)) == (counts.kept, counts.rejected)
    assert firsts
    assert {(row.kind, row.reason) for row in lost} == {("riddle", "riddle has no solution")}
    assert all("lamp" in row.answer for row in lost)
    assert {row.source.role for row in firsts} == {"riddler"}
    assert {row.source.prompt for row in firsts} == {RIDDLER.prompt_hash}
    assert all(row.verdict.gates["solvable"] == 0.9 for row in kept)
    trained = [row for row in each_item(run / "data" / "train.jsonl", Row) if row.kind == "riddle"]
    assert {row.id for row in trained} == {row.id for row in kept if row.split == "train"} != set()
    assert record.acceptance["1"].gates["solvable"].seen == counts.planned


def test_a_new_role_has_a_prompt_a_model_and_a_place_in_the_plan(riddles: Project) -> None:
    assert contracts()["riddler"].fields == ("question", "answer")
    assert contracts()["critic.solvable"].placeholders == {"question", "answer"}
    stages = {stage.stage: stage for stage in plan(riddles)}
    written = stages["riddle rows: writer"]
    assert (written.role, written.model) == ("riddler", "one-for-riddles")
    assert written.tokens_out[0] == RIDDLER.usual_tokens * written.calls[0] > 0
    assert stages["riddle rows: critic"].calls == (0, 4 * written.calls[1])  # a draft that is no draft meets no critic


def test_a_new_role_is_an_input_of_a_run(riddles: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with_riddles = inputs(riddles)
    assert with_riddles.models["riddler"] == "openai/one-for-riddles"
    monkeypatch.delitem(ROLES, "riddler")
    assert inputs(riddles).prompts != with_riddles.prompts
