"""Invented facts whose truth is known: the held-out questions tell a student that knows them from one that does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from agents.files import read_jsonl
from agents.reading import Context
from bench.quality.invented_facts import KINDS, TRAINABLE, exchanged, heldout_rows, invent, question_row
from bench.quality.knowledge import CELLS, Cell, write_rows
from eval.marks.agreement import agrees
from eval.questions import load_heldout
from tuning.dataset import read_rows

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("answer", ["span", "sentence"])
def test_a_true_answer_agrees_with_every_held_out_question_and_an_exchanged_one_with_none(answer: str) -> None:
    facts = invent(60, seed=3)
    for fact, other in zip(facts, exchanged(facts), strict=True):
        for row in heldout_rows([fact], 4):
            _, asked, told = (message["content"] for message in row["messages"])
            said, wrong = (
                question_row(one, 1, "span" if answer == "span" else "sentence")["messages"][-1]["content"]
                for one in (fact, other)
            )
            assert agrees(said, asked, told), (asked, said)
            assert not agrees(wrong, asked, told), (asked, wrong)


def test_no_held_out_question_is_trained_and_the_same_seed_gives_the_same_facts(tmp_path: Path) -> None:
    facts = write_rows(Cell(name="all", questions=TRAINABLE, documents=0.5), tmp_path)
    trained = {row.messages[-2]["content"] for row in read_rows(tmp_path / "train.jsonl")}
    held = [one.question for one in load_heldout(tmp_path / "heldout.jsonl", 0)]
    assert len(held) == len(set(held)) == 100
    assert not trained & set(held)
    assert facts == invent(50, 0) != invent(50, 1)
    assert Counter(fact.kind for fact in facts) == dict.fromkeys(KINDS, 10)


def test_the_placebo_has_the_same_questions_and_the_answers_in_other_places(tmp_path: Path) -> None:
    names = ("base", "placebo")
    for name in names:
        write_rows(Cell(name=name, placebo=name == "placebo"), tmp_path / name)
    base, placebo = (
        [one.messages for one in read_rows(tmp_path / name / "train.jsonl")] for name in ("base", "placebo")
    )
    assert [one[-2] for one in base] == [one[-2] for one in placebo]
    changed = sum(a[-1] != b[-1] for a, b in zip(base, placebo, strict=True))
    assert changed == 200  # all but the refusals
    held = [(tmp_path / name / "heldout.jsonl").read_text() for name in names]
    assert held[0] == held[1]  # asked for the truth


def test_each_row_has_its_page_as_context_and_a_refusal_has_none(tmp_path: Path) -> None:
    write_rows(Cell(name="pages", documents=1.0), tmp_path)
    contexts = {one.id: one.passages for one in read_jsonl(tmp_path / "contexts.jsonl", Context)}
    for row in read_rows(tmp_path / "train.jsonl"):
        if row.kind == "unanswerable":
            assert row.id not in contexts
        else:
            assert row.messages[-1]["content"] in contexts[row.id][0]
            assert contexts[row.id][0].count(". ") == 4


def test_the_listed_cells_have_names_of_their_own_and_change_something() -> None:
    assert len({cell.name for cell in CELLS}) == len(CELLS)
    assert len({cell.model_copy(update={"name": ""}).model_dump_json() for cell in CELLS}) == len(CELLS)


def test_a_cell_is_one_line_and_is_not_run_again(student_folder: Path, tmp_path: Path) -> None:
    cells = [{"name": name, "facts": 5, "questions": 1, "epochs": 1, "replay": 0} for name in ("one", "two")]
    (tmp_path / "cells.json").write_text(json.dumps(cells))
    words = [str(tmp_path / "out"), "--cells", str(tmp_path / "cells.json"), "--student", str(student_folder)]

    def bench(*more: str) -> list[str]:
        command = [sys.executable, "-m", "bench.quality.knowledge", *words, *more]
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
        subprocess.run(command, check=True, env=environment, cwd=ROOT)
        return (tmp_path / "out" / "knowledge.jsonl").read_text().splitlines()

    first = bench("--only", "two")
    both = bench()
    assert [json.loads(line)["name"] for line in both] == ["two", "one"]
    assert both[0] == first[0]
    told = json.loads(both[1])
    assert (told["loss"], len(told["train_loss"])) == ("answers", 2)
    figures = told["figures"]["tuned"]
    assert {figure: n for figure, (_, n) in figures.items()} == {
        "new wordings": 10,
        "general": 30,
        "leaks": 30,
        "invented": 24,
    }
