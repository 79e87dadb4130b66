"""What the terminal tells of a plan and of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.console import Console
from eval.demo import _tell
from graphs.plan import StagePlan
from graphs.run_record import RunRecord
from graphs.summary import show_batch, show_plan, show_record
from tests.run_records import RECORD

DONE = RunRecord.model_validate(RECORD)
UNPRICED = {"cost": None, "batch_cost": None, "hours": None}
UNCHANGED = DONE.model_copy(update={"unchanged": True})


def test_a_record_is_told_in_sums_that_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    show_record(Console(), DONE)
    told = " ".join("".join(capsys.readouterr()).split())
    for words in (
        "files: 1 = 1 read + 0 skipped",
        "briefs: 12 planned = 9 kept + 2 rejected + 1 failed",
        "reached by kept rows: 2 of 3 chunks",
        "calls: 12 asked, 0 from the store, 12 made; tokens 100 in, 40 out; 0.00 USD",
        "against the plan: 12 of 10 – 30 calls, 100 of 100 – 300 tokens in, 40 of 40 – 120 out, 0.00 of ? USD",
        "check: answer not in evidence",
        "left out, since a call for it failed: chunk of documents/april.md, from character 0: refused prompt: stopped",
    ):
        assert words in told


def test_estimated_tokens_are_said_to_be_estimates(capsys: pytest.CaptureFixture[str]) -> None:
    show_record(Console(), DONE.model_copy(update={"start": DONE.start.model_copy(update={"estimated": 7})}))
    assert "tokens of 7 of these replies are estimates" in capsys.readouterr().out


@pytest.mark.parametrize("tell", [show_record, _tell], ids=["synthesize", "demo"])
@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("facts", "questions: 12 written = 9 kept + 2 rejected + 1 failed"),
        ("ragtuned", "briefs: 12 planned = 9 kept + 2 rejected + 1 failed"),
        ("paper", "briefs: 12 planned = 9 kept + 2 rejected + 1 failed"),
    ],
    ids=lambda one: one if " " not in one else "",
)
def test_recipe_facts_tells_of_questions_and_the_others_of_briefs(
    tell: Callable[[Console, RunRecord], None], recipe: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = DONE.inputs.model_copy(update={"settings": {"synthesis": {"recipe": recipe}}})
    tell(Console(), DONE.model_copy(update={"inputs": inputs}))
    assert words in " ".join("".join(capsys.readouterr()).split())


@pytest.mark.parametrize("tell", [show_record, _tell], ids=["synthesize", "demo"])
def test_an_unchanged_run_tells_of_no_start(tell: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(tell)
    tell(Console(), UNCHANGED)
    told = "".join(capsys.readouterr())
    assert "12 planned = 9 kept" in told
    assert "asked," not in told
    assert (UNCHANGED.as_object()["start"], UNCHANGED.as_object()["unchanged"]) == ({}, True)


def test_a_plan_is_a_table_for_a_person_and_an_object_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    stages = [StagePlan("extract", (3, 6), (300, 600), (30, 60), "toy")]
    told = show_plan(Console(), "asks for", stages)
    assert told["total"] == {"calls": [3, 6], "tokens_in": [300, 600], "tokens_out": [30, 60], **UNPRICED}
    assert told["stages"][0]["stage"] == "extract"
    assert "prices are not known" in " ".join("".join(capsys.readouterr()).split())


def test_a_plan_without_hours_names_the_doctor_of_its_project(capsys: pytest.CaptureFixture[str]) -> None:
    stages = [StagePlan("extract", (3, 6), (300, 600), (30, 60), "toy")]
    show_plan(Console(directory=Path("p")), "asks for", stages)
    assert "`ragtuned doctor -C p`" in capsys.readouterr().out


def test_a_plan_tells_what_batches_cost(capsys: pytest.CaptureFixture[str]) -> None:
    stages = [StagePlan("extract", (3, 6), (300, 600), (30, 60), "toy", "m", (0.5, 2.0), (0.25, 1.0))]
    assert show_plan(Console(), "asks for", stages)["total"]["batch_cost"] == [0.25, 1.0]
    assert "in batches (`--batch`): 0.25 – 1.00 USD" in capsys.readouterr().out


BATCH = {
    "files": [{"path": "requests.jsonl", "model": "toy", "requests": 3}],
    "requests": 3,
    "by_role": {"critic": 1, "extractor": 2},
    "tokens_in": 1200,
    "tokens_out": 300,
    "cost": 0.125,
    "written_before": 0,
    "first_written": "",
    "held_back": 0,
}


@pytest.mark.parametrize(
    ("change", "words", "silent_of"),
    [
        ({}, "requests.jsonl: 3 requests to toy", "paid for twice"),
        ({}, "at most 1,200 tokens in and 300 out (estimates), 0.12 USD at the price of a batch", "held back"),
        ({"cost": None}, "in and 300 out (estimates), ? USD", "0.12"),
        ({"written_before": 2, "first_written": "2026-01-02"}, "2 of them were written before (since 2026-01-02)", "x"),
        ({"held_back": 4}, "held back by the caps of this start: 4 requests more", "before"),
    ],
    ids=["files", "tokens-and-price", "no-price", "written-before", "held-back"],
)
def test_the_requests_of_a_batch_are_told_with_what_to_do_next(
    change: dict[str, object], words: str, silent_of: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_batch(Console(), BATCH | change)
    told = " ".join(capsys.readouterr().out.split())
    assert words in told
    assert "send it as a batch" in told
    assert silent_of == "x" or silent_of not in told


def test_a_plan_that_asks_for_nothing_has_a_title_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Console(), "asks for", [])
    told = "".join(capsys.readouterr())
    assert "asks for" in told
    assert "—" not in told
