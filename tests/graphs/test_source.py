"""What a run starts from: a GraphRAG index without a call up to the reports, or documents that are read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.files import read_jsonl
from agents.project import Project
from agents.records import Chunk, Document, Example
from graphs import source
from graphs.corpus import documents
from graphs.dataset.export import export
from graphs.fingerprint import changes, fingerprint, inputs, synthesis_of
from graphs.plan import plan, total
from graphs.run import synthesize
from graphs.source import Corpus, index_folder, started_from
from tests.conftest import CONFIG, SlowModel, open_project, scripts
from tests.graphs.graphrag.indexes import tables, write_index

EMPTY = CONFIG + '[documents]\npaths = ["nothing"]\n'


@pytest.fixture
def indexed(tmp_path: Path) -> Project:
    """A project without a document, on an index beside it."""
    return started_from(open_project(tmp_path / "project", EMPTY), write_index(tmp_path / "output"))


def test_the_config_names_an_index_as_the_option_does(tmp_path: Path, indexed: Project) -> None:
    named = open_project(tmp_path / "project", EMPTY + 'graphrag_index = "../output"\n')
    assert index_folder(named) == index_folder(indexed) == tmp_path / "project" / ".." / "output"
    assert started_from(indexed, None) is indexed
    assert fingerprint(inputs(named)) == fingerprint(inputs(indexed))


def test_rows_come_from_an_index_without_a_call_for_extraction_or_reports(indexed: Project, silent: Console) -> None:
    model = SlowModel(scripts(), seed=1)
    record = synthesize(indexed, silent, backend=model)
    roles = {request.role.partition(".")[0] for request in model.requests}
    assert roles == {"question_writer", "critic"}
    counts, items = record.counts, record.items
    assert counts.planned == counts.kept + counts.rejected + counts.failed
    assert counts.by_kind["local"].kept > 0
    assert counts.by_kind["global"].planned > 0
    assert (items["chunks"], items["entities"], items["reports"], items["claims_left_out"], items["files"]) == (
        4,
        5,
        2,
        2,
        6,
    )
    assert sum(s.calls[0] for s in plan(indexed)) <= record.calls <= sum(s.calls[1] for s in plan(indexed))
    read = {d.id: d for d in read_jsonl(indexed.graph_dir / "documents.jsonl", Document)}
    chunks = {c.id: c for c in read_jsonl(indexed.graph_dir / "chunks.jsonl", Chunk)}
    rows = read_jsonl(indexed.data_dir / "examples.jsonl", Example)
    assert {path for row in rows for path in row.source.documents} == {"april.md", "june.md", "july.txt"}
    for span in (span for row in rows for span in row.evidence):
        assert read[chunks[span.chunk_id].document_id].text[span.start : span.end] == span.quote
    assert synthesize(indexed, silent, backend=model).unchanged is True


def test_a_run_goes_out_as_an_index_and_a_second_run_on_it_has_the_same_graph(tmp_path: Path, silent: Console) -> None:
    first = open_project(tmp_path / "a")
    synthesize(first, silent, backend=SlowModel(scripts(), seed=1))
    _, folder = export(first, "graphrag")
    second = started_from(open_project(tmp_path / "b", EMPTY), folder)
    synthesize(second, silent, backend=SlowModel(scripts(), seed=2))
    for name in ("documents", "chunks", "entities", "relations", "communities", "reports"):
        assert (second.graph_dir / f"{name}.jsonl").read_text() == (first.graph_dir / f"{name}.jsonl").read_text(), name
    assert (second.graph_dir / "graph.graphml").read_text() == (first.graph_dir / "graph.graphml").read_text()
    assert (second.data_dir / "train.jsonl").read_text() == (first.data_dir / "train.jsonl").read_text()


def test_a_plan_of_an_index_extracts_and_summarizes_nothing(indexed: Project) -> None:
    stages = plan(indexed)
    assert not {"extract", "reports"} & {stage.stage for stage in stages}
    whole = next(stage for stage in stages if stage.stage == "global rows: writer")
    assert whole.calls == (0, 4)  # two reports, one brief each: all by rule, or all written twice
    assert total(plan(indexed, 1))["calls"] < total(stages)["calls"]


def test_the_published_recipe_starts_from_an_index_too(tmp_path: Path, silent: Console) -> None:
    project = started_from(
        open_project(tmp_path / "project", EMPTY.replace('recipe = "ragtuned"', 'recipe = "paper"')),
        write_index(tmp_path / "output"),
    )
    record = synthesize(project, silent, dry=True)
    assert not [stage for stage in plan(project) if stage.stage == "extract"]
    assert (record.items["entities"], record.start.seconds.get("extract"), record.rows["train"] > 0) == (
        5,
        None,
        True,
    )


def test_a_changed_index_is_named_by_its_file_and_changes_the_fingerprint(
    indexed: Project, tmp_path: Path, silent: Console
) -> None:
    before = fingerprint(inputs(indexed))
    assert changes(indexed).added == sorted(Corpus(indexed).digests)
    synthesize(indexed, silent, backend=SlowModel(scripts(), seed=1))
    assert (changes(indexed).any, changes(indexed).new_chunks) == (False, 0)
    more = [
        {**row, "text": row["text"] + " Orla Dunn left Marrow on 3 August."} if row["id"] == "u-july" else row
        for row in tables()["text_units"]
    ]
    write_index(tmp_path / "output", text_units=more)
    found = changes(indexed)
    assert (found.added, found.changed, found.removed, found.new_chunks) == (
        [],
        ["../output/text_units.parquet"],
        [],
        1,
    )
    assert fingerprint(inputs(indexed)) != before
    plain = open_project(tmp_path / "project")
    assert changes(plain).removed == sorted(Corpus(indexed).digests)


def test_documents_are_read_where_no_index_is_named(project: Project) -> None:
    corpus = Corpus(project)
    assert (index_folder(project), corpus.reports, len(corpus.chunks)) == (None, None, 3)
    assert "graphrag_index" not in inputs(project).model_dump_json()


def test_a_folder_without_an_index_ends_plan_and_run_alike(project: Project, silent: Console, tmp_path: Path) -> None:
    wrong = started_from(project, tmp_path / "documents")
    for verb in (plan, changes, lambda p: synthesize(p, silent, dry=True)):
        with pytest.raises(InputError, match=r"is no GraphRAG index: text_units\.parquet"):
            verb(wrong)
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counter[str]]:
    """How often each file was hashed, and how often parsed."""
    counts: dict[str, Counter[str]] = {"hashed": Counter(), "parsed": Counter()}

    def counting(kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def read(path: Path, *more: Any) -> Any:
            counts[kind][path.name] += 1
            return real(path, *more)

        return read

    monkeypatch.setattr(documents, "file_hash", counting("hashed", documents.file_hash))
    monkeypatch.setattr(documents, "read_file", counting("parsed", documents.read_file))
    monkeypatch.setattr(source, "file_hash", counting("hashed", source.file_hash))
    monkeypatch.setattr(source, "read_tables", counting("parsed", source.read_tables))
    return counts


ONCE = {"april.md": 1, "june.md": 1, "july.txt": 1}


def test_a_run_hashes_and_parses_each_document_once(
    project: Project, silent: Console, reads: dict[str, Counter[str]]
) -> None:
    synthesize(project, silent, dry=True)
    assert reads == {"hashed": ONCE, "parsed": ONCE}


def test_an_unchanged_run_hashes_each_document_once_and_parses_none(
    project: Project, silent: Console, reads: dict[str, Counter[str]]
) -> None:
    synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    for counts in reads.values():
        counts.clear()
    assert synthesize(project, silent, backend=SlowModel(scripts(), seed=1)).unchanged
    assert reads == {"hashed": ONCE, "parsed": {}}


def test_a_run_hashes_each_table_of_an_index_once_and_parses_it_once(
    indexed: Project, silent: Console, reads: dict[str, Counter[str]]
) -> None:
    synthesize(indexed, silent, dry=True)
    assert set(reads["hashed"].values()) == {1}
    assert len(reads["hashed"]) == 6
    assert reads["parsed"] == {"output": 1}


def test_a_document_that_changes_while_a_run_is_under_way_belongs_to_the_next_one(
    project: Project, silent: Console
) -> None:
    before = inputs(project)

    def written_meanwhile(given: dict[str, Any]) -> Any:
        (project.directory / "documents" / "april.md").write_text("Bastow Pask sold the lamp to Orla Dunn.")
        return scripts()["extractor"](given)

    model = SlowModel(scripts(extractor=written_meanwhile), seed=1)
    record = synthesize(project, silent, backend=model)
    assert record.inputs == before != inputs(project)
    assert not synthesize(project, silent, backend=model).unchanged


def test_auto_is_facts_for_a_served_teacher_and_briefs_for_an_embedded_one_or_an_index(tmp_path: Path) -> None:
    auto = CONFIG.replace('recipe = "ragtuned"\n', "")
    served = open_project(tmp_path / "served", auto)
    embedded = open_project(tmp_path / "embedded", auto.replace('provider = "openai"', 'provider = "local"'))
    index = started_from(open_project(tmp_path / "index", auto), write_index(tmp_path / "output"))
    assert [synthesis_of(project).recipe for project in (served, embedded, index)] == ["facts", "ragtuned", "ragtuned"]
