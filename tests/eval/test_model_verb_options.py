"""export, serve, improve and gold hand on what they were told, and end with their result and the next verb."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.models.budget import Caps
from agents.project import Project
from eval.gold_draft import DraftRow
from eval.improve.settings import ImproveConfig
from eval.improve.writing import Writer
from tests.eval.verbs import Heard, heard_by, next_verb, told


def test_rows_are_exported_in_a_form_and_a_model_as_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, models = Heard(), Heard()
    monkeypatch.setattr(
        "graphs.dataset.export.export", lambda p, *words: rows.answer(p.run, *words) or (3, Path("out"))
    )
    proof = SimpleNamespace(asked=9, same=7, differences=["one", "other"])

    def export_model(project: Project, *words: Any) -> Any:
        *given, console = words
        models.answer(project.run, *given, *heard_by(console))
        return proof, Path("place")

    monkeypatch.setattr("eval.export.export_model", export_model)
    assert json.loads(told(folder, "export", "--format", "alpaca", "--out", "x", "--json")) == {
        "rows": 3,
        "artifact": "out",
    }
    told(folder, "export", "--run", "b")
    assert rows == [("main", "alpaca", Path("x")), ("b", "messages", None)]
    said = json.loads(told(folder, "export", "--model", "gguf", "--quantize", "q8_0", "--out", "x", "--json"))
    assert said == {"asked": 9, "same": 7, "different": 2, "artifact": "place"}
    assert next_verb(folder, told(folder, "export", "--model", "gguf")) == "ragtuned serve"
    assert next_verb(folder, told(folder, "export", "--model", "merged")) == ""
    assert models == [
        ("main", "gguf", "q8_0", Path("x"), folder, "main", True, True),
        ("main", "gguf", "f16", None, folder, "main", False, False),
        ("main", "merged", "f16", None, folder, "main", False, False),
    ]


def test_serve_offers_the_run_at_a_port(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("eval.serve.offer", lambda p, *words: heard.answer(p.run, *words[:2], *heard_by(words[2])))
    told(folder, "serve", "--run", "b", "--port", "9000", "--slots", "4", "--quiet")
    told(folder, "serve")
    assert heard == [("b", 9000, 4, folder, "b", False, True), ("main", 8080, 1, folder, "main", False, False)]


@pytest.mark.parametrize("dry", [False, True], ids=["in earnest", "dry"])
def test_gold_is_drafted_in_so_many_questions_within_caps(
    folder: Path, dry: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard()
    row = DraftRow(id="g", kind="local", question="Who?", answers=["Orla", "Orla Dunn"])
    monkeypatch.setattr("eval.gold_draft.read_passages", lambda project, questions: (project.run, questions))
    monkeypatch.setattr("eval.gold_draft.price", lambda project, chosen: [])

    def draft(project: Project, chosen: Any, console: Any, *words: Any) -> Any:
        heard.answer(chosen, *words, *heard_by(console))
        return [row], Counter({"no answer": 2})

    monkeypatch.setattr("eval.gold_draft.draft", draft)
    path = None if dry else str(folder / "gold-drafts.jsonl")
    words = ["gold", "draft", *(["--dry"] if dry else [])]
    said = json.loads(
        told(folder, *words, "--run", "b", "--questions", "7", "--max-cost", "1.5", "--max-calls", "3", "--json")
    )
    assert said == {"drafts": [row.model_dump()], "left_out": {"no answer": 2}, "artifact": path}
    shown = told(folder, *words)
    assert "Who? → Orla | Orla Dunn\nleft out: 2 × no answer\n" in shown
    assert (next_verb(folder, shown), str(folder / "gold-drafts.jsonl") in shown) == ("ragtuned gold accept", not dry)
    assert heard == [
        (("b", 7), Caps(3, None, 1.5), dry, folder, "b", True, True),
        (("main", 20), Caps(), dry, folder, "main", False, False),
    ]


def test_the_price_of_drafts_is_told_and_nobody_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.gold_draft.read_passages", lambda *_: ["a passage"])
    monkeypatch.setattr("eval.gold_draft.price", lambda *_: [])
    monkeypatch.setattr("eval.gold_draft.draft", lambda *_: pytest.fail("a model was asked"))
    assert json.loads(told(folder, "gold", "draft", "--price", "--json"))["stages"] == []
    assert next_verb(folder, told(folder, "gold", "draft", "--price")) == "ragtuned gold draft"


@pytest.mark.parametrize("accepted", [0, 2])
def test_drafts_that_are_accepted_are_gold_to_evaluate(
    folder: Path, accepted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {"accepted": accepted, "struck": 1, "undecided": 3}
    monkeypatch.setattr("eval.gold_draft.accept", lambda project: counts if project.run == "b" else {})
    said = json.loads(told(folder, "gold", "accept", "--run", "b", "--json"))
    assert said == {**counts, "artifact": str(folder / "gold.jsonl") if accepted else None}
    shown = told(folder, "gold", "accept", "--run", "b")
    assert shown.startswith(f"{accepted} accepted, 1 struck, 3 undecided\n")
    assert next_verb(folder, shown) == "ragtuned eval"


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """The loop of improve in place of the real one."""
    heard = Heard()

    def improve(project: Project, *words: Any) -> Any:
        heard.answer(project, *words)
        rounds = [SimpleNamespace(known=SimpleNamespace(hits=n, n=9)) for n in (3, 7)]
        return SimpleNamespace(rounds=rounds, kept=1, ended="enough is known")

    monkeypatch.setattr("eval.improve.loop.improve", improve)
    monkeypatch.setattr("tuning.footprint.use_one_gpu", lambda: None)
    monkeypatch.setattr("tuning.backends.choose_backend", lambda recipe: None)
    return heard


def test_improve_trains_the_rows_of_a_round_on_the_recipe_of_the_project(
    folder: Path, loop: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, loaded = Heard(), Heard()
    monkeypatch.setattr("tuning.train.train", trained.answer)
    monkeypatch.setattr("eval.session.load_student", loaded.answer)
    text = '[tuning]\nbase = "some/base"\nepochs = 9\npatience = 2\ntrain_tokens = 5000\n[improve]\nepochs = 5\n'
    (folder / "ragtuned.toml").write_text(text, encoding="utf-8")
    said = json.loads(told(folder, "improve", "--json"))
    path = folder / "runs" / "main" / "improve" / "improve.json"
    assert said == {"known": [[3, 9], [7, 9]], "kept": 1, "ended": "enough is known", "artifact": str(path)}
    ((project, config, load, train, console, write),) = loop
    assert (project.run, config, write) == ("main", ImproveConfig(epochs=5), None)
    assert heard_by(console) == (folder, "main", True, True)
    train(Path("some/rows.jsonl"), Path("adapter"), Path("start"))
    ((recipe, *given),) = trained
    assert (recipe.base, recipe.epochs, recipe.train_tokens, recipe.patience) == ("some/base", 5, 0, 0)
    assert recipe.loss == "answers"
    assert given == [Path("some/rows.jsonl"), Path("some/none"), Path("adapter"), console, Path("start")]
    load(Path("adapter"))
    assert loaded == [("some/base", Path("adapter"))]


def test_improve_asks_the_teacher_for_rows_within_caps_where_the_project_says_so(folder: Path, loop: Heard) -> None:
    (folder / "ragtuned.toml").write_text("[improve]\nwrite = 2\n", encoding="utf-8")
    assert next_verb(folder, told(folder, "improve", "--max-calls", "3", "--max-cost", "1.5")) == "ragtuned eval"
    ((project, _, _, _, console, write),) = loop
    assert isinstance(write, Writer)
    assert (write.project, write.console, write.caps) == (project, console, Caps(3, None, 1.5))
