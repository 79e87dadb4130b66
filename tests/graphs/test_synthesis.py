"""The whole graph on the toy corpus with scripted models: what holds of its files, whatever a bad model says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import EmptyResult
from agents.files import read_jsonl
from agents.models.store import CallStore
from agents.project import Project
from agents.records import (
    CONTRAST,
    FRAMING,
    PASSAGE,
    Brief,
    Chunk,
    Community,
    Document,
    Example,
    Rejected,
    Report,
    Skipped,
)
from agents.roles.extractor import Look, scripted
from graphs.context import Context
from graphs.plan import plan
from graphs.run import open_clients, synthesize
from graphs.synthesis import build_default, build_from_index, build_paper, build_synthesis
from tests.conftest import CONFIG, SlowModel, open_project, scripts
from tests.graphs.files import docx, encrypted, paragraph, pdf

GRAPH = ("documents", "skipped", "chunks", "entities", "relations", "merges", "communities", "reports", "drafts")
DATA = ("examples", "rejected", "train", "validation", "heldout", "contexts")


def run(folder: Path, silent: Console, seed: int = 0, **answers: Any) -> tuple[Project, dict[str, Any]]:
    project = open_project(folder)
    return project, synthesize(project, silent, backend=SlowModel(scripts(**answers), seed))


def files_of(project: Project) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for folder in (project.graph_dir, project.data_dir)
        for path in sorted(folder.iterdir())
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    from agents.console import Console

    return run(tmp_path_factory.mktemp("toy"), Console(quiet=True), seed=1)


def test_every_promised_file_is_there(finished: tuple[Project, dict[str, Any]]) -> None:
    project, _ = finished
    names = set(files_of(project))
    assert {f"{name}.jsonl" for name in (*GRAPH, *DATA)} | {"graph.graphml", "README.md", "dataset_info.json"} == names
    assert not project.run_dir.joinpath("work").exists()


def test_planned_is_kept_and_rejected_and_failed_in_total_and_by_kind(finished: tuple[Project, dict[str, Any]]) -> None:
    _, record = finished
    counts = record.counts
    for part in (counts, *counts.by_kind.values()):
        assert part.planned == part.kept + part.rejected + part.failed
    for name in ("planned", "kept", "rejected", "failed"):
        assert getattr(counts, name) == sum(getattr(part, name) for part in counts.by_kind.values())
    local = counts.by_kind["local"]
    for field in ("style", "asker", "length", "depth"):
        of_field = counts.local_by[field].values()
        assert [sum(part.planned for part in of_field), sum(part.kept for part in of_field)] == [
            local.planned,
            local.kept,
        ]
    assert {*counts.local_by["length"], *counts.local_by["depth"]} == {
        "sentence",
        "paragraph",
        "recall",
        "connect",
    }
    assert counts.kept > 0
    assert counts.wordings.kept > 0


def test_the_counts_are_those_of_the_files(finished: tuple[Project, dict[str, Any]]) -> None:
    project, record = finished
    examples = [
        e
        for e in read_jsonl(project.data_dir / "examples.jsonl", Example)
        if e.source.role not in (CONTRAST, PASSAGE, FRAMING)
    ]
    rejected = read_jsonl(project.data_dir / "rejected.jsonl", Rejected)
    counts = record.counts
    assert counts.kept + counts.wordings.kept == len(examples)
    assert counts.rejected + counts.failed + counts.wordings.rejected + counts.wordings.failed == len(rejected)
    assert sum(record.reasons.values()) == len(rejected)


def test_acceptance_by_round_and_gate_adds_up_to_the_counts(finished: tuple[Project, dict[str, Any]]) -> None:
    _, record = finished
    rounds, counts = record.acceptance, record.counts
    assert rounds["1"].drafts == counts.planned
    assert sum(told.accepted for told in rounds.values()) >= counts.kept  # the filter over the whole set comes later
    for number, told in rounds.items():
        stopped = sum(tally.seen - tally.passed for tally in told.gates.values())
        assert told.drafts == told.gates["writer"].seen == told.accepted + stopped
        if str(int(number) + 1) in rounds:
            assert rounds[str(int(number) + 1)].drafts <= stopped


def test_what_a_kept_fact_took_counts_each_fact_once(finished: tuple[Project, dict[str, Any]]) -> None:
    project, record = finished
    asked = [e for e in read_jsonl(project.data_dir / "examples.jsonl", Example) if e.kind in ("local", "global")]
    told = record.per_fact
    assert told.facts == len({e.fact for e in asked}) < len(asked)
    assert told.calls == round(record.calls / told.facts, 2)
    assert told.tokens == round((record.tokens.in_ + record.tokens.out) / told.facts, 1)


def test_evidence_re_reads_from_the_document_by_its_offsets(finished: tuple[Project, dict[str, Any]]) -> None:
    project, _ = finished
    documents = {d.id: d for d in read_jsonl(project.graph_dir / "documents.jsonl", Document)}
    chunks = {c.id: c for c in read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)}
    spans = [e for row in read_jsonl(project.data_dir / "examples.jsonl", Example) for e in row.evidence]
    assert spans
    for span in spans:
        assert documents[chunks[span.chunk_id].document_id].text[span.start : span.end] == span.quote


def test_every_community_that_was_read_has_its_report(finished: tuple[Project, dict[str, Any]]) -> None:
    project, record = finished
    communities = {c.id for c in read_jsonl(project.graph_dir / "communities.jsonl", Community)}
    assert {r.id for r in read_jsonl(project.graph_dir / "reports.jsonl", Report)} == communities
    assert record.items["reports_failed"] == 0


@pytest.mark.parametrize("recipe", ["ragtuned", "facts"])
def test_no_report_is_planned_or_asked_for_where_no_row_is_made_from_one(
    recipe: str, tmp_path: Path, silent: Console
) -> None:
    config = CONFIG.replace("briefs_per_report = 1", "briefs_per_report = 0\npassages.reports = false")
    project = open_project(tmp_path, config.replace('"ragtuned"', f'"{recipe}"\nwriter = "passage"'))
    assert [stage.calls for stage in plan(project) if stage.stage == "reports"] == [(0, 0)]
    record = synthesize(project, silent, backend=SlowModel(scripts(), seed=0))
    assert (record.items["reports"], record.items["reports_failed"]) == (0, 0)
    assert (project.data_dir / "train.jsonl").stat().st_size > 0


def test_held_out_wordings_name_rows_of_train(finished: tuple[Project, dict[str, Any]]) -> None:
    project, _ = finished
    trained = {json.loads(line)["id"] for line in (project.data_dir / "train.jsonl").read_text().splitlines()}
    held = [json.loads(line) for line in (project.data_dir / "heldout.jsonl").read_text().splitlines()]
    assert held
    for line in held:
        assert set(line["training_rows"]) <= trained
        assert bool(line["training_rows"]) is (line["tag"] == "wording")


def test_another_order_of_completion_gives_the_same_bytes(
    finished: tuple[Project, dict[str, Any]], tmp_path: Path, silent: Console
) -> None:
    project, _ = finished
    again, _ = run(tmp_path, silent, seed=2)
    assert files_of(again) == files_of(project)


def test_a_writer_that_never_gives_json_fails_its_items_and_the_run_goes_on(tmp_path: Path, silent: Console) -> None:
    def things(inputs: dict[str, Any]) -> Look:  # about people the first question is asked by rule
        return Look(entities=[line.replace("person:", "thing:") for line in scripted(inputs).entities])

    project, record = run(
        tmp_path, silent, extractor=things, question_writer__unanswerable=lambda inputs: "I would rather talk."
    )
    part = record.counts.by_kind["unanswerable"]
    assert part.failed == part.planned > 0
    assert record.counts.by_kind["local"].kept > 0
    rejected = [r for r in read_jsonl(project.data_dir / "rejected.jsonl", Rejected) if r.kind == "unanswerable"]
    assert {(r.reason, r.raw) for r in rejected} == {("unreadable reply", "I would rather talk.")}


def test_an_extractor_and_a_summarizer_that_never_give_json_are_counted(tmp_path: Path, silent: Console) -> None:
    _, record = run(tmp_path, silent, extractor=lambda inputs: "no", community_summarizer=lambda inputs: "no")
    assert record.items["chunks_failed"] == record.items["chunks"] == 3
    assert (record.items["entities"], record.items["reports"]) == (0, 0)
    assert record.counts.by_kind["local"].kept > 0


def test_pairs_of_names_that_nobody_could_judge_are_in_the_record(tmp_path: Path, silent: Console) -> None:
    _, record = run(tmp_path, silent, same_entity=lambda inputs: "no")
    assert record.items["pairs_failed"] > 0


def test_a_run_in_which_nothing_survives_names_the_three_commonest_reasons(tmp_path: Path, silent: Console) -> None:
    with pytest.raises(
        EmptyResult, match=r"no training row survived: answerable: question not answerable from the source \(\d+\)"
    ):
        run(tmp_path, silent, critic__answerable=lambda inputs: 0.0)
    assert (tmp_path / "runs" / "main" / "data" / "rejected.jsonl").stat().st_size > 0
    assert not (tmp_path / "runs" / "main" / "data" / "train.jsonl").exists()


def test_files_that_cannot_be_read_are_named_in_run_json_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from agents.console import Console

    project = open_project(tmp_path)
    folder = project.directory / "documents"
    (folder / "minutes.pdf").write_bytes(
        pdf("Orla Dunn paid Bastow Pask nine coppers in August.", "The ferry Kittiwake sank in Marrow.")
    )
    (folder / "letter.docx").write_bytes(docx(paragraph("Wenna Tolley came back to Ostrey in September.")))
    (folder / "prices.csv").write_text("item,coppers\nlamp oil of Marrow,9\nwick\n")
    (folder / "locked.pdf").write_bytes(encrypted(pdf("Secret."), user="secret"))
    (folder / "broken.docx").write_bytes(b"no zip")
    (folder / "two\nlines.md").write_text((folder / "june.md").read_text())
    (folder / "round").symlink_to(folder)
    record = synthesize(project, Console(), dry=True)
    assert {(s.path, s.part, s.reason) for s in record.skipped} == {
        ("documents/locked.pdf", "", "encrypted"),
        ("documents/broken.docx", "", "broken"),
        ("documents/two\\nlines.md", "", "same text as"),
        ("documents/round", "", "link to a folder"),
        ("documents/prices.csv", "row 3", "ragged row"),
    }
    items = record.items
    assert (
        items["files"],
        items["files_read"],
        items["files_skipped"],
        items["parts_skipped"],
        items["documents"],
    ) == (10, 6, 4, 1, 6)
    graph_dir = tmp_path / "runs" / "main-dry" / "graph"
    assert len(read_jsonl(graph_dir / "skipped.jsonl", Skipped)) == 5
    read = {d.metadata["file"] for d in read_jsonl(graph_dir / "documents.jsonl", Document)}
    assert read >= {f"documents/{name}" for name in ("minutes.pdf", "letter.docx", "prices.csv")}
    said = capsys.readouterr().out.splitlines()
    assert "skipped documents/two\\nlines.md: same text as: documents/june.md" in said


def test_progress_streams_from_all_nodes_the_branches_included_and_its_counts_are_those_of_the_run(
    tmp_path: Path, silent: Console
) -> None:
    project = open_project(tmp_path)
    project.run_dir.mkdir(parents=True)
    store = CallStore(project.calls)
    clients = open_clients(
        project,
        store,
        replay=False,
        backend=SlowModel(scripts(critic__faithful=lambda inputs: 0.5 + 0.4 * ("Orla" in inputs["question"])), 1),
    )
    graph = build_synthesis(Context(project, clients, silent))

    async def events() -> list[Any]:
        return [event async for _, event in graph.astream({"fresh": False}, stream_mode="custom", subgraphs=True)]

    told = asyncio.run(events())
    store.close()
    ended = {event["stage"]: event for event in told if event["state"] == "ended"}
    assert list(dict.fromkeys(event["stage"] for event in told))[:3] == ["load", "extract", "merge"]
    assert set(ended) == {
        "load",
        "extract",
        "merge",
        "communities",
        "local rows",
        "reports",
        "global rows",
        "filter",
        "publish",
    }
    assert ended["extract"]["counts"] == {"done": 3}
    rows = ended["local rows"]
    assert (
        sum(rows["counts"].values())
        == rows["total"]
        == len(read_jsonl(project.run_dir / "work" / "briefs-local.jsonl", Brief))
    )
    assert {"kept", "rejected"} <= set(rows["counts"])
    assert all(json.loads(json.dumps(event)) == event for event in told)


def test_the_console_of_a_run_shows_every_stage_that_the_graph_tells_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from agents.console import Console

    synthesize(open_project(tmp_path), Console(), backend=SlowModel(scripts(), 1))
    shown = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert sorted(shown) == sorted(
        ["load", "extract", "merge", "communities", "local rows", "reports", "global rows", "filter", "publish"]
    )


def arrows(graph: Any) -> set[tuple[str, str]]:
    return {(edge.source.strip("_"), edge.target.strip("_")) for edge in graph.compile().get_graph().edges}


END_OF_ALL = {("review", "publish"), ("publish", "end")}
ROUNDS = {
    ("local_rows", "filter"),
    ("global_rows", "filter"),
    ("filter", "cover"),
    ("cover", "draft_more"),
    ("cover", "review"),
    ("draft_more", "filter"),
}


@pytest.mark.parametrize(
    ("build", "first"),
    [
        (
            build_default,
            {
                ("start", "load"),
                ("load", "extract"),
                ("extract", "merge"),
                ("merge", "communities"),
                ("communities", "local_rows"),
                ("communities", "global_rows"),
                *ROUNDS,
            },
        ),
        (
            build_from_index,
            {("start", "load_index"), ("load_index", "local_rows"), ("load_index", "global_rows"), *ROUNDS},
        ),
        (
            build_paper,
            {
                ("start", "load"),
                ("load", "extract"),
                ("extract", "merge"),
                ("merge", "local_rows"),
                ("local_rows", "filter"),
                ("filter", "review"),
            },
        ),
    ],
    ids=["documents", "index", "paper"],
)
def test_each_way_through_the_synthesis_has_the_arrows_of_its_picture(
    project: Project, silent: Console, build: Callable[[Context], Any], first: set[tuple[str, str]]
) -> None:
    assert arrows(build(Context(project, {}, silent))) == first | END_OF_ALL
