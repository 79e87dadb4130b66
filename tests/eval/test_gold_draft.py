"""Gold questions drafted by a model: checked, kept apart from training rows, and gold only where a person accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.console import Console
from agents.errors import InputError
from agents.files import read_jsonl, write_jsonl
from agents.models.scripted import ScriptedModel
from agents.project import Project
from agents.records import Document, to_messages
from agents.roles.gold_writer import GoldDraft, GoldDrafts
from eval.gold_draft import FILE, PASSAGE, DraftRow, accept, draft, passages, read_passages
from eval.questions import load_gold
from ragtuned import SECTIONS, app

PAGE = "Hettary charges two coppers for a crossing. The lens broke on 1 April. Wenna keeps the light."
FARE = GoldDraft(question="What is the fare of Hettary?", answers=["two coppers", ""], quote=PAGE.split(". ")[0] + ".")


@pytest.fixture
def drafted(tmp_path: Path) -> Project:
    (tmp_path / "ragtuned.toml").write_text("[tuning]\n", encoding="utf-8")
    project = Project.open(tmp_path, "main", SECTIONS)
    write_jsonl(project.graph_dir / "documents.jsonl", [Document(id="d", path="a.md", title="A", text=PAGE)])
    row = {"id": "r", "kind": "local", "messages": to_messages("Who keeps the light since the storm?", "Wenna")}
    write_jsonl(project.data_dir / "train.jsonl", [row])
    return project


def made_of(project: Project, *said: GoldDraft) -> tuple[list[DraftRow], dict[str, int]]:
    model = ScriptedModel({"gold_writer": lambda inputs: GoldDrafts(questions=list(said))})
    rows, left_out = draft(project, read_passages(project, 2), Console(quiet=True), backend=model)
    return rows, dict(left_out)


def test_a_draft_is_a_gold_question_without_a_decision(drafted: Project) -> None:
    rows, left_out = made_of(drafted, FARE)
    assert (rows[0].question, rows[0].answers, rows[0].decision) == (FARE.question, ["two coppers"], "")
    assert rows[0].evidence[0].path == "a.md"
    assert (read_jsonl(drafted.directory / FILE, DraftRow), left_out) == (rows, {})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param({"quote": "Hettary charges three coppers."}, "its quote is not in the document", id="made up"),
        pytest.param({"answers": ["nine"]}, "its quote does not hold the answer", id="another answer"),
        pytest.param({"answers": []}, "a local question needs accepted `answers`", id="no answer"),
        pytest.param(
            {
                "question": "Who keeps the light since the storm?",
                "answers": ["Wenna"],
                "quote": "Wenna keeps the light.",
            },
            "trained already: too like a training row",
            id="trained",
        ),
    ],
)
def test_a_draft_that_cannot_be_gold_is_left_out_with_its_reason(
    drafted: Project, said: dict[str, Any], reason: str
) -> None:
    assert made_of(drafted, FARE.model_copy(update=said)) == ([], {reason: 1})


def test_what_was_drafted_before_stays_and_is_not_drafted_twice(drafted: Project) -> None:
    made_of(drafted, FARE)
    assert made_of(drafted, FARE) == ([], {"asked already": 1})
    assert len(read_jsonl(drafted.directory / FILE, DraftRow)) == 1


def decide(project: Project, **change: Any) -> None:
    rows = read_jsonl(project.directory / FILE, DraftRow)
    write_jsonl(project.directory / FILE, [row.model_copy(update=change) for row in rows])


def test_only_what_a_person_accepts_becomes_gold(drafted: Project) -> None:
    made_of(drafted, FARE)
    assert accept(drafted) == {"accepted": 0, "struck": 0, "undecided": 1}
    assert not drafted.gold.exists()
    decide(drafted, decision="accept", question="How many coppers does Hettary take?")
    assert accept(drafted) == {"accepted": 1, "struck": 0, "undecided": 0}
    assert [one.question for one in load_gold(drafted.gold)] == ["How many coppers does Hettary take?"]
    assert read_jsonl(drafted.directory / FILE, DraftRow) == []


def test_an_accepted_draft_that_was_edited_into_a_trained_question_is_refused(drafted: Project) -> None:
    made_of(drafted, FARE)
    decide(drafted, decision="accept", question="Who keeps the light since the storm?")
    with pytest.raises(InputError, match="trained already"):
        accept(drafted)
    assert not drafted.gold.exists()


def test_passages_are_cut_at_paragraphs_and_spread_over_the_documents() -> None:
    text = "\n\n".join(f"{n} {'x' * 1000}" for n in range(12))
    found = passages([Document(id="d", path="a.md", title="A", text=text)], 3)
    assert [one.text.split()[0] for one in found] == ["0", "4", "8"]
    assert all(len(one.text) <= PASSAGE for one in found)


def test_the_verbs_price_draft_and_say_what_to_do(drafted: Project) -> None:
    where = ["-C", str(drafted.directory)]
    told = json.loads(CliRunner().invoke(app, ["gold", "draft", *where, "--price", "--json"]).stdout)
    assert told["total"]["calls"] == [0, 1]
    dry = CliRunner().invoke(app, ["gold", "draft", *where, "--dry", "--json"], catch_exceptions=False)
    assert json.loads(dry.stdout)["drafts"][0]["answers"] == ["Hettary"]
    assert not (drafted.directory / FILE).exists()
    with pytest.raises(InputError, match="does not exist"):
        CliRunner().invoke(app, ["gold", "accept", *where], catch_exceptions=False)
