"""Faults planted into the rows of a hand-made run of recipe facts, and a critic that finds all but the numbers."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from agents.files import write_jsonl
from agents.models.store import Reply
from agents.records import Chunk, Document, Entity, Evidence, Example, Source, Verdict
from bench.quality import row_critic
from bench.quality.finished_runs import Finished, finished
from bench.quality.planted_faults import GOOD
from bench.quality.planted_items import names_of
from bench.quality.planted_rows import Case, made_up, other_answer, plant_rows, without_name, wrong_date
from bench.quality.row_critic import Key, count, write
from tests.batch_answers import answer, completion
from tests.conftest import open_project

PAGE = (
    "mill.md",
    "# Minutes\n\nAnn Hale has four sons and nine boats. On 3 March Tom Reed sold rye. On 5 May he rested.",
)
AWAY = "port.md", "# Letter\n\nKai Dunn left on 7 June."
ROWS = (
    ("sons", "number", "How many sons has Ann Hale?", "four sons", "Ann Hale has four sons."),
    ("boats", "number", "How many boats has Ann Hale?", "nine boats", "Ann Hale has nine boats."),
    ("owner", "person", "Who has boats?", "Ann Hale", "Ann Hale has nine boats and four sons."),
    ("sold", "thing", "What was it that Tom Reed sold?", "rye", "Tom Reed sold rye."),
    ("kept", "thing", "What floats?", "boats", "Boats float."),
    ("sale", "date", "When was rye sold?", "3 March", "Tom Reed sold rye on 3 March."),
    ("rest", "date", "When did Tom Reed rest?", "5 May", "Tom Reed rested on 5 May."),
)


def row(fact: str, side: str, question: str, answer: str, statement: str) -> Example:
    quote = PAGE[1]
    return Example(
        id=f"row-{fact}",
        kind="local",
        fact=fact,
        question=question,
        reasoning=statement,
        answer=answer,
        evidence=[Evidence(chunk_id="chunk-mill.md", start=0, end=len(quote), quote=quote)],
        source=Source(
            documents=[PAGE[0]],
            chunks=["chunk-mill.md"],
            role="question_writer.passage",
            prompt="",
            model="",
            seed=0,
            style=side,
        ),
        round=1,
        verdict=Verdict(gates={}),
    )


@pytest.fixture
def run(tmp_path: Path) -> Finished:
    project = open_project(tmp_path / "toy")
    texts = (PAGE, AWAY)
    people = (("Ann Hale", ["Ann"]), ("Tom Reed", []), ("Kai Dunn", []))
    write_jsonl(
        project.graph_dir / "documents.jsonl",
        [Document(id=f"d-{n}", path=n, title="Minutes", text=t) for n, t in texts],
    )
    write_jsonl(
        project.graph_dir / "chunks.jsonl",
        [Chunk(id=f"chunk-{n}", document_id=f"d-{n}", start=0, end=len(t), text=t) for n, t in texts],
    )
    write_jsonl(
        project.graph_dir / "entities.jsonl",
        [Entity(id=n, name=n, type="person", description="", aliases=a, chunk_ids=[]) for n, a in people],
    )
    write_jsonl(project.run_dir / "data" / "examples.jsonl", [row(*told) for told in ROWS])
    return finished(project.directory)


@pytest.fixture
def kept(run: Finished) -> dict[str, Case]:
    return {case.fact: case for case in plant_rows(run, len(ROWS), 1, seed=0)}


def test_good_rows_and_faults_are_of_different_facts_and_the_seed_decides(run: Finished) -> None:
    cases = plant_rows(run, 2, 1, seed=0)
    assert len({case.fact for case in cases}) == len(cases) > 4
    assert sum(case.fault == GOOD for case in cases) == 2
    assert cases == plant_rows(run, 2, 1, seed=0) != plant_rows(run, 2, 1, seed=1)


def test_every_second_wrong_answer_is_in_the_statement_too(run: Finished) -> None:
    numbers = [case for seed in range(9) for case in plant_rows(run, 1, 2, seed) if "number" in case.fault]
    right = {told[0]: told[4] for told in ROWS}
    both = [case for case in numbers if case.detail.endswith("statement too")]
    assert 0 < len(both) < len(numbers)
    for case in numbers:
        assert (case.reasoning != right[case.fact]) == (case in both)
    assert {"Ann Hale has nine sons.", "Ann Hale has four boats."} & {case.reasoning for case in both}


def test_each_fault_borrows_what_it_says(run: Finished, kept: dict[str, Case]) -> None:
    others, names, rng = list(kept.values()), names_of(run), random.Random(0)
    found = wrong_date(kept["sale"], others, names, rng)
    assert found
    assert (found["answer"], found["detail"]) == ("5 May", "3 March → 5 May, on the page")
    assert wrong_date(kept["sons"], others, names, rng) is None
    found = other_answer(kept["sold"], others, names, rng)
    assert found
    assert found["answer"] == "boats"
    assert made_up(kept["sons"], others, names, rng) is None
    found = without_name(kept["sold"], others, names, rng)
    assert found
    assert found["question"] == "What was it that that person sold?"
    assert without_name(kept["owner"], others, names, rng) is None


def lenient(request: dict[str, Any]) -> dict[str, Any]:
    """Finds that "that person" needs the page, and nothing else."""
    lines = request["body"]["messages"][-1]["content"].partition("<lines>")[2].partition("</lines>")[0].split("\n")
    rows = [line.partition(". ") for line in lines if line[:1].isdigit()]
    verdicts = [{"row": int(n), "fault": "needs the page" if "hat person" in asked else "none"} for n, _, asked in rows]
    return completion(Reply(text=json.dumps({"verdicts": verdicts})))


def test_what_the_checks_and_the_critic_stop_is_counted_and_the_rest_is_missed(
    run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(row_critic, "write_result", lambda name, result: told.update(result))
    out, results = tmp_path / "out", tmp_path / "results.jsonl"
    write(run.project.directory, run.project.run, out, good=2, each=1, seed=0)
    assert answer(out / "requests.jsonl", results, lenient) == 1  # one page, one call
    count(out, results)
    cases = Key.model_validate_json((out / "items.json").read_text(encoding="utf-8")).cases
    for fault, row_ in told["faults"].items():
        assert row_["checks"] + row_["critic"] + row_["missed"] == row_["planted"] == 1, fault
        assert row_["critic"] == (fault == "question without its name"), fault
    assert told["faults"]["wrong number, of no page"]["checks"] == 1
    assert told["faults"]["wrong number, of the page"]["missed"] == 1
    assert len(told["missed"]) == sum(row_["missed"] for row_ in told["faults"].values())
    assert (told["good"]["kept"], told["false_alarms"]) == (2, [])
    assert sum(case.fault == GOOD for case in cases) == 2


def test_rows_without_a_verdict_are_asked_again_and_not_counted(
    run: Finished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, results = tmp_path / "out", tmp_path / "results.jsonl"
    write(run.project.directory, run.project.run, out, good=2, each=1, seed=0)
    first = (out / "requests.jsonl").read_text(encoding="utf-8")
    answer(out / "requests.jsonl", results, lambda _: completion(Reply(text='{"verdicts": []}')))
    with pytest.raises(SystemExit, match="without a verdict"):
        count(out, results)
    assert (out / "requests.jsonl").read_text(encoding="utf-8") != first
