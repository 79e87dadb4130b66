"""From the settings of a project to an evaluation and a chat: what is handed on, and what is loaded when."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.console import Console
from agents.models.budget import Caps
from agents.project import Project
from eval.session import load_panel, load_student, open_contestants, plan_evaluation, run_evaluation, unloaded
from eval.settings import EvalConfig
from tuning.recipe import Recipe


@pytest.fixture
def tuned(project: Project) -> Project:
    """The toy project with a base and a number format of its own."""
    project.config["tuning"] = Recipe(base="some/base")
    project.config["eval"] = EvalConfig(batch_tokens=512, dtype="bfloat16")
    return project


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Which students were loaded, in place of loading them."""
    asked: list[Any] = []
    monkeypatch.setattr("eval.session.load_student", lambda *words: asked.append(words))
    return asked


def test_an_evaluation_gets_the_settings_of_its_project_and_what_the_verb_was_told(
    tuned: Project, quiet: Console, loaded: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def evaluate(*words: Any, batch: Path | None) -> str:
        asked.append((*words, batch))
        return "metrics"

    monkeypatch.setattr("eval.evaluate.evaluate", evaluate)
    monkeypatch.setattr("agents.models.embedding.minilm", lambda say: ("embeds", say))
    caps = Caps(cost=2.0)
    assert run_evaluation(tuned, quiet, Path("untuned"), True, caps, Path("batch")) == "metrics"
    ((project, config, base, load, embed, console, *rest),) = asked
    assert (project, config, base, console) == (tuned, tuned.config["eval"], "some/base", quiet)
    assert rest == [Path("untuned"), True, caps, Path("batch")]
    load(Path("adapter"))
    assert loaded == [("some/base", Path("adapter"), "bfloat16")]
    assert embed() == ("embeds", quiet.say)
    run_evaluation(tuned, quiet)
    assert asked[1][6:] == (None, False, None, None)


def test_a_plan_is_of_the_same_questions_and_loads_nothing(tuned: Project, quiet: Console, loaded: list[Any]) -> None:
    told = plan_evaluation(tuned, quiet, fresh=False)
    assert {one["contestant"]: one["asked"] for one in told["contestants"]} == {"base": 60, "rag": 6, "tuned": 60}
    assert loaded == []
    with pytest.raises(AssertionError, match="loads no model"):
        unloaded("some/base")


@pytest.mark.parametrize("exported", [None, "embedded"], ids=["not exported", "exported"])
def test_a_chat_takes_the_exported_student_for_the_tuned_one_alone(
    tuned: Project, loaded: list[Any], monkeypatch: pytest.MonkeyPatch, exported: str | None
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("eval.chat.openers", lambda *words: asked.append(words))
    monkeypatch.setattr("eval.session.embedded_student", lambda project: exported if project is tuned else "another")
    monkeypatch.setattr("agents.models.embedding.minilm", lambda say: ("embeds", say))
    open_contestants(tuned, print)
    ((project, config, base, load, embed),) = asked
    assert (project, config, base, embed()) == (tuned, tuned.config["eval"], "some/base", ("embeds", print))
    assert load(tuned.adapter_dir) == exported
    load(None)
    with_adapter = [] if exported else [("some/base", tuned.adapter_dir, "bfloat16")]
    assert loaded == [*with_adapter, ("some/base", None, "bfloat16")]


@pytest.mark.parametrize("names", [(), ("base",)], ids=["nobody named", "base named"])
def test_a_chat_opens_who_is_named_and_rag_and_tuned_otherwise(
    tuned: Project, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("eval.session.open_contestants", lambda *words: asked.append(words) or "openers")
    monkeypatch.setattr("eval.chat.Panel.load", lambda *words: words)
    assert load_panel(tuned, print, names) == ("openers", names or ("rag", "tuned"))
    assert asked == [(tuned, print)]


def test_what_loading_a_student_prints_is_no_part_of_the_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import tuning.model

    def load(*words: Any) -> Any:
        print("converted")
        return words

    monkeypatch.setattr(tuning.model, "Student", SimpleNamespace(load=load))
    assert load_student("some/base", Path("adapter")) == ("some/base", Path("adapter"), "auto")
    assert load_student("some/base", None, "float32") == ("some/base", None, "float32")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "converted\nconverted\n")
