"""What decides the rows, and what a change of it means for the next synthesis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agents.console import Console
from agents.files import read_jsonl
from agents.project import Project
from agents.records import Example
from agents.roles.question_writer import LOCAL_PROMPT, LOCAL_WRITER
from agents.roles.registry import ROLES
from agents.roles.same_entity import SAME_ENTITY
from graphs.fingerprint import changes, fingerprint, inputs
from graphs.plan import plan, total
from graphs.run import synthesize
from tests.conftest import CONFIG, SlowModel, open_project, scripts


def name(project: Project) -> str:
    return fingerprint(inputs(project))


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("per_question = 4", "per_question = 3", False),
        ('model = "scripted"', 'model = "another"', False),
        ("http://127.0.0.1:9/v1", "http://127.0.0.1:10/v1", True),
        ("retries = 0", "retries = 3\ncalls_at_once = 9\nprice_in = 1.0", True),
        ("shard_size = 5", "shard_size = 50", True),
    ],
    ids=["setting", "model", "address", "pace-and-price", "shards"],
)
def test_only_what_decides_a_row_changes_the_fingerprint(tmp_path: Path, old: str, new: str, same: bool) -> None:
    assert (name(open_project(tmp_path / "a")) == name(open_project(tmp_path / "b", CONFIG.replace(old, new)))) is same


@pytest.mark.parametrize(("recipe", "same"), [("ragtuned", False), ("facts", False), ("paper", True)])
def test_the_question_about_names_is_an_input_of_the_recipes_that_ask_it(
    recipe: str, same: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(tmp_path, CONFIG.replace('recipe = "ragtuned"', f'recipe = "{recipe}"'))
    before = name(project)
    monkeypatch.setitem(ROLES, "same_entity", replace(SAME_ENTITY, template="{{pairs}} Are they one?"))
    assert (name(project) == before) is same


def test_the_fingerprint_names_the_documents(tmp_path: Path) -> None:
    first, second = open_project(tmp_path / "a"), open_project(tmp_path / "b" / "c")
    assert name(first) == name(second)
    (first.directory / "documents" / "june.md").write_text("Another text about Marrow.")
    assert name(first) != name(second)


@pytest.fixture
def done(tmp_path: Path, silent: Console) -> Project:
    project = open_project(tmp_path)
    synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    return project


def test_without_a_change_nothing_is_done_again(done: Project) -> None:
    found = changes(done)
    assert (found.any, found.new_chunks, plan(done, found.new_chunks)) == (False, 0, [])


def test_added_changed_and_removed_documents_are_named_and_only_their_chunks_are_new(done: Project) -> None:
    folder = done.directory / "documents"
    (folder / "august.md").write_text("Orla Dunn left Marrow on 3 August with the ferry Kittiwake.")
    (folder / "june.md").write_text("Wenna Tolley came back to Gull Point on 12 June.")
    (folder / "april.md").unlink()
    found = changes(done)
    assert (found.added, found.changed, found.removed) == (
        ["documents/august.md"],
        ["documents/june.md"],
        ["documents/april.md"],
    )
    assert (found.new_chunks, found.chunks) == (2, 3)
    assert total(plan(done, 2))["calls"] < total(plan(done))["calls"]


def test_a_changed_setting_is_named_with_both_values(done: Project) -> None:
    other = open_project(done.directory, CONFIG.replace("per_question = 4", "per_question = 2"))
    assert changes(other).settings == ["[synthesis] wordings.per_question: 4 → 2"]


def test_a_changed_prompt_of_the_project_is_named_and_its_hash_stands_in_the_rows(
    done: Project, silent: Console
) -> None:
    (done.directory / "local.txt").write_text(f"{LOCAL_PROMPT}\nBe brief.")
    other = open_project(done.directory, CONFIG + '[prompts]\n"question_writer.local" = "local.txt"\n')
    assert changes(other).settings == ["the prompt of question_writer.local is another"]
    model = SlowModel(scripts(), seed=2)
    synthesize(other, silent, backend=model)
    assert {r.role.partition(".")[0] for r in model.requests} <= {"question_writer", "critic"}
    assert all("Be brief." in r.messages[-1]["content"] for r in model.requests if r.role == "question_writer.local")
    hashes = {
        e.source.prompt
        for e in read_jsonl(other.data_dir / "examples.jsonl", Example)
        if e.source.role == "question_writer.local"
    }
    assert hashes == {LOCAL_WRITER.hash_with({"question_writer.local": f"{LOCAL_PROMPT}\nBe brief."})}
    (done.directory / "local.txt").write_text(LOCAL_PROMPT + "\nBe short.")
    assert changes(other).settings == ["the prompt of question_writer.local is another"]
    assert changes(open_project(done.directory)).settings == ["the prompt of question_writer.local is another"]


def test_before_the_first_run_everything_is_new(project: Project) -> None:
    found = changes(project)
    assert len(found.added) == 3
    assert found.new_chunks == found.chunks


def test_rows_of_a_removed_document_leave_the_set_and_those_of_the_others_are_not_paid_again(
    done: Project, silent: Console
) -> None:
    (done.directory / "documents" / "notes" / "july.txt").unlink()
    model = SlowModel(scripts(), seed=2)
    record = synthesize(done, silent, backend=model)
    assert "july" not in (done.data_dir / "examples.jsonl").read_text()
    assert not any(r.role == "extractor" for r in model.requests)
    assert record.start.from_store > record.start.called
