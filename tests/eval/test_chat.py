"""The chat in the terminal, with toys."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agents.console import Console
from agents.errors import FailedCall, InputError
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.models.scripted import ScriptedModel
from agents.project import Project
from eval.chat import HEARD, LONGEST, Panel, chat, openers
from eval.settings import EvalConfig


@pytest.fixture
def panel(project: Project, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type) -> Panel:
    """Rag answers "read", tuned answers "known"."""
    students = {
        None: toy_student(lambda _: "read [bold]it[/bold]"),
        project.adapter_dir: toy_student(lambda _: "known"),
    }
    return Panel.load(openers(project, EvalConfig(), "toy", lambda adapter: students[adapter], lambda: embed))


def test_one_question_gets_both_answers_and_the_sources(panel: Panel, capsys: pytest.CaptureFixture[str]) -> None:
    assert chat(panel, "What does Hettary charge?", Console()) == 1
    shown = capsys.readouterr().out
    for text in ("What does Hettary charge?", "read [bold]it[/bold]", "known", "april.md [0–"):
        assert text in shown


def test_lines_are_answered_until_an_empty_one(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Who?\nWhat?\n\nNever asked\n"))
    assert chat(panel, None, Console(as_json=True)) == 2
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["question"] for row in rows] == ["Who?", "What?"]
    assert {row["tuned"]["text"] for row in rows} == {"known"}
    assert all(row["rag"]["sources"] and not row["tuned"]["sources"] for row in rows)


def test_the_end_of_the_input_ends_the_chat(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert chat(panel, None, Console(quiet=True)) == 0


@pytest.mark.parametrize("question", [pytest.param("  ", id="blank"), pytest.param("x" * (LONGEST + 1), id="overlong")])
def test_an_unusable_question_is_an_error(panel: Panel, question: str) -> None:
    with pytest.raises(InputError, match="the question"):
        panel.ask(question)


def test_without_an_adapter_there_is_no_chat(
    project: Project, toy_student: type, embed: Callable[[Sequence[str]], list[list[float]]]
) -> None:
    (project.adapter_dir / "adapter_model.safetensors").unlink()
    with pytest.raises(InputError, match="holds no adapter"):
        Panel.load(openers(project, EvalConfig(), "toy", lambda _: toy_student(str), lambda: embed))


def test_the_chat_has_whom_the_config_names_but_for_who_reads_gold(
    project: Project, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> None:
    config = EvalConfig(contestants=["base", "rag", "tuned", "tuned+rag", "long_context", "ceiling"])
    loaded: list[object] = []

    def load(adapter: object) -> object:
        loaded.append(adapter)
        return toy_student(lambda _: "read")

    found = openers(project, config, "toy", load, lambda: embed)  # type: ignore[arg-type]
    assert list(found) == ["rag", "tuned", "base", "tuned+rag", "long_context"]
    panel = Panel.load(found, ["tuned+rag", "rag", "tuned", "base"])
    answers = panel.ask("What does Hettary charge?")
    assert {name: bool(answer.sources) for name, answer in answers.items()} == {
        "tuned+rag": True,
        "rag": True,
        "tuned": False,
        "base": False,
    }
    assert sorted(loaded, key=str) == sorted([None, project.adapter_dir], key=str)  # each student once


def test_an_unknown_contestant_is_named_with_those_there_are(
    project: Project, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> None:
    found = openers(project, EvalConfig(), "toy", lambda _: toy_student(str), lambda: embed)
    with pytest.raises(InputError, match="no contestant 'tunned': did you mean tuned"):
        Panel.load(found, ["tunned"])


def test_what_is_heard_is_what_the_student_writes(
    project: Project, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> None:
    class Streaming(toy_student):  # type: ignore[misc,valid-type]
        def stream(self, prompt: object, most: int, heard: Callable[[str], None]) -> object:
            heard("two")
            heard("two coppers")
            return self.generate([prompt], most, 1)[0]

    found = openers(project, EvalConfig(), "toy", lambda _: Streaming(lambda _: "two coppers"), lambda: embed)
    panel, heard = Panel.load(found, ["tuned"]), []
    token = HEARD.set(heard.append)
    panel.ask("What does Hettary charge?")
    HEARD.reset(token)
    assert heard == ["two", "two coppers"]


class Teacher(ScriptedModel):
    """A served model that knows the fare, breaks on the ferry, and counts how often it was let go of."""

    closed = 0

    def __init__(self) -> None:
        super().__init__({"contestant": self.says})

    def says(self, inputs: dict[str, Any]) -> Any:
        """What it says to a question."""
        asked = inputs["messages"][-1]["content"].rsplit("Question: ", 1)[1]
        return FailedCall("refused as it is") if "ferry" in asked else "two coppers"

    async def close(self) -> None:
        """See `ScriptedModel.close`."""
        self.closed += 1


@pytest.fixture
def teacher(monkeypatch: pytest.MonkeyPatch) -> Teacher:
    """The model behind every server."""
    found = Teacher()
    monkeypatch.setattr("eval.contestants.lineup.backend_of", lambda config: found)
    return found


@pytest.fixture
def taught(
    project: Project, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type, teacher: Teacher
) -> Panel:
    """The teacher alone, with the passages that retrieval found."""
    models = ModelsConfig({"teacher": ModelConfig(provider="openai", model="strong", retries=0)})
    served = replace(project, config={**project.config, "models": models, "roles": RolesConfig()})
    config = EvalConfig(contestants=["base", "rag", "tuned", "rag_teacher"])
    return Panel.load(openers(served, config, "toy", lambda _: toy_student(str), lambda: embed), ["rag_teacher"])


def test_a_served_contestant_answers_until_the_panel_is_closed(taught: Panel, teacher: Teacher) -> None:
    for question in ("What does Hettary charge?", "What does a crossing cost?"):
        answer = taught.ask(question)["rag_teacher"]
        assert (answer.failed, answer.text, bool(answer.sources)) == ("", "two coppers", True)
    assert teacher.closed == 0
    taught.close()
    assert teacher.closed == 1


@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
def test_an_answer_that_failed_says_why(taught: Panel, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    chat(taught, "Which ferry?", Console(as_json=as_json))
    shown = capsys.readouterr().out
    taught.close()
    if as_json:
        assert json.loads(shown)["rag_teacher"]["failed"] == "failed call: refused as it is"
    else:
        assert "no answer: failed call: refused as it is" in shown
