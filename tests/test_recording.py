"""The recordings of the examples replay without a miss; the demo's in any order of completion, to the same files."""

from __future__ import annotations

import asyncio
import random
import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest

import agents.models.local
from agents.console import Console
from agents.files import read_jsonl
from agents.models.client import Client, Request
from agents.models.store import CallStore, Reply
from agents.project import Project
from agents.records import Chunk, Document, Example
from eval import demo
from eval.demo import EMBEDDED, STRONG, Teacher
from graphs.run import synthesize
from graphs.run_record import RunRecord, last_record
from ragtuned import SECTIONS

DEMO = Path(__file__).parent.parent / "examples" / "demo"
JOURNAL = DEMO.parent / "journal"
TEACHERS = [pytest.param(STRONG, id="strong"), pytest.param(EMBEDDED, id="embedded")]


def replay(example: Path, teacher: Teacher, folder: Path) -> tuple[Project, RunRecord]:
    """The project and the record of a replay in `folder`; a missing reply is an error."""
    shutil.copytree(example / "documents", folder / "documents")
    shutil.copy(example / teacher.config, folder)
    project = Project.open(folder, teacher.run, SECTIONS, teacher.config)
    store = CallStore(project.calls)
    assert store.load(example / teacher.recording) > 100
    store.close()
    return project, synthesize(project, Console(quiet=True), replay=True)


def shuffled_replay(
    teacher: Teacher, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> tuple[Project, RunRecord]:
    """A replay of the demo in which every reply comes after a random moment."""
    shuffle, ask = random.Random(seed), Client.ask

    async def late(self, request: Request) -> Reply:
        await asyncio.sleep(shuffle.random() * 0.003)
        return await ask(self, request)

    def no_server(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("a replay started a model")

    monkeypatch.setattr(Client, "ask", late)
    monkeypatch.setattr(agents.models.local, "serve", no_server)
    replayed = replay(DEMO, teacher, folder)
    monkeypatch.undo()
    return replayed


@pytest.fixture(scope="module", params=TEACHERS)
def replays(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Project, RunRecord]]:
    """Two replays, (project, record) each, in different orders of completion."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return [
            shuffled_replay(request.param, tmp_path_factory.mktemp(f"order-{seed}"), monkeypatch, seed)
            for seed in (1, 2)
        ]


def files_of(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for part in (project.graph_dir, project.data_dir) for path in part.iterdir()}


def test_the_whole_recording_replays_without_a_miss_in_any_order(replays: list[tuple[Project, RunRecord]]) -> None:
    (project, first), (other, second) = replays
    assert files_of(project) == files_of(other)
    for record in (first, second):
        assert record.start.called == 0
        assert record.start.asked == record.start.from_store > 0
        assert last_record(project if record is first else other) == record
        assert record.counts.planned == record.counts.kept + record.counts.rejected + record.counts.failed


@pytest.mark.parametrize("teacher", TEACHERS)
def test_the_recordings_of_the_journal_replay_without_a_miss(teacher: Teacher, tmp_path: Path) -> None:
    _, record = replay(JOURNAL, teacher, tmp_path)
    assert record.start.called == 0
    assert record.start.asked == record.start.from_store > 100


def test_the_evidence_of_every_kept_row_re_reads_from_its_document_by_its_offsets(
    replays: list[tuple[Project, RunRecord]],
) -> None:
    project, record = replays[0]
    documents = {d.id: d for d in read_jsonl(project.graph_dir / "documents.jsonl", Document)}
    chunks = {c.id: c for c in read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)}
    rows = read_jsonl(project.data_dir / "examples.jsonl", Example)
    assert len(rows) == record.rows["examples"]
    for row in rows:
        assert bool(row.evidence) is (row.kind != "unanswerable"), row.id
        for span in row.evidence:
            chunk = chunks[span.chunk_id]
            document = documents[chunk.document_id]
            assert document.text[span.start : span.end] == span.quote != "", row.id
            assert chunk.start <= span.start < span.end <= chunk.end, row.id
            assert (span.chunk_id in row.source.chunks, document.path in row.source.documents) == (True, True), row.id


def test_a_recording_that_is_made_again_is_the_same_and_a_finished_run_does_not_stand_in_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_server(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("the recording lacks a reply")

    monkeypatch.setattr(agents.models.local, "serve", no_server)
    shutil.copytree(DEMO, tmp_path / "demo", ignore=shutil.ignore_patterns("runs", "calls.sqlite*"))
    before = CallStore(tmp_path / "before.sqlite")
    count = before.load(DEMO / EMBEDDED.recording)
    before.close()
    for _ in range(2):
        path = demo.record(tmp_path / "demo", SECTIONS, Console(quiet=True))
        again = CallStore(tmp_path / "again.sqlite")
        assert again.load(path) == count
        again.close()


@pytest.mark.parametrize("teacher", TEACHERS)
def test_the_recording_is_small_enough_to_travel(teacher: Teacher) -> None:
    assert (DEMO / teacher.recording).stat().st_size < 1_000_000
