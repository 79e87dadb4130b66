"""The whole fact-based graph on the toy corpus with scripted models: what holds of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphs.fact_nodes
from agents.console import Console
from agents.facts import Fact, Sentence
from agents.files import read_jsonl
from agents.project import Project
from agents.records import Document, Example, Rejected
from agents.roles.passage_writer import AskDraft, PassageDraft
from agents.roles.row_critic import Verdicts, row_numbers
from graphs.facts.rows import FactSources
from graphs.run import synthesize
from graphs.run_record import RunRecord
from tests.conftest import CONFIG, SlowModel, open_project, scripts

FACTS = CONFIG.replace('recipe = "ragtuned"', 'recipe = "facts"\nwriter = "passage"')


def made(folder: Path, seed: int = 0, **answers: object) -> tuple[Project, RunRecord]:
    project = open_project(folder, FACTS)
    return project, synthesize(project, Console(quiet=True), backend=SlowModel(scripts(**answers), seed))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, RunRecord]:
    return made(tmp_path_factory.mktemp("facts"))


def test_every_sentence_carries_facts_or_a_reason(finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    texts = {d.id: d.text for d in read_jsonl(project.graph_dir / "documents.jsonl", Document)}
    sentences = read_jsonl(project.graph_dir / "sentences.jsonl", Sentence)
    facts = {fact.id for fact in read_jsonl(project.graph_dir / "facts.jsonl", Fact)}
    assert sum(len(texts) > 0 for _ in sentences) == len(sentences) > 0
    assert all(bool(s.facts) is not bool(s.reason) for s in sentences)
    assert {fact for s in sentences for fact in s.facts} == facts


def test_every_fact_re_reads_from_its_evidence(finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    texts = {d.id: d.text for d in read_jsonl(project.graph_dir / "documents.jsonl", Document)}
    for fact in read_jsonl(project.graph_dir / "facts.jsonl", Fact):
        for span in fact.evidence:
            assert any(text[span.start : span.end] == span.quote for text in texts.values())
            assert all(
                part.text.casefold() in " ".join(e.quote for e in fact.evidence).casefold() for part in fact.parts
            )


def test_what_was_written_is_kept_rejected_or_failed(finished: tuple[Project, RunRecord]) -> None:
    project, record = finished
    rejected = read_jsonl(project.data_dir / "rejected.jsonl", Rejected)
    assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed
    assert record.counts.rejected + record.counts.failed == len(rejected)


def test_rows_of_a_fact_with_one_answer_are_wordings_of_one_of_them(finished: tuple[Project, RunRecord]) -> None:
    project, _ = finished
    rows = {row.id: row for row in read_jsonl(project.data_dir / "examples.jsonl", Example)}
    followers = [row for row in rows.values() if row.wording_of]
    assert followers
    assert all(row.fact == rows[row.wording_of].fact for row in followers if row.wording_of in rows)


def test_a_shuffled_order_of_replies_changes_no_file(finished: tuple[Project, RunRecord], tmp_path: Path) -> None:
    project, _ = finished
    again, _ = made(tmp_path, seed=7)
    for name in ("examples", "rejected", "train", "heldout"):
        assert (again.data_dir / f"{name}.jsonl").read_bytes() == (project.data_dir / f"{name}.jsonl").read_bytes(), (
            name
        )


def test_a_chunk_without_facts_is_accounted_for_and_the_others_go_on(tmp_path: Path) -> None:
    whole = scripts()["question_writer.passage"]

    def silent_about_june(inputs: dict[str, object]) -> PassageDraft:
        if "10 June" in str(inputs["document"]):
            return PassageDraft(names=[], facts=[], untold=[])
        return whole(inputs)  # type: ignore[no-any-return, arg-type]

    project, record = made(tmp_path, question_writer__passage=silent_about_june)
    unread = [s for s in read_jsonl(project.graph_dir / "sentences.jsonl", Sentence) if s.reason == "not read"]
    assert unread
    assert record.coverage.kept["sentences"][0] < record.coverage.kept["sentences"][1]


def test_a_run_whose_only_rows_are_about_several_facts_is_finished(tmp_path: Path) -> None:
    def several_alone(inputs: dict[str, str]) -> Verdicts:
        fault = "none" if "What is told in several documents" in inputs["document"] else "unclear"
        numbers = row_numbers(inputs["rows"])
        return Verdicts.model_validate({"verdicts": [{"row": int(n), "fault": fault} for n in numbers]})

    project, record = made(tmp_path, critic__rows=several_alone)
    kinds = {row.kind for row in read_jsonl(project.data_dir / "examples.jsonl", Example)}
    assert (record.per_fact.facts, "local" in kinds, bool(kinds & {"global", "multi_hop"})) == (0, False, True)


def test_rows_by_rule_are_made_of_kept_rows_and_counted(tmp_path: Path) -> None:
    whole = scripts()["question_writer.passage"]

    def tells_of_two_towns(inputs: dict[str, object]) -> PassageDraft:
        draft = whole(inputs)  # type: ignore[arg-type]
        for fact in draft.facts:
            if "between Ostrey and Marrow" in fact.statement:
                question = "Which places does the ferry Kittiwake run between?"
                fact.asks.append(AskDraft(part="place", answer="Ostrey and Marrow", questions=[question]))
        return draft

    project, record = made(tmp_path, question_writer__passage=tells_of_two_towns)
    (row,) = [row for row in read_jsonl(project.data_dir / "examples.jsonl", Example) if row.source.style == "count"]
    assert row.answer == "Two: Ostrey and Marrow"
    assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed


@pytest.mark.parametrize(("writer", "asked"), [("sentence", 1), ("passage", 0)])
def test_only_the_sentence_writer_s_questions_are_composed_by_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str, asked: int
) -> None:
    composed: list[int] = []

    def compose(sources: FactSources, rows: list[Example]) -> list[Example]:
        composed.append(len(rows))
        return []

    monkeypatch.setattr(graphs.fact_nodes, "write_composed", compose)
    project = open_project(tmp_path, FACTS.replace('"passage"', f'"{writer}"'))
    synthesize(project, Console(quiet=True), backend=SlowModel(scripts(), 0))
    assert len(composed) == asked
