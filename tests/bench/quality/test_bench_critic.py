"""Faults planted into the rows of a toy run, and what the figures say of three critics.

One sees all, one says yes, and one dies.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.files import write_jsonl
from agents.models.scripted import ScriptedModel
from agents.roles.checks import Draft
from agents.text.numbers import numbers_in
from agents.text.words import content_words
from bench.quality import critic
from bench.quality.critic import read_items
from bench.quality.critic_scores import measure, most_calls
from bench.quality.finished_runs import Finished, finished
from bench.quality.planted_faults import FAULTS, GOOD, Context, Half, Name, Planted, swapped_entity, wrong_number
from bench.quality.planted_items import GOOD_SHARE, plant
from bench.quality.verdicts import Scored, auc, best_threshold, report
from graphs.run import synthesize
from tests.conftest import CONFIG, check_draft, open_project, scripts

COUNT = 60  # more than nine rows can take: every fault that fits


def careful(inputs: dict[str, Any]) -> float:
    """P(yes) of a reader: every word of the answer stands on the page or in the question."""
    return (
        0.9
        if content_words(inputs["answer"])
        <= content_words(inputs["document"] + " it is told that " + inputs["question"])
        else 0.2
    )


def judge_of(**changes: Any) -> ScriptedModel:
    return ScriptedModel(scripts(**{"critic__faithful": careful, **changes}))


PLAIN = (
    f"{CONFIG}askers = []\nlocal.lengths = {{ sentence = 1 }}\nlocal.depths = {{ recall = 1 }}\n"
    "passages.reports = false\n"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    project = open_project(tmp_path_factory.mktemp("critic") / "toy0", PLAIN)
    synthesize(project, Console(quiet=True), backend=ScriptedModel(scripts()))
    return finished(project.directory)


@pytest.fixture(scope="module")
def items(run: Finished) -> list[Planted]:
    return plant([run], COUNT, seed=0)


@pytest.fixture(scope="module")
def measured(run: Finished, items: list[Planted]) -> tuple[dict[str, Any], ScriptedModel]:
    model = judge_of()
    return measure(items, {run.name: run}, Console(quiet=True), model), model


def test_the_same_seed_plants_the_same_items_and_another_seed_others(run: Finished, items: list[Planted]) -> None:
    assert plant([run], COUNT, seed=0) == items != plant([run], COUNT, seed=1)
    assert len({item.id for item in items}) == len(items)


def test_good_rows_and_faults_share_the_items(run: Finished) -> None:
    items = plant([run], 20, seed=0)
    numbers = sum(bool(numbers_in(item.answer)) for item in items if item.fault == GOOD)
    of = Counter(item.fault for item in items)
    assert of.pop(GOOD) == round(20 * GOOD_SHARE)
    assert (set(of), of.total()) == (set(FAULTS), 20 - 6)
    assert 0 < of["wrong number"] == min(of.values()) <= numbers  # the other faults fill up


def test_a_good_row_is_a_wording_that_no_gate_has_judged_and_passes_the_checks(
    run: Finished, items: list[Planted]
) -> None:
    rows = {row.id: row for row in run.rows}
    good = [item for item in items if item.fault == GOOD]
    assert sum(rows[item.row].wording_of is not None for item in good) > len(good) / 2
    assert len({rows[item.row].fact for item in good}) == len(good)
    assert {check_draft(item_draft(item), item.source) for item in good} == {None}


def item_draft(item: Planted) -> Draft:
    from agents.roles.checks import Draft

    return Draft(item.kind, item.question, item.reasoning, item.answer, item.evidence)


def test_a_fault_changes_what_it_says_and_borrows_from_its_own_half_only(run: Finished, items: list[Planted]) -> None:
    good = {item.row: item for item in items if item.fault == GOOD}
    halves = {item.document: item.half for item in items}
    changed = {
        "wrong number": {"answer"},
        "swapped entity": {"answer"},
        "unsupported claim": {"answer"},
        "question about another passage": {"question"},
        "missing evidence": {"evidence"},
        "foreign evidence": {"evidence", "source"},
    }
    for item in items:
        if item.fault != GOOD:
            whole = good[item.row]
            assert {
                name
                for name in ("question", "answer", "evidence", "source")
                if getattr(item, name) != getattr(whole, name)
            } == changed[item.fault]
            assert item.half == whole.half
            assert all(
                halves[run.documents[run.chunks[e.chunk_id].document_id].path] == item.half for e in item.evidence
            )


PAGE = "Journal\n\nAnn Hale sold five lamps to Tom Brisk on 3 April. Old Peg took nine."
GOOD_ROW = Planted(
    id="item-1",
    corpus="toy",
    half="set",
    document="a.md",
    row="row-1",
    kind="local",
    fault=GOOD,
    detail="",
    question="Who sold five lamps?",
    reasoning="",
    answer="Ann Hale sold five lamps to Tom Brisk on 3 April.",
    evidence=[],
    source=PAGE,
)
NAMES = [
    Name(f"e-{name}", kind, name)
    for name, kind in (("Ann Hale", "person"), ("Tom Brisk", "person"), ("Old Peg", "person"), ("Marrow", "place"))
]


@pytest.mark.parametrize("seed", range(8))
def test_a_wrong_number_is_one_number_that_neither_question_nor_answer_had(seed: int) -> None:
    changed = wrong_number(GOOD_ROW, Context([], NAMES, random.Random(seed)))
    before, after = numbers_in(GOOD_ROW.answer), numbers_in(changed["answer"])
    assert (len(before - after), len(after - before)) == (1, 1)
    assert ("not on the page" in changed["detail"]) is not (after - before <= numbers_in(PAGE))


@pytest.mark.parametrize("seed", range(4))
def test_a_swapped_name_is_of_its_type_and_new_to_the_row(seed: int) -> None:
    changed = swapped_entity(GOOD_ROW, Context([], NAMES, random.Random(seed)))
    assert changed["answer"] in (
        "Old Peg sold five lamps to Tom Brisk on 3 April.",
        "Ann Hale sold five lamps to Old Peg on 3 April.",
    )


@pytest.mark.parametrize("fault", [wrong_number, swapped_entity])
def test_a_row_without_numbers_and_names_cannot_take_the_fault(
    fault: Callable[[Planted, Context], dict[str, Any] | None],
) -> None:
    bare = GOOD_ROW.model_copy(update={"answer": "She sold the lamps.", "question": "Who sold the lamps?"})
    assert fault(bare, Context([], NAMES, random.Random(0))) is None


def test_a_critic_that_reads_the_page_finds_the_faults_and_alarms_at_no_good_row(
    measured: tuple[dict[str, Any], ScriptedModel],
) -> None:
    found, _ = measured
    cells = found["at_set_thresholds"]
    assert cells[GOOD]["any"]["hits"] == 0 < cells[GOOD]["any"]["n"]
    assert cells["missing evidence"]["check"]["share"] == 1.0
    assert cells["unsupported claim"]["faithful"]["share"] == 1.0
    assert 0.2 < found["gates"]["faithful"]["set"] < 0.9
    assert found["gates"]["faithful"]["auc_by_fault"]["unsupported claim"] == 1.0
    assert (found["gates"]["self_contained"]["set"], found["gates"]["self_contained"]["auc"]) == (None, None)
    assert list(found["gates"]["faithful"]["shipped"].values()) == [0.6]


def test_every_gate_is_asked_of_every_item_and_no_prompt_twice_nor_one_that_the_run_paid(
    run: Finished, items: list[Planted], measured: tuple[dict[str, Any], ScriptedModel]
) -> None:
    found, model = measured
    paid = {item.row for item in items}  # by the run, for first wordings; a summary by rule was asked fewer
    judged_in_the_run = sum(len(row.verdict.gates) for row in run.rows if not row.wording_of and row.id in paid)
    assert all(set(score["p"]) == {"self_contained", "relevant", "answerable", "faithful"} for score in found["scores"])
    assert found["calls"]["all_gates"] == most_calls(items, {run.name: run})
    assert (
        len(model.requests) == found["calls"]["this_start"]["called"] == found["calls"]["all_gates"] - judged_in_the_run
    )
    assert 0 < found["calls"]["stopping_at_the_first_failure"] < found["calls"]["all_gates"]


def test_a_second_measurement_asks_nothing_and_says_the_same(
    run: Finished, items: list[Planted], measured: tuple[dict[str, Any], ScriptedModel]
) -> None:
    found, _ = measured
    silent = ScriptedModel({})
    again = measure(items, {run.name: run}, Console(quiet=True), silent)
    assert silent.requests == []
    for told in (found, again):
        told["calls"] = {**told["calls"], "this_start": {}}
    assert again == found


def test_a_critic_that_always_says_yes_leaves_all_to_the_checks(tmp_path: Path, items: list[Planted]) -> None:
    project = open_project(tmp_path / "toy0")
    synthesize(project, Console(quiet=True), backend=ScriptedModel(scripts()))
    other = finished(project.directory)
    found = measure(items, {other.name: other}, Console(quiet=True), judge_of(critic__faithful=lambda inputs: 1.0))
    cells = found["at_shipped_thresholds"]["all faults"]
    assert cells["faithful"]["hits"] == 0
    assert cells["any"] == cells["check"]
    assert found["gates"]["faithful"]["auc"] == 0.5


def test_a_good_row_whose_line_is_deleted_takes_its_faults_with_it(
    tmp_path: Path, run: Finished, items: list[Planted]
) -> None:
    gone = next(item.row for item in items if item.fault == GOOD)
    write_jsonl(tmp_path / "items.jsonl", [item for item in items if (item.row, item.fault) != (gone, GOOD)])
    left = read_items(tmp_path / "items.jsonl", {run.name: run})
    assert left == [item for item in items if item.row != gone]
    with pytest.raises(InputError, match="holds items of toy0"):
        read_items(tmp_path / "items.jsonl", {"elsewhere": run})


def test_the_command_writes_the_items_and_the_result_and_with_plan_asks_nothing(
    tmp_path: Path, run: Finished, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = judge_of()
    monkeypatch.setattr(critic, "measure", partial(measure, backend=model))
    monkeypatch.setattr(critic, "ITEMS", tmp_path / "items.jsonl")
    run_folder = run.project.run_dir
    critic.main([run_folder], count=30, plan=True, out=tmp_path / "critic.json")
    assert (model.requests, (tmp_path / "critic.json").exists()) == ([], False)
    assert f"30 items of {tmp_path / 'items.jsonl'}: at most " in capsys.readouterr().out
    critic.main([run_folder], items=tmp_path / "items.jsonl", out=tmp_path / "critic.json")
    told = json.loads((tmp_path / "critic.json").read_text())
    assert (
        sum(n for halves in told["items"].values() for n in halves.values())
        == told["corpora"]["toy0"]["items"]
        == len(told["scores"])
        == 30
    )
    assert not set(told["corpora"]["toy0"]["documents"]["set"]) & set(told["corpora"]["toy0"]["documents"]["report"])
    assert "false alarms" in capsys.readouterr().out


def scored(fault: str, half: Half, p: float, check: str = "") -> Scored:
    return Scored(id=f"{fault} {half} {p}", corpus="toy", half=half, fault=fault, check=check, p={"faithful": p})


def test_thresholds_come_from_one_half_and_shares_from_the_other() -> None:
    rows = [
        scored(GOOD, "set", 0.8),
        scored("wrong number", "set", 0.4),
        scored(GOOD, "report", 0.5),
        scored(GOOD, "report", 0.7),
    ]
    rows += [scored("wrong number", "report", p) for p in (0.55, 0.65)] + [
        scored("missing evidence", "report", 0.9, "evidence not in source")
    ]
    told = report(rows, lambda gate, corpus: 0.68)
    assert told["gates"]["faithful"]["set"] == pytest.approx(0.6)
    at = {
        name: {fault: told[name][fault]["any"]["hits"] for fault in (GOOD, "wrong number", "missing evidence")}
        for name in told
        if name.startswith("at_")
    }
    assert at == {
        "at_shipped_thresholds": {GOOD: 1, "wrong number": 2, "missing evidence": 1},
        "at_set_thresholds": {GOOD: 1, "wrong number": 1, "missing evidence": 1},
    }
    assert told["gates"]["faithful"]["auc"] == pytest.approx(
        7 / 9
    )  # over all items; the missing evidence is not this gate's business
    assert told["faults_found_by_one_alone"]["set"] == {
        "check": 1,
        "self_contained": 0,
        "relevant": 0,
        "answerable": 0,
        "faithful": 1,
        "reasoning": 0,
    }


@pytest.mark.parametrize(
    ("good", "faulty", "threshold", "area"),
    [
        ([0.8, 0.9], [0.1, 0.3], 0.55, 1.0),
        ([0.1, 0.3], [0.8, 0.9], 0.1, 0.0),
        ([0.5], [0.5], 0.5, 0.5),
        ([], [0.5], None, None),
    ],
    ids=["apart", "upside-down", "the-same", "no-good-row"],
)
def test_threshold_and_auc_of_small_cases(
    good: list[Any], faulty: list[float], threshold: float | None, area: float | None
) -> None:
    found = best_threshold(good, faulty)
    assert found == (pytest.approx(threshold) if threshold is not None else None)
    assert auc(good, faulty) == area
