"""The comparison of recipes with scripted teachers and a student that is made up.

What is shared, what is counted, what the table says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.files import read_jsonl, write_jsonl
from agents.project import Project
from agents.records import Chunk, Example
from bench.quality import recipes
from bench.quality.recipes import Outcome, Settings, arm, compare, over_seeds
from bench.quality.training_rows import quality
from eval.metrics import FIGURES
from eval.settings import CONTESTANTS
from eval.statistics import of_counts
from graphs.config import SynthesisConfig
from ragtuned import SECTIONS
from tests.conftest import CONFIG, SlowModel, open_project, scripts
from tuning.recipe import Recipe

SETTINGS = Settings(train_tokens=1000, paper_rows=30, answer_tokens=64)
HITS = {("ragtuned", 0): 3, ("ragtuned", 1): 5, ("paper", 0): 1, ("paper", 1): 1}


@pytest.fixture
def toy(tmp_path: Path) -> Project:
    open_project(tmp_path)
    return Project.open(tmp_path, "recipes", SECTIONS)


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Students that learn every other row and know what HITS says; the projects they were asked for."""
    seen = []

    def learn(project: Project, console: Console, untuned: Path | None) -> Outcome:
        recipe, seed = project.section("synthesis", SynthesisConfig).recipe, project.section("tuning", Recipe).seed
        seen.append((recipe, seed, project.section("tuning", Recipe).train_tokens, untuned))
        trained = [json.loads(line)["id"] for line in (project.data_dir / "train.jsonl").read_text().splitlines()][::2]
        figures = {
            name: {figure: of_counts(HITS[recipe, seed], 8 if figure == "gold local" else 0) for figure in FIGURES}
            for name in CONTESTANTS
        }
        return Outcome(frozenset(trained), 700 + seed, figures)

    monkeypatch.setattr(recipes, "learn", learn)
    monkeypatch.setattr(recipes, "tokens_at_hand", lambda project, console: 800 if "paper" in project.run else 5000)
    return seen


def test_both_recipes_get_the_tokens_of_the_smaller_set_and_each_seed_a_run(
    toy: Project, taught: list[Any], silent: Console
) -> None:
    found = compare(toy, [0, 1], SETTINGS, silent, SlowModel(scripts(), 1))
    assert [(recipe, seed, tokens) for recipe, seed, tokens, _ in taught] == [
        (r, s, 800) for r in ("ragtuned", "paper") for s in (0, 1)
    ]
    assert [untuned.parent.parent.name if untuned else None for *_, untuned in taught] == [
        None,
        *["recipes-ragtuned-0"] * 3,
    ]
    assert found["train_tokens"] == 800
    assert found["arms"]["paper"]["synthesis"]["counts"]["planned"] == 30
    assert found["arms"]["paper"]["tokens_trained"] == [700, 701]
    lines = {line[0]: line[1:] for line in found["table"]}
    assert lines["gold local"] == ["3, 5 of 8: 50% (22%–78%)", "1 of 8: 12% (2%–47%)"]
    assert "gold global (claims)" not in lines
    assert set(lines) >= {"", "tokens trained", "rows", "chunks covered", "content words", "near duplicates"}
    assert json.loads(json.dumps(found)) == found


def test_the_teacher_is_asked_once_for_all_seeds(toy: Project, taught: list[Any], silent: Console) -> None:
    model = SlowModel(scripts(), 1)
    compare(toy, [0], SETTINGS, silent, model)
    asked = len(model.requests)
    compare(toy, [0, 1], SETTINGS, silent, model)
    assert len(model.requests) == asked


def test_an_arm_changes_what_the_comparison_needs_and_keeps_the_rest(tmp_path: Path) -> None:
    open_project(tmp_path, CONFIG.replace("shard_size", 'reasoning = "short"\nshard_size'))
    project = Project.open(tmp_path, "recipes", SECTIONS)
    ours, theirs = (
        arm(project, recipe, 7, SETTINGS).section("synthesis", SynthesisConfig) for recipe in recipes.RECIPES
    )
    assert (ours.wordings.per_question, ours.reasoning, ours.recipe) == (4, "short", "ragtuned")
    assert (theirs.reasoning, theirs.recipe, theirs.paper.rows) == ("short", "paper", 30)
    assert arm(project, "paper", 7, SETTINGS).section("tuning", Recipe) == Recipe(seed=7, train_tokens=1000)


def test_more_seeds_are_no_more_questions() -> None:
    one, three = over_seeds([of_counts(4, 10)]), over_seeds([of_counts(3, 10), of_counts(4, 10), of_counts(5, 10)])
    assert one
    assert three
    assert (one["low"], one["high"]) == (three["low"], three["high"])
    assert over_seeds([of_counts(0, 0)]) is None


def row(
    name: str, question: str, answer: str, chunk: str = "c1", fact: str | None = None, kind: str = "local"
) -> Example:
    source = {"documents": ["a.md"], "chunks": [chunk], "role": "writer", "prompt": "", "model": "", "seed": 0}
    fields = {
        "id": name,
        "kind": kind,
        "fact": fact or name,
        "question": question,
        "reasoning": "",
        "answer": answer,
        "evidence": [],
    }
    return Example.model_validate({**fields, "source": source, "round": 1, "split": "train", "verdict": {"gates": {}}})


def test_coverage_and_duplicates_are_of_the_trained_rows_alone(toy: Project) -> None:
    rows = [
        row("r1", "Who sold the old mill of Marrow in March?", "Ann Hale sold it."),
        row("r2", "who sold the old mill of Marrow in March", "Ann Hale sold it."),
        row("r3", "Who sold the old mill of Marrow in March?", "Tom Hale burned it."),
        row("r4", "Who sold the old mill of Marrow in early March?", "Ann Hale sold it."),
        row("r5", "Who sold the old mill of Marrow in late March?", "Ann Hale sold it.", fact="r1"),
        row("r6", "What is the weather like?", "I don't know.", chunk="c2", kind="unanswerable"),
        row("r7", "What burned?", "The barn of Marrow burned.", chunk="c2"),
    ]
    texts = {"c1": "Ann Hale sold the mill.", "c2": "The barn of Marrow burned."}
    write_jsonl(
        toy.graph_dir / "chunks.jsonl",
        [Chunk(id=i, document_id="d", start=0, end=len(text), text=text) for i, text in texts.items()],
    )
    write_jsonl(toy.data_dir / "examples.jsonl", rows)
    write_jsonl(
        toy.data_dir / "train.jsonl",
        [{"id": r.id, "messages": [{"role": "assistant", "content": r.answer}]} for r in rows],
    )
    found = quality(toy, {"r1", "r2", "r3", "r4", "r5", "r6"})
    assert (found.same_question, found.same_question_other_answer) == (2, 1)
    assert [quality(toy, {"r1", other}).near_duplicates for other in ("r4", "r5", "r6")] == [
        1,
        0,
        0,
    ]  # another fact, a wording, something else
    assert (found.rows, found.chunks_covered) == (6, 0.5)
    assert found.content_words == pytest.approx((3 / 4 + 0) / 2)
    assert quality(toy, {r.id for r in read_jsonl(toy.data_dir / "examples.jsonl", Example)}).chunks_covered == 1.0
