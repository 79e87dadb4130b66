"""Placebos: every answer about the documents is another one of its type, and the run is ready to be tuned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.files import write_jsonl
from agents.records import to_messages
from bench.quality.placebos import answer_of, main, permuted, shape

FACTS = {"Who rows?": "Ann", "Who reads?": "Tom", "Who sings?": "Eva", "How many boats?": "two", "How many oars?": "9"}


def row(number: int, question: str, answer: str, kind: str = "local") -> dict[str, Any]:
    return {"id": f"r-{number}", "kind": kind, "messages": to_messages(question, answer)}


ROWS = [
    *(row(2 * n + twice, f"{twice} {q}", a) for n, (q, a) in enumerate(FACTS.items()) for twice in (0, 1)),
    row(90, "What is the capital of France?", "Paris", "replay"),
    row(91, "Who was Ann's dog?", "I don't know.", "unanswerable"),
]


def test_no_answer_about_the_documents_stays_and_each_is_one_of_its_type() -> None:
    before, after = ({one["id"]: answer_of(one) for one in rows} for rows in (ROWS, permuted(ROWS)))
    assert before.keys() == after.keys()
    for name, answer in before.items():
        assert (after[name] == answer) == (name in ("r-90", "r-91"))
        assert shape(after[name]) == shape(answer)
    assert sorted(before.values()) == sorted(after.values())


def test_a_wrong_fact_is_told_the_same_in_all_its_wordings() -> None:
    told = {answer_of(one) for one in permuted(ROWS) if "Who rows?" in one["messages"][1]["content"]}
    assert len(told) == 1


def test_an_answer_alone_of_its_type_is_left_out() -> None:
    assert permuted([row(1, "Who rows?", "Ann"), row(2, "How many?", "two")]) == []


@pytest.fixture
def source(tmp_path: Path) -> Path:
    run = tmp_path / "runs" / "main"
    (run / "graph").mkdir(parents=True)
    write_jsonl(run / "data" / "train.jsonl", ROWS)
    write_jsonl(run / "data" / "heldout.jsonl", [{"id": "h"}])
    return run


def test_the_new_run_has_the_same_held_out_questions_and_other_rows(source: Path, tmp_path: Path) -> None:
    main("permuted", tmp_path, "placebo")
    made = tmp_path / "runs" / "placebo" / "data"
    assert (made / "heldout.jsonl").read_bytes() == (source / "data" / "heldout.jsonl").read_bytes()
    rows = [json.loads(line) for line in (made / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == permuted(ROWS)
    with pytest.raises(InputError, match="is there already"):
        main("permuted", tmp_path, "placebo")


def test_the_rows_of_another_corpus_are_taken_as_they_are(source: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "other.jsonl", ROWS[:3])
    main("other", tmp_path, "elsewhere", rows=tmp_path / "other.jsonl")
    text = (tmp_path / "runs" / "elsewhere" / "data" / "train.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == ROWS[:3]
    with pytest.raises(InputError, match="--rows"):
        main("other", tmp_path, "third")
