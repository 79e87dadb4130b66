"""Students tuned side by side: each is the one that `ragtuned tune` makes, and one that breaks costs itself only."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.files import write_jsonl
from agents.project import Project
from agents.records import Document, Entity, to_messages
from bench.quality.student_exam import read_corpus, with_passages, write_corpus
from bench.quality.students import Base, Experiment
from tests.tuning.conftest import row, toy_rows, write_rows
from tuning.model import Student
from tuning.recipe import Recipe
from tuning.train import train

ROOT = Path(__file__).parents[2]
GOLD = {
    "id": "g-1",
    "kind": "local",
    "question": "Who keeps the light?",
    "answers": ["Wenna"],
    "evidence": [{"path": "june.md", "quote": "Wenna keeps"}],
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two documents and a gold question, made ready for a machine without an index."""
    project = Project(tmp_path, "main", {})
    texts = {"june.md": "Wenna keeps the light.", "april.md": "The ferry is red."}
    documents = [Document(id=path, path=path, title=path, text=text) for path, text in texts.items()]
    write_jsonl(project.graph_dir / "documents.jsonl", documents)
    entity = Entity(id="e-1", name="Wenna", type="person", description="keeper", chunk_ids=[])
    write_jsonl(project.graph_dir / "entities.jsonl", [entity])
    write_jsonl(project.gold, [GOLD])
    write_corpus(project, lambda asked: [[1.0, float("light" in text)] for text in asked], tmp_path / "corpus")
    return tmp_path / "corpus"


def questions(student: Student) -> list[str]:
    asked = [[*row["messages"][:-1]] for row in toy_rows()]
    return [one.text for one in student.generate(asked, 8)]


def test_a_student_of_the_bench_answers_as_the_one_that_tune_makes(
    recipe: Recipe, corpus: Path, console: Console, tmp_path: Path
) -> None:
    rows = write_rows(tmp_path / "train.jsonl", toy_rows())
    train(recipe, rows, tmp_path / "none", tmp_path / "adapter", console)
    experiment = Experiment(name="one", corpus=corpus, train=rows, recipe=recipe)
    base = Base(recipe, tmp_path / "out")
    untuned = questions(base.student())
    tuned = base.tune(experiment)
    assert questions(tuned.student) == questions(Student.load(recipe.base, tmp_path / "adapter")) != untuned
    assert questions(base.student()) == untuned  # the next experiment begins with the base as it was
    assert (tuned.told["rows"], tuned.told["updates"]) == (30, 30)


def test_retrieval_is_done_beforehand_and_its_passages_stand_in_the_prompt(recipe: Recipe, corpus: Path) -> None:
    exam, passages = read_corpus(corpus, None, 0)
    assert [passage.path for passage in passages[GOLD["question"]]] == ["june.md", "april.md"]
    assert list(exam.names) == ["Wenna"]
    (answer,) = with_passages("tuned_rag", Base(recipe, corpus).student(), exam, passages)
    assert answer.contestant == "tuned_rag"
    assert [source.text for source in answer.sources] == ["Wenna keeps the light.", "The ferry is red."]


def run(experiments: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    (folder / "experiments.json").write_text(json.dumps(experiments), encoding="utf-8")
    command = [sys.executable, "-m", "bench.quality.students", "run", "experiments.json", "out", "--workers", "2"]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, env=environment, cwd=folder)
    return [json.loads(line) for line in (folder / "out" / "results.jsonl").read_text().splitlines()]


def test_experiments_run_once_side_by_side_and_a_broken_one_leaves_the_others(
    student_folder: Path, corpus: Path, tmp_path: Path
) -> None:
    write_rows(tmp_path / "train.jsonl", toy_rows(8))
    held = row("h-1", "What keeps Wenna?", "The light.") | {"tag": "wording", "training_rows": ["r1"]}
    write_rows(tmp_path / "heldout.jsonl", [held | {"messages": to_messages("What keeps Wenna?", "The light.")}])
    recipe = {"base": str(student_folder), "epochs": 1, "replay_rows": 0}
    common = {"corpus": str(corpus), "heldout": "heldout.jsonl", "recipe": recipe}
    listed: list[dict[str, Any]] = [{"name": name, "train": f"{name}.jsonl", **common} for name in ("none", "train")]
    (told,) = run(listed, tmp_path)
    assert (told["name"], told["rows"], told["corpus"]) == ("train", 8, "corpus")
    assert set(told["figures"]) == {"base", "rag", "right_page", "long_context", "tuned", "tuned_rag"}
    asked = {figure: n for figure, (_, n) in told["figures"]["tuned"].items()}
    assert asked == {
        "gold local": 1,
        "false refusals": 1,
        "new wordings": 1,
        "general": 30,
        "leaks": 30,
        "invented": 24,
    }
    assert "none.jsonl does not exist" in (tmp_path / "out" / "broken.jsonl").read_text()
    write_rows(tmp_path / "none.jsonl", toy_rows(4))
    listed[0]["retrieval"] = False
    again = run(listed, tmp_path)
    assert [one["name"] for one in again] == ["train", "none"]
    assert set(again[1]["figures"]) == {"base", "rag", "right_page", "long_context", "tuned"}
