"""The blind sheet: what a reader sees, that nothing in it tells the run, and what is counted when it is filled."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.console import Console
from agents.errors import InputError
from agents.models.scripted import ScriptedModel
from agents.records import CONTRAST, FRAMING, PASSAGE
from bench.quality.blind_reading import app, counted, draw, read_verdicts, sheet_of
from bench.quality.finished_runs import Finished, finished
from graphs.run import synthesize
from tests.conftest import open_project, scripts


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The finished run main of a toy project, and the same again under the name of another recipe."""
    project = open_project(tmp_path_factory.mktemp("toy"))
    synthesize(project, Console(quiet=True), backend=ScriptedModel(scripts()))
    synthesize(replace(project, run="secret"), Console(quiet=True), backend=ScriptedModel(scripts()))
    return {label: project.directory / "runs" / label for label in ("main", "secret")}


@pytest.fixture(scope="module")
def runs(folders: dict[str, Path]) -> dict[str, Finished]:
    return {label: finished(folder) for label, folder in folders.items()}


def fill(text: str, verdict: Callable[[Any], str]) -> str:
    """The sheet with `verdict(number)` after each "verdict:"."""
    numbers = iter(range(1, text.count("\nverdict:\n") + 1))
    return re.sub(r"^verdict:$", lambda _: f"verdict: {verdict(next(numbers))}", text, flags=re.MULTILINE)


def test_a_drawing_takes_one_training_row_a_fact_and_none_that_no_model_wrote(runs: dict[str, Finished]) -> None:
    rows = draw(runs["main"], 5, seed=0)
    assert len({row.fact for row in rows}) == len(rows) == 5
    assert {row.split for row in rows} == {"train"}
    assert {row.source.role for row in rows}.isdisjoint({CONTRAST, PASSAGE, FRAMING})
    assert "unanswerable" not in {row.kind for row in draw(runs["main"], 1000, seed=0)}


def test_more_rows_than_facts_take_a_second_of_each_and_none_twice(runs: dict[str, Finished]) -> None:
    rows = draw(runs["main"], 10_000, seed=0)
    facts = {row.fact for row in rows}
    assert len({row.id for row in rows}) == len(rows) > len(facts)
    assert {row.fact for row in rows[: len(facts)]} == facts
    assert draw(runs["main"], len(facts) + 1, seed=0) == rows[: len(facts) + 1]


def test_the_sheet_shows_what_is_taught_and_the_passage_and_nothing_of_the_run(runs: dict[str, Finished]) -> None:
    text, key = sheet_of(runs, 4, seed=0)
    assert [row["run"] for row in key].count("secret") == 4
    for word in ("main", "secret", "question_writer", "row-", "chunk-", "P(yes)"):
        assert word not in text
    number, row = next((n, row) for n, row in enumerate(key, 1) if row["run"] == "main")
    example = next(r for r in runs["main"].rows if r.id == row["id"])
    section = text.split(f"## row {number}\n")[1].split("\n## row ")[0]
    assert f"> {example.question}" in section
    assert f"> {example.answer}" in section
    assert "> " + runs["main"].chunks[example.source.chunks[0]].text.splitlines()[0] in section


def test_the_rows_of_the_runs_are_shuffled(runs: dict[str, Finished]) -> None:
    labels = [row["run"] for row in sheet_of(runs, 6, seed=0)[1]]
    assert labels != sorted(labels) != labels[::-1]


def test_a_passage_that_looks_like_a_verdict_or_a_row_is_not_read_as_one(runs: dict[str, Finished]) -> None:
    run = runs["main"]
    forged = {
        cid: c.model_copy(update={"text": f"verdict: faithful\n## row 1\n{c.text}"}) for cid, c in run.chunks.items()
    }
    text, key = sheet_of({"main": replace(run, chunks=forged)}, 3, seed=0)
    assert read_verdicts(fill(text, lambda n: "cannot tell")) == ["cannot tell"] * len(key)


def test_verdicts_are_counted_by_run_with_their_intervals(runs: dict[str, Finished]) -> None:
    text, key = sheet_of(runs, 5, seed=0)
    verdicts = read_verdicts(fill(text, lambda n: " Faithful" if key[n - 1]["run"] == "main" else "not faithful "))
    found = counted(verdicts, key)
    assert (found["main"]["faithful"]["hits"], found["main"]["faithful"]["n"]) == (5, 5)
    assert (found["secret"]["faithful"]["hits"], found["secret"]["not faithful"]["hits"]) == (0, 5)
    assert 0 < found["main"]["faithful"]["low"] < found["main"]["faithful"]["high"] == 1
    assert found["main"]["cannot tell"]["share"] == 0


@pytest.mark.parametrize("word", ["", "yes", "faithful?"], ids=["empty", "another-word", "a-question-mark"])
def test_nothing_is_counted_while_a_verdict_is_missing(runs: dict[str, Finished], word: str) -> None:
    text, _ = sheet_of(runs, 3, seed=0)
    with pytest.raises(InputError, match="no verdict yet for row 2, 5"):
        read_verdicts(fill(text, lambda n: word if n in (2, 5) else "faithful"))


def test_the_two_commands_go_from_runs_to_a_result_and_never_over_a_sheet(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    sheet, out = tmp_path / "sheet.md", tmp_path / "blind.json"
    words = ["draw", f"ours={folders['main']}", f"other={folders['secret']}", "--rows", "3", "--sheet", str(sheet)]
    drawn = CliRunner().invoke(app, words)
    assert (drawn.exit_code, "6 rows" in drawn.output) == (0, True), drawn.exception
    assert isinstance(CliRunner().invoke(app, words).exception, InputError)
    assert isinstance(CliRunner().invoke(app, ["count", str(sheet), "--out", str(out)]).exception, InputError)
    assert not out.exists()
    sheet.write_text(fill(sheet.read_text(), lambda n: "faithful"))
    done = CliRunner().invoke(app, ["count", str(sheet), "--out", str(out)])
    assert done.exit_code == 0, done.exception
    assert {run: told["faithful"]["hits"] for run, told in json.loads(out.read_text())["runs"].items()} == {
        "ours": 3,
        "other": 3,
    }


def test_a_title_forges_no_row_and_no_verdict_and_nothing_hides_what_follows(runs: dict[str, Finished]) -> None:
    forged = "Title\n\nverdict: faithful\n\n## row 99\n"
    documents = {i: d.model_copy(update={"title": forged}) for i, d in runs["main"].documents.items()}
    chunks = {
        i: c.model_copy(update={"text": f"<!-- {c.text}\nverdict: faithful"}) for i, c in runs["main"].chunks.items()
    }
    text, key = sheet_of({**runs, "main": replace(runs["main"], documents=documents, chunks=chunks)}, 4, seed=0)
    assert read_verdicts(fill(text, lambda number: "cannot tell")) == ["cannot tell"] * len(key)
    assert "<!--" not in text.replace("\\<", "")
