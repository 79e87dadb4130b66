"""A person's review: one stop after the filters, decisions from a file, and the counts add up."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import ragtuned as command
from agents.console import Console
from agents.errors import InputError, ReviewNeeded
from agents.files import read_jsonl
from agents.models.scripted import ScriptedModel
from agents.project import Project
from agents.records import CONTRAST, FRAMING, PASSAGE, Example, Rejected
from graphs.review.decisions import (
    BY_A_PERSON,
    GATE,
    PERSON,
    Decision,
    add_decisions,
    read_decisions,
    reviewed,
    undecided,
    with_wordings,
)
from graphs.review.terminal import waiting
from graphs.run import synthesize
from tests.conftest import CONFIG, SlowModel, open_project, scripts
from tests.graphs.conftest import row

REVIEWED = CONFIG.replace("shard_size", "review = true\nshard_size")
FIRST = row("Who sold the mill in March?")
WORDING = row("Which person sold the mill in March?", first=FIRST)
FRAMED = row("Tell me: Who sold the mill in March?", first=FIRST, role=FRAMING)
OTHER = row("Who keeps the lamp at Gull Point?", "Wenna Tolley keeps the lamp.", fact="fact-2")
ROWS = [FIRST, OTHER, WORDING, FRAMED]


def decided(*decisions: Decision) -> dict[str, Decision]:
    return {decision.id: decision for decision in decisions}


def write_decisions(path: Path, decisions: dict[str, Decision]) -> None:
    add_decisions(path, list(decisions.values()))


def accept(row: Example) -> Decision:
    return Decision(id=row.id, decision="accept")


def test_what_is_accepted_stays_as_it_is_and_what_is_rejected_goes_whole() -> None:
    kept, rejected, counts = reviewed(ROWS, decided(Decision(id=FIRST.id, decision="reject"), accept(OTHER)))
    assert kept == [OTHER]
    assert [(r.gate, r.reason) for r in rejected] == [
        (GATE, BY_A_PERSON),
        ("wordings", BY_A_PERSON),
        ("wordings", BY_A_PERSON),
    ]
    assert counts == {"review_accepted": 1, "review_edited": 0, "review_rejected": 1}


def test_a_rejected_wording_goes_alone() -> None:
    kept, rejected, _ = reviewed(
        ROWS, decided(accept(FIRST), accept(OTHER), Decision(id=WORDING.id, decision="reject"))
    )
    assert {r.id for r in kept} == {FIRST.id, FRAMED.id, OTHER.id}
    assert [(r.gate, r.question) for r in rejected] == [("wordings", WORDING.question)]


def test_an_edit_changes_the_question_and_its_framings_and_the_answer_of_all_wordings() -> None:
    edit = Decision(
        id=FIRST.id, decision="edit", question="Who sold the mill to Tom?", answer="Ann Hale sold it to Tom."
    )
    kept, rejected, counts = reviewed(ROWS, decided(edit, accept(OTHER)))
    first, wording, framed = (r for r in kept if r.fact == FIRST.fact)
    assert rejected == []
    assert (first.question, wording.question, framed.question) == (
        "Who sold the mill to Tom?",
        WORDING.question,
        "Tell me: Who sold the mill to Tom?",
    )
    assert {r.answer for r in (first, wording, framed)} == {"Ann Hale sold it to Tom."}
    assert all(r.verdict.gates == {} for r in (first, wording, framed))
    assert {r.wording_of for r in (wording, framed)} == {first.id}
    assert (first.source.role, first.source.parent, first.verdict.gates, first.evidence) == (
        PERSON,
        FIRST.id,
        {},
        FIRST.evidence,
    )
    assert counts["review_edited"] == 1


def test_an_edit_that_repeats_a_wording_leaves_one_row_of_it() -> None:
    edit = Decision(id=FIRST.id, decision="edit", question=WORDING.question)
    kept, rejected, _ = reviewed(ROWS, decided(edit, accept(OTHER)))
    first = next(r for r in kept if r.fact == FIRST.fact)
    assert (first.question, first.wording_of) == (WORDING.question, None)
    assert len({r.id for r in kept}) == len(kept)
    assert [r.reason for r in rejected] == ["repeated by an edit"]


def test_a_row_without_a_decision_stops_the_review() -> None:
    with pytest.raises(InputError, match=f"1 questions wait for a decision, {OTHER.id} the first"):
        reviewed(ROWS, decided(accept(FIRST)))
    assert undecided(ROWS, decided(accept(FIRST))) == [OTHER.id]


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "row-1", "decision": "edit"}',
        '{"id": "row-1", "decision": "maybe"}',
        '{"id": "row-1", "decision": "accept", "answer": "x"}',
    ],
)
def test_a_line_that_is_no_decision_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "review.jsonl").write_text(f"{line}\n")
    with pytest.raises(InputError, match=r"review\.jsonl, line 1: not a Decision"):
        read_decisions(tmp_path / "review.jsonl")


@pytest.fixture
def stopped(tmp_path: Path, silent: Console) -> Project:
    """A run that waits for its review."""
    project = open_project(tmp_path, REVIEWED)
    with pytest.raises(ReviewNeeded) as stop:
        synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    assert stop.value.exit_code == 3
    return project


def test_a_run_that_waits_has_written_no_row_and_starting_it_again_asks_nothing(
    stopped: Project, silent: Console
) -> None:
    assert not stopped.data_dir.exists()
    idle = ScriptedModel({})
    with pytest.raises(ReviewNeeded, match="facts wait for a person's decision"):
        synthesize(stopped, silent, backend=idle)
    assert idle.requests == []


def test_the_run_ends_with_the_decisions_and_its_counts_add_up(stopped: Project, silent: Console) -> None:
    groups = waiting(stopped)
    local = [group[0] for group in groups if group[0].kind == "local"]
    edited = Decision(id=local[1].id, decision="edit", answer="A person wrote this of Ostrey.")
    decisions = {
        **decided(*(accept(group[0]) for group in groups)),
        local[0].id: Decision(id=local[0].id, decision="reject"),
        edited.id: edited,
    }
    write_decisions(stopped.decisions, decisions)
    critic = ScriptedModel(scripts())
    record = synthesize(stopped, silent, backend=critic)
    counts = record.counts
    assert {request.role.partition(".")[0] for request in critic.requests} == {"critic"}  # reads the edit again
    assert counts.planned == counts.kept + counts.rejected + counts.failed
    for part in counts.by_kind.values():
        assert part.planned == part.kept + part.rejected + part.failed
    assert record.reasons[f"{GATE}: {BY_A_PERSON}"] == 1
    assert (
        record.items["review_accepted"],
        record.items["review_edited"],
        record.items["review_rejected"],
    ) == (len(groups) - 2, 1, 1)
    rows = [
        e for e in read_jsonl(stopped.data_dir / "examples.jsonl", Example) if e.source.role not in (CONTRAST, PASSAGE)
    ]
    assert local[0].fact not in {e.fact for e in rows}
    assert {e.answer for e in rows if e.fact == local[1].fact} == {edited.answer}
    assert len(read_jsonl(stopped.data_dir / "rejected.jsonl", Rejected)) == sum(record.reasons.values())
    assert stopped.decisions.is_file()


def test_accepting_everything_gives_the_files_of_a_run_without_a_review(
    stopped: Project, silent: Console, tmp_path: Path
) -> None:
    write_decisions(stopped.decisions, decided(*(accept(group[0]) for group in waiting(stopped))))
    synthesize(stopped, silent, backend=ScriptedModel({}))
    plain = open_project(tmp_path / "plain")
    synthesize(plain, silent, backend=SlowModel(scripts(), seed=2))
    assert (stopped.data_dir / "train.jsonl").read_bytes() == (plain.data_dir / "train.jsonl").read_bytes()


def test_the_same_rows_are_not_asked_about_twice(stopped: Project, silent: Console) -> None:
    write_decisions(stopped.decisions, decided(*(accept(group[0]) for group in waiting(stopped))))
    synthesize(stopped, silent, backend=ScriptedModel({}))
    assert synthesize(stopped, silent, backend=ScriptedModel({}), fresh=True).items["review_rejected"] == 0


def test_the_graph_stops_once_with_ids_alone(tmp_path: Path, silent: Console) -> None:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.types import Command

    from agents.models.store import CallStore
    from graphs.context import Context
    from graphs.run import open_clients
    from graphs.synthesis import build_synthesis

    project = open_project(tmp_path, REVIEWED)
    project.run_dir.mkdir(parents=True)
    clients = open_clients(project, CallStore(project.calls), replay=False, backend=SlowModel(scripts(), seed=1))
    graph = build_synthesis(Context(project, clients, silent), InMemorySaver())

    async def whole() -> Any:
        thread = {"configurable": {"thread_id": "one"}}
        first = await graph.ainvoke({"fresh": True}, thread)
        (stop,) = first["__interrupt__"]
        assert set(stop.value) == {"rows", "decisions"}
        assert stop.value["rows"] == [
            group[0].id for group in with_wordings(read_jsonl(project.run_dir / "work" / "kept.jsonl", Example))
        ]
        write_decisions(
            project.decisions, decided(*(Decision(id=name, decision="accept") for name in stop.value["rows"]))
        )
        return await graph.ainvoke(Command(resume=True), thread)

    end = asyncio.run(whole())
    assert end["result"]["rows"]["train"] > 0
    assert set(end) <= {"counts", "result"}


def ragtuned(*words: str | Path, said: str = "") -> Result:
    return CliRunner().invoke(command.app, [str(word) for word in words], input=said)


def test_the_verbs_stop_with_code_3_take_decisions_and_end_the_run(tmp_path: Path) -> None:
    open_project(tmp_path, REVIEWED)
    done = ragtuned("synthesize", "--dry", "-C", tmp_path)
    assert (done.exit_code, "next: ragtuned review" in done.stdout) == (3, True)
    listed = json.loads(ragtuned("review", "--run", "main-dry", "--json", "-C", tmp_path).stdout)["waiting"]
    first = ragtuned(
        "review", "--run", "main-dry", "-C", tmp_path, said="x\nr\ne\n\nAn answer of Ostrey by hand.\nd 1\nq\n"
    )
    assert (first.exit_code, f"3 of {len(listed)} facts decided" in first.stdout) == (3, True)
    second = ragtuned("review", "--run", "main-dry", "-C", tmp_path, said="a\n" * len(listed))
    assert (second.exit_code, "next: ragtuned tune" in second.stdout) == (0, True)
    decisions = read_decisions(tmp_path / "runs" / "main-dry" / "review.jsonl")
    assert [decisions[one["id"]].decision for one in listed[:3]] == ["reject", "edit", "accept"]
    assert decisions[next(iter(listed[2]["wordings"]))].decision == "reject"
    assert "An answer of Ostrey by hand." in (tmp_path / "runs" / "main-dry" / "data" / "examples.jsonl").read_text()


def test_a_run_that_waits_for_nobody_is_told_so(tmp_path: Path) -> None:
    open_project(tmp_path)
    done = ragtuned("review", "-C", tmp_path)
    assert isinstance(done.exception, InputError)
    assert "does not wait for a review" in str(done.exception)


def test_a_decision_of_a_wrong_type_is_named_by_line_and_types(tmp_path: Path) -> None:
    (tmp_path / "review.jsonl").write_text('{"id": "a", "decision": "accept"}\n{"id": 7, "decision": "accept"}\n')
    with pytest.raises(
        InputError,
        match=r"review\.jsonl, line 2: not a Decision: id: Input should be a valid string, found a whole number: 7",
    ):
        read_decisions(tmp_path / "review.jsonl")
