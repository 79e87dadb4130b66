"""The review desk: filters, pages, decisions that are kept at once, and what becomes of them at the next publish."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from agents.console import Console
from agents.files import read_jsonl, write_jsonl
from agents.models.store import CallStore
from agents.project import Project
from agents.records import PASSAGE, Example, Rejected
from eval.ui.documents import NEARBY, around
from eval.ui.rows import NEAR, PAGE, Desk, rows_of
from eval.ui.run_files import RunFiles
from graphs.outcome import WORDING_GATES
from graphs.review.decisions import PERSON, Decision, add_decisions, read_decisions
from graphs.run import synthesize
from tests.conftest import SlowModel, open_project, scripts
from tests.eval.ui.conftest import REJECTED, ROWS


def ask(port: int, path: str, body: Any = None, **query: str) -> Any:
    """A route's answer as JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    sent = (None, {}) if body is None else (json.dumps(body), {"Content-Type": "application/json"})
    connection.request("POST" if body is not None else "GET", f"{path}?{urlencode(query)}", *sent)
    return json.loads(connection.getresponse().read())


def listed(desk: Any, **query: str) -> set[str]:
    return {row["id"] for row in ask(desk.served.port, "/api/rows", **query)["rows"]}


EVERY = {"row-keeper", "row-duck", "row-fare", "row-held", "row-script", "rejected-1"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({}, EVERY, id="all"),
        pytest.param({"state": "kept"}, EVERY - {"rejected-1"}, id="kept"),
        pytest.param({"state": "rejected"}, {"rejected-1"}, id="rejected"),
        pytest.param({"state": "heldout"}, {"row-held"}, id="held out"),
        pytest.param({"state": "borderline"}, {"row-held"}, id="a second draft is borderline"),
        pytest.param({"kind": "global"}, {"row-script"}, id="kind"),
        pytest.param({"gate": "critic: needs the page"}, {"rejected-1"}, id="gate"),
        pytest.param({"document": "april.md"}, {"row-fare"}, id="document"),
        pytest.param({"q": "TWO coppers"}, {"row-fare"}, id="words, whatever their case"),
        pytest.param({"q": "became keeper"}, {"row-keeper", "row-held"}, id="words of the evidence"),
        pytest.param({"entity": "Wenna"}, {"row-keeper", "row-held"}, id="entity"),
        pytest.param({"entity": "Wen"}, set(), id="no part of a name"),
        pytest.param({"q": "nothing like it"}, set(), id="nothing"),
        pytest.param({"kind": "local", "state": "kept", "q": "light"}, {"row-keeper", "row-held"}, id="several"),
    ],
)
def test_rows_are_found_by_filter(desk: Any, query: dict[str, str], found: set[str]) -> None:
    assert listed(desk, **query) == found


def test_a_row_comes_with_its_evidence_in_its_document_and_its_gates(desk: Any) -> None:
    row = ask(desk.served.port, "/api/row", id="row-keeper")
    (place,) = row["evidence"]
    assert (place["document"], place["quote"], place["after"][:13]) == (
        "doc-june.md",
        "Wenna became keeper",
        " of the light",
    )
    rejected = ask(desk.served.port, "/api/row", id="rejected-1")
    assert (rejected["gate"], rejected["reason"]) == ("critic", "needs the page")
    assert rejected["raw"].startswith("<b>raw</b>")


def test_a_row_comes_with_every_draft_about_its_fact_and_the_verdict_on_each(desk_project: Project) -> None:
    row = ROWS[0].model_copy(update={"round": 2})
    told = {"question": "Who keeps it?", "gate": "critic", "reason": "needs the page", "brief": row.fact, "round": 1}
    write_jsonl(desk_project.data_dir / "examples.jsonl", [row, *ROWS[1:]])
    write_jsonl(desk_project.data_dir / "rejected.jsonl", [REJECTED[0].model_copy(update=told), *REJECTED])
    found = Desk(RunFiles(desk_project), lambda: None)._one(row.id)
    drafts = [(draft["round"], draft["question"], draft.get("reason")) for draft in found["drafts"]]
    assert drafts == [(1, "Who keeps it?", "needs the page"), (2, row.question, None)]
    before = REJECTED[0].model_copy(update={**told, "question": "Who?", "reason": "too short"})
    write_jsonl(desk_project.graph_dir / "drafts.jsonl", [before])  # recipe ragtuned keeps them apart
    found = Desk(RunFiles(desk_project), lambda: None)._one(row.id)
    assert ("", "Who?") in [(draft["id"], draft["question"]) for draft in found["drafts"]]


@pytest.mark.parametrize(
    ("start", "cut"),
    [(0, (False, True)), (450, (True, True)), (990, (True, False))],
    ids=["beginning", "middle", "end"],
)
def test_what_stands_around_evidence_is_whole_words(start: int, cut: tuple[bool, bool]) -> None:
    before, after = around("oak mill " * 111, start, start + 3)
    assert {*before.split(), *after.split()} <= {"oak", "mill", "…"}
    assert (before.startswith("…"), after.endswith("…")) == cut
    assert max(len(before), len(after)) <= NEARBY + 2


def test_a_score_near_its_threshold_is_borderline(desk_project: Project) -> None:
    fault = read_jsonl(desk_project.data_dir / "rejected.jsonl", Rejected)[0]
    scored = [
        fault.model_copy(update={"id": name, "gate": "faithful", "raw": f"P(yes) = {p} Draft()"})
        for name, p in (("near", 0.6 - NEAR / 2), ("far", 0.1))
    ]
    write_jsonl(desk_project.data_dir / "rejected.jsonl", scored)
    rows = {row.item.id: row.borderline for row in rows_of(RunFiles(desk_project), {})}
    assert (rows["near"], rows["far"]) == (True, False)
    raised = {row.item.id: row.borderline for row in rows_of(RunFiles(desk_project), {"faithful": 0.15})}
    assert (raised["near"], raised["far"]) == (False, True)


def test_each_decision_is_in_the_file_with_who_and_when_before_the_answer(desk: Any) -> None:
    port = desk.served.port
    for decision in ("reject", "accept"):
        assert ask(port, "/api/rows/decide", {"ids": ["row-duck"], "decision": decision, "who": "Ann"}) == {
            "decided": 1
        }
    lines = read_jsonl(desk.project.decisions, Decision)
    assert [(one.id, one.decision, one.who) for one in lines] == [
        ("row-duck", "reject", "Ann"),
        ("row-duck", "accept", "Ann"),
    ]
    assert all(one.when.endswith("+00:00") for one in lines)
    assert listed(desk, state="decided") == {"row-duck"}


def test_all_rows_that_fit_a_filter_are_decided_at_once(desk: Any) -> None:
    given = {"filter": {"document": "june.md", "state": "kept"}, "decision": "reject"}
    assert ask(desk.served.port, "/api/rows/decide", given) == {"decided": 4}
    assert set(read_decisions(desk.project.decisions)) == EVERY - {"row-fare", "rejected-1"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({"ids": ["row-none"], "decision": "accept"}, "no such row", id="unknown row"),
        pytest.param({"ids": [], "decision": "accept"}, "no row is chosen", id="no row"),
        pytest.param({"ids": ["row-duck"], "decision": "maybe"}, "is no decision", id="unknown decision"),
        pytest.param({"ids": ["row-duck"], "decision": "edit"}, "is no decision", id="an edit without words"),
    ],
)
def test_what_is_no_decision_is_told_and_not_kept(desk: Any, given: dict[str, Any], message: str) -> None:
    assert message in ask(desk.served.port, "/api/rows/decide", given)["what"]
    assert not desk.project.decisions.exists()


def test_half_a_line_of_a_crash_is_taken_away_by_the_next_decision(desk: Any) -> None:
    desk.project.decisions.write_text('{"id": "row-fare", "decision": "accept"}\n{"id": "row-du')
    ask(desk.served.port, "/api/rows/decide", {"ids": ["row-duck"], "decision": "accept"})
    assert set(read_decisions(desk.project.decisions)) == {"row-fare", "row-duck"}


def test_ten_thousand_rows_are_filtered_in_a_tenth_of_a_second(desk_project: Project) -> None:
    rows = read_jsonl(desk_project.data_dir / "examples.jsonl", Example)
    many = [rows[n % 3].model_copy(update={"id": f"row-{n}", "question": f"Question {n}?"}) for n in range(10_000)]
    write_jsonl(desk_project.data_dir / "examples.jsonl", many)
    desk = Desk(RunFiles(desk_project), lambda: None)
    assert len(desk._listed({})["rows"]) == PAGE  # reads them
    started = time.perf_counter()
    found = desk._listed({"q": "question 99", "state": "kept", "entity": "Wenna", "page": "1"})
    assert time.perf_counter() - started < 0.3
    assert 0 < found["total"] < 10_000


@pytest.fixture
def finished(tmp_path: Path, silent: Console) -> Project:
    """A run without a review, made by the scripted model."""
    project = open_project(tmp_path)
    synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    return project


def rows_by_id(project: Project) -> dict[str, Example]:
    return {row.id: row for row in read_jsonl(project.data_dir / "examples.jsonl", Example)}


def decide(project: Project, *decisions: Decision) -> Any:

    add_decisions(project.decisions, decisions)


def test_a_publish_that_breaks_says_so_and_does_not_run_for_ever(tmp_path: Path) -> None:
    def breaks() -> None:
        raise KeyError("split")

    desk = Desk(RunFiles(Project(tmp_path, "main", {})), breaks)
    request: Any = None

    async def published() -> None:
        await desk.publish(request)
        while desk.publishing["state"] == "running":
            await asyncio.sleep(0.01)

    asyncio.run(published())
    assert (desk.publishing["state"], desk.publishing["what"]) == ("failed", "'split'")


def test_a_decision_after_the_run_flows_into_the_next_publish_and_costs_no_call(
    finished: Project, silent: Console
) -> None:
    before = rows_by_id(finished)
    first = next(row for row in before.values() if row.kind == "local" and not row.wording_of)
    decide(finished, Decision(id=first.id, decision="reject"))
    model = SlowModel(scripts(), seed=1)
    record = synthesize(finished, silent, backend=model)
    assert not record.unchanged
    assert model.requests == []
    assert first.id not in rows_by_id(finished)
    assert record.reasons["review: rejected by a person"] >= 1
    assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed
    assert synthesize(finished, silent, backend=model).unchanged


def test_a_row_that_quotes_goes_too_if_a_person_says_so(finished: Project, silent: Console) -> None:
    quote = next(row for row in rows_by_id(finished).values() if row.source.role == PASSAGE)
    decide(finished, Decision(id=quote.id, decision="reject"))
    record = synthesize(finished, silent, backend=SlowModel(scripts(), seed=1))
    assert quote.id not in rows_by_id(finished)
    assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed
    assert record.reasons["review of quotes: rejected by a person"] == 1


def test_an_edited_row_is_read_by_the_critic_again(finished: Project, silent: Console) -> None:
    first = next(row for row in rows_by_id(finished).values() if row.kind == "local" and not row.wording_of)
    decide(finished, Decision(id=first.id, decision="edit", answer=f"{first.answer} indeed"))
    model = SlowModel(scripts(), seed=1)
    synthesize(finished, silent, backend=model)
    asked = {request.role for request in model.requests}
    assert any(role.startswith("critic") for role in asked)
    assert any(row.answer == f"{first.answer} indeed" for row in rows_by_id(finished).values())


def test_an_edit_that_the_critic_does_not_pass_is_rejected_with_its_reason(finished: Project, silent: Console) -> None:
    first = next(row for row in rows_by_id(finished).values() if row.kind == "local" and not row.wording_of)
    decide(finished, Decision(id=first.id, decision="edit", answer="Nobody knows, and the moon is made of cheese."))
    strict = {name: (lambda _: 0.0) if name.startswith("critic") else said for name, said in scripts().items()}
    record = synthesize(finished, silent, backend=SlowModel(strict, seed=1))
    assert record.items["review_refused"] == 1
    assert not any("cheese" in row.answer for row in rows_by_id(finished).values())
    assert any("the critic does not pass the edit" in reason for reason in record.reasons)


@pytest.mark.parametrize("wording", [pytest.param(True, id="wording"), pytest.param(False, id="question")])
def test_a_rejected_row_that_a_person_accepts_is_taken_back(finished: Project, silent: Console, wording: bool) -> None:
    rejected = read_jsonl(finished.data_dir / "rejected.jsonl", Rejected)
    fault = next(one for one in rejected if one.question and (one.gate in WORDING_GATES) is wording)
    decide(finished, Decision(id=fault.id, decision="accept"))
    model = SlowModel(scripts(), seed=1)
    record = synthesize(finished, silent, backend=model)
    assert model.requests == []  # who takes a row back overrules the critic
    assert record.items["review_taken_back"] == 1
    row = next(row for row in rows_by_id(finished).values() if row.source.parent == fault.id)
    assert (row.source.role, row.question, bool(row.wording_of)) == (PERSON, fault.question, wording)
    assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed


def test_the_store_of_calls_is_only_read_by_the_page(finished: Project) -> None:
    from eval.ui.run_page import calls

    found = calls(finished.calls)
    store = CallStore(finished.calls)
    assert sum(one["calls"] for one in found) == sum(row["calls"] for row in store.stats())
    store.close()
