"""A change of one file reads one file; what was read before is never taken for what is there now."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.project import DOCUMENT_CACHE, Project
from graphs.corpus import document_cache, documents
from graphs.corpus.document_cache import DocumentCache
from graphs.source import Corpus
from tests.conftest import open_project


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file was opened, hashed or parsed; every corpus is large, and every file has settled."""
    counts: Counter[str] = Counter()
    real_read, real_hash = documents.read_file, document_cache.file_hash

    def read(file: Path, *more: Any) -> list[documents.Document | documents.Skipped]:
        counts[file.name] += 1
        return real_read(file, *more)

    def hashed(file: Path) -> str:
        counts[f"hash of {file.name}"] += 1
        return real_hash(file)

    monkeypatch.setattr(documents, "read_file", read)
    monkeypatch.setattr(document_cache, "file_hash", hashed)
    monkeypatch.setattr(document_cache, "FEWEST_FILES", 1)
    monkeypatch.setattr(document_cache, "SETTLED", 0.0)
    return counts


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path)


def read_all(project: Project) -> Corpus:
    corpus = Corpus(project)
    assert corpus.digests
    assert corpus.loaded.documents
    return corpus


def test_a_change_of_one_file_reads_one_file(project: Project, reads: Counter[str]) -> None:
    before = read_all(project)
    assert set(reads.values()) == {1}
    reads.clear()
    (project.directory / "documents" / "june.md").write_text("Another text.", encoding="utf-8")
    after = read_all(project)
    assert reads == {"june.md": 1, "hash of june.md": 1}
    assert [d.text for d in after.loaded.documents if d.path.endswith("june.md")] == ["Another text."]
    assert [d for d in after.loaded.documents if "june" not in d.path] == [
        d for d in before.loaded.documents if "june" not in d.path
    ]
    assert {name for name, value in after.digests.items() if before.digests[name] != value} == {"documents/june.md"}


def test_what_was_not_read_is_told_again(project: Project, reads: Counter[str]) -> None:
    (project.directory / "documents" / "rows.csv").write_text("item,price\noil,9\nwick\n", encoding="utf-8")
    before = read_all(project)
    reads.clear()
    after = read_all(project)
    assert (reads, after.loaded) == ({}, before.loaded)
    assert [item.reason for item in after.skipped] == ["ragged row"]


def test_a_file_that_changed_and_was_given_its_old_time_is_read_again(project: Project, reads: Counter[str]) -> None:
    file = project.directory / "documents" / "june.md"
    read_all(project)
    stat = file.stat()
    file.write_text("x" * stat.st_size, encoding="utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    reads.clear()
    read_all(project)
    assert reads["june.md"] == 1


def test_a_file_that_has_just_changed_is_not_taken_for_known(
    project: Project, reads: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_cache, "SETTLED", 60.0)
    read_all(project)
    reads.clear()
    read_all(project)
    assert set(reads.values()) == {1}


def test_another_reader_or_another_limit_reads_anew(
    project: Project, reads: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all(project)
    reads.clear()
    monkeypatch.setattr(document_cache, "_readers", lambda: "another version")
    read_all(project)
    assert {name for name in reads if "hash" not in name} == {"april.md", "june.md", "july.txt"}


def test_files_that_are_gone_are_forgotten(project: Project, reads: Counter[str]) -> None:
    read_all(project)
    (project.directory / "documents" / "june.md").unlink()
    read_all(project)
    with sqlite3.connect(project.directory / DOCUMENT_CACHE) as db:
        assert {row[0] for row in db.execute("SELECT name FROM files")} == {
            "documents/april.md",
            "documents/notes/july.txt",
        }


@pytest.mark.parametrize("fault", ["no-database", "not-writable", "another-shape"])
def test_where_it_cannot_be_kept_everything_is_read(project: Project, reads: Counter[str], fault: str) -> None:
    path = project.directory / DOCUMENT_CACHE
    if fault == "no-database":
        path.write_bytes(b"not a database" * 99)
    elif fault == "not-writable":
        path.mkdir()
    else:
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE files (name TEXT)")
            db.execute("CREATE TABLE hashes (name TEXT)")
    assert len(read_all(project).loaded.documents) == 3


def test_a_small_corpus_leaves_no_file(project: Project) -> None:
    read_all(project)
    assert not (project.directory / DOCUMENT_CACHE).exists()
    assert DocumentCache.of(project.directory, [project.directory / "gone.md"]) is None
