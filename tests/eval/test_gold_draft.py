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
from eval.gold_draft import FILE, PASSAGE, DraftRow, accept, draft, passages, price, read_passages, trained_questions
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


def test_a_draft_that_was_edited_is_not_drafted_again(drafted: Project) -> None:
    made_of(drafted, FARE)
    decide(drafted, question="How many coppers does Hettary take?")
    assert made_of(drafted, FARE)[0] == []
    decide(drafted, decision="accept")
    accept(drafted)
    assert made_of(drafted, FARE)[0] == []


def test_an_accepted_draft_whose_id_is_taken_is_refused_and_gold_can_still_be_read(drafted: Project) -> None:
    made_of(drafted, FARE)
    rows = read_jsonl(drafted.directory / FILE, DraftRow)
    decide(drafted, decision="accept", question="How many coppers does Hettary take?")
    accept(drafted)
    write_jsonl(drafted.directory / FILE, [row.model_copy(update={"decision": "accept"}) for row in rows])
    with pytest.raises(InputError, match="its id is taken"):
        accept(drafted)
    assert len(load_gold(drafted.gold)) == 1


def test_passages_are_cut_at_paragraphs_and_spread_over_the_documents() -> None:
    text = "\n\n".join(f"{n} {'x' * 1000}" for n in range(12))
    found = passages([Document(id="d", path="a.md", title="A", text=text)], 3)
    assert [one.text.split()[0] for one in found] == ["0", "4", "8"]
    assert all(len(one.text) <= PASSAGE for one in found)


def test_a_paragraph_that_is_longer_than_a_passage_is_cut_and_short_ones_are_put_together() -> None:
    documents = [
        Document(id="a", path="a.md", title="A", text=f"First.\n\nSecond.\n\n{'x' * (PASSAGE + 9)}"),
        Document(id="b", path="b.md", title="B", text=""),
        Document(id="c", path="c.md", title="C", text="Third."),
    ]
    assert [(one.path, one.text) for one in passages(documents, 9)] == [
        ("a.md", "First.\n\nSecond."),
        ("a.md", "x" * PASSAGE),
        ("c.md", "Third."),
    ]
    just = [Document(id="d", path="d.md", title="D", text=f"{'y' * 10}\n\n{'z' * (PASSAGE - 10)}\n\nMore.")]
    assert [len(one.text) for one in passages(just, 9)] == [PASSAGE, 5]


@pytest.mark.parametrize(("questions", "count"), [(1, 1), (2, 1), (3, 2), (8, 4)])
def test_two_questions_are_asked_of_a_passage(drafted: Project, questions: int, count: int) -> None:
    pages = [Document(id=f"d{n}", path=f"{n}.md", title="A", text=PAGE) for n in range(9)]
    write_jsonl(drafted.graph_dir / "documents.jsonl", pages)
    assert len(read_passages(drafted, questions)) == count


def test_the_price_is_that_of_a_call_a_passage(drafted: Project) -> None:
    chosen = read_passages(drafted, 2)
    (stage,) = price(drafted, chosen * 3)
    assert (stage.stage, stage.calls) == ("gold drafts", (0, 3))
    assert [3 * n for n in price(drafted, chosen)[0].tokens_in] == pytest.approx(stage.tokens_in, abs=3)
    heard: list[Any] = []
    model = ScriptedModel({"gold_writer": lambda inputs: heard.append(inputs) or GoldDrafts(questions=[])})
    assert draft(drafted, chosen, Console(quiet=True), backend=model)[0] == []
    (asked,) = heard
    assert PAGE in asked["document"]
    assert asked["count"] == "2"


def test_drafts_of_one_passage_are_rows_of_their_own(drafted: Project) -> None:
    other = GoldDraft(
        question=" When did the lens break? ", answers=[" 1 April "], quote=" The lens broke on 1 April. "
    )
    rows, left_out = made_of(drafted, FARE, other, FARE)
    assert [(one.question, one.answers) for one in rows] == [
        (FARE.question, ["two coppers"]),
        ("When did the lens break?", ["1 April"]),
    ]
    assert (rows[1].kind, rows[1].evidence[0].quote) == ("local", "The lens broke on 1 April.")
    assert len({one.id for one in rows}) == 2
    assert left_out == {"asked already": 1}


def test_a_question_that_is_gold_already_in_other_capitals_is_left_out(drafted: Project) -> None:
    made_of(drafted, FARE)
    decide(drafted, decision="accept")
    accept(drafted)
    shouted = FARE.model_copy(update={"question": FARE.question.upper()})
    assert made_of(drafted, shouted) == ([], {"asked already": 1})


def test_each_draft_stays_until_it_is_decided_and_gold_that_was_there_stays(drafted: Project) -> None:
    other = GoldDraft(question="When did the lens break?", answers=["1 April"], quote="The lens broke on 1 April.")
    third = GoldDraft(question="Who has the light in care?", answers=["Wenna"], quote="Wenna keeps the light.")
    made_of(drafted, FARE, other, third)
    rows = read_jsonl(drafted.directory / FILE, DraftRow)
    told = [row.model_copy(update={"decision": word}) for row, word in zip(rows, ("accept", "strike", ""), strict=True)]
    write_jsonl(drafted.directory / FILE, told)
    assert accept(drafted) == {"accepted": 1, "struck": 1, "undecided": 1}
    assert read_jsonl(drafted.directory / FILE, DraftRow) == told[1:]
    write_jsonl(drafted.directory / FILE, [told[1], told[2].model_copy(update={"decision": "accept"})])
    assert accept(drafted) == {"accepted": 1, "struck": 1, "undecided": 0}
    assert [one.question for one in load_gold(drafted.gold)] == [FARE.question, third.question]


def test_all_faults_of_accepted_drafts_are_told_at_once_and_nothing_is_written(drafted: Project) -> None:
    made_of(drafted, FARE)
    (row,) = read_jsonl(drafted.directory / FILE, DraftRow)
    twice = row.model_copy(update={"decision": "accept"})
    wrong = twice.model_copy(update={"id": "w", "question": "Who?", "answers": ["Orla"]})
    write_jsonl(drafted.directory / FILE, [twice, twice, wrong])
    with pytest.raises(InputError, match="2 faults") as caught:
        accept(drafted)
    assert f"{row.id}: asked already" in str(caught.value)
    assert "w: its quote does not hold the answer" in str(caught.value)
    assert not drafted.gold.exists()
    assert len(read_jsonl(drafted.directory / FILE, DraftRow)) == 3


def test_training_questions_of_all_runs_are_held_against_gold(drafted: Project) -> None:
    row = {"id": "s", "kind": "local", "messages": to_messages("What broke in spring?", "The lens")}
    write_jsonl(drafted.directory / "runs" / "b" / "data" / "train.jsonl", [row])
    assert trained_questions(drafted) == {
        "b/s": "What broke in spring?",
        "main/r": "Who keeps the light since the storm?",
    }


def test_the_verbs_price_draft_and_say_what_to_do(drafted: Project) -> None:
    where = ["-C", str(drafted.directory)]
    told = json.loads(CliRunner().invoke(app, ["gold", "draft", *where, "--price", "--json"]).stdout)
    assert told["total"]["calls"] == [0, 1]
    dry = CliRunner().invoke(app, ["gold", "draft", *where, "--dry", "--json"], catch_exceptions=False)
    assert json.loads(dry.stdout)["drafts"][0]["answers"] == ["Hettary"]
    assert not (drafted.directory / FILE).exists()
    with pytest.raises(InputError, match="does not exist"):
        CliRunner().invoke(app, ["gold", "accept", *where], catch_exceptions=False)
