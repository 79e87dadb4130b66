"""run.json through its one type: what is written is read, a later version's too, and an old one is refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.models.scripted import ScriptedModel
from agents.project import Project
from graphs.run import synthesize
from graphs.run_record import RunRecord, last_record, read_record
from tests.run_records import RECORD


def written(folder: Path, found: Any) -> Path:
    path = folder / "run.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


def test_a_record_is_written_as_it_was_read_key_by_key(tmp_path: Path) -> None:
    record = read_record(written(tmp_path, RECORD))
    assert record is not None
    record.write(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == RECORD
    assert list(json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))) == list(RECORD)


def test_a_run_writes_the_keys_that_users_know_and_returns_what_stands_in_the_file(
    project: Project, silent: Console
) -> None:
    record = synthesize(project, silent, dry=True)
    path = project.directory / "runs" / "main-dry" / "run.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert read_record(path) == record
    assert (list(found), found) == (list(RECORD), record.as_object())
    for part in ("counts", "tokens", "per_fact", "plan", "start", "inputs", "coverage"):
        assert list(found[part]) == list(RECORD[part]), part


def test_what_a_later_version_adds_is_passed_over(tmp_path: Path) -> None:
    later = {**RECORD, "something": "new", "counts": {**RECORD["counts"], "more": 1}}
    assert read_record(written(tmp_path, later)) == read_record(written(tmp_path, RECORD))


def test_a_run_without_a_record_has_none(project: Project) -> None:
    assert last_record(project) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"per_fact": None}, "per_fact: "),
        ({"counts": "many"}, "counts: .*found text: 'many'"),
        ({"calls": "12"}, "calls: .*found text: '12'"),
        ({"coverage": {"asked": {"chunks": [3]}, "kept": {}}}, "coverage.asked.chunks.1: Field required"),
    ],
    ids=["nothing-for-a-fact", "words-for-counts", "text-for-a-number", "half-a-pair"],
)
def test_a_record_of_another_shape_is_refused_with_the_field_and_what_to_do(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(
        InputError, match=rf"(?s)run\.json: {named}.*not the record of a run of this version.*remove it"
    ):
        read_record(written(tmp_path, {**RECORD, **change}))


@pytest.mark.parametrize("gone", [key for key in sorted(RECORD) if RunRecord.model_fields[key].is_required()])
def test_an_older_record_is_refused_with_the_key_that_it_lacks(tmp_path: Path, gone: str) -> None:
    with pytest.raises(InputError, match=f"{gone}: Field required"):
        read_record(written(tmp_path, {key: value for key, value in RECORD.items() if key != gone}))


def test_a_run_of_an_older_version_is_not_made_again_over_its_record(project: Project, silent: Console) -> None:
    project.run_dir.mkdir(parents=True)
    old = {key: RECORD[key] for key in ("run", "counts", "rows")}
    path = written(project.run_dir, old)
    with pytest.raises(InputError, match="remove it and run `ragtuned synthesize`"):
        synthesize(project, silent, backend=ScriptedModel({}))
    assert json.loads(path.read_text(encoding="utf-8")) == old


def test_the_teachers_are_named_once_each() -> None:
    record = RunRecord.model_validate(RECORD)
    assert record.teachers == "toy-teacher, strong-teacher"
    assert record.model_copy(update={"teacher": "scripted"}).teachers == "scripted"
