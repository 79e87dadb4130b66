"""Folders, files and globs become documents; what cannot be read is named and the rest goes on."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.files import read_jsonl, write_jsonl
from agents.links import open_folders
from agents.records import Document, Skipped
from graphs.corpus.documents import (
    DocumentsConfig,
    Loaded,
    account,
    digest,
    load_documents,
    place,
    reasons_of,
    tell_skipped,
)
from tests.conftest import write_pages
from tests.graphs.files import pdf

MIXED = {
    "good.md": "A good page.",
    "later.md": "A good page.",
    "line\nbreak.txt": b"",
    "prices.csv": "item,price\noil,9\nwick\n",
    "report.pdf": pdf("The lamp burned.", ""),
    "table.numbers": b"x",
}


def everything(root: Path, *paths: str) -> Loaded:
    return load_documents(root, DocumentsConfig(paths=list(paths) or ["documents"]))


def load(root: Path, *paths: str) -> list[Document]:
    return everything(root, *paths).documents


def put(root: Path, name: str, content: Any) -> None:
    path = root / "documents" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_rows_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    put(tmp_path, "log.jsonl", "\n".join(json.dumps({"text": f"Entry {n} of the log."}) for n in range(12)))
    assert [d.text for d in load(tmp_path)] == [f"Entry {n} of the log." for n in range(12)]


def test_pages_of_all_folders_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    write_pages(tmp_path / "documents")
    documents = load(tmp_path)
    assert [d.path for d in documents] == ["documents/april.md", "documents/june.md", "documents/notes/july.txt"]
    assert [d.title for d in documents] == ["Journal, 3 April", "Letter, 10 June", "Notes of July"]
    assert documents[0].metadata == {"file": "documents/april.md", "headings": [[0, 18, 1]]}


def test_ids_do_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    write_pages(tmp_path / "a" / "documents")
    shutil.copytree(tmp_path / "a", tmp_path / "elsewhere" / "b")
    assert [d.id for d in load(tmp_path / "a")] == [d.id for d in load(tmp_path / "elsewhere" / "b")]


def test_a_changed_text_has_another_id(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "One text.")
    before = load(tmp_path)[0].id
    put(tmp_path, "a.md", "Another text.")
    assert load(tmp_path)[0].id != before


def test_the_first_of_two_files_with_the_same_text_is_read(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "One text.")
    put(tmp_path, "b.txt", "One text.\r\n")
    loaded = everything(tmp_path)
    assert [d.path for d in loaded.documents] == ["documents/a.md"]
    assert [str(s) for s in loaded.skipped] == ["documents/b.txt: same text as: documents/a.md"]


def test_the_good_files_are_read_the_bad_ones_named_and_the_counts_add_up(tmp_path: Path) -> None:
    for name, content in MIXED.items():
        put(tmp_path, name, content)
    (tmp_path / "documents" / "round").symlink_to(tmp_path / "documents")
    loaded = everything(tmp_path)
    assert [d.path for d in loaded.documents] == ["documents/good.md", "documents/prices.csv#2", "documents/report.pdf"]
    assert [(s.path, s.part, s.reason) for s in loaded.skipped] == [
        ("documents/later.md", "", "same text as"),
        ("documents/line\\nbreak.txt", "", "empty"),
        ("documents/prices.csv", "row 3", "ragged row"),
        ("documents/report.pdf", "page 2", "no text"),
        ("documents/round", "", "link to a folder"),
        ("documents/table.numbers", "", "no reader"),
    ]
    assert loaded.counts == {
        "files": 7,
        "files_read": 3,
        "files_skipped": 3,
        "files_not_read": 1,
        "parts_skipped": 2,
        "documents": 3,
    }
    assert account(loaded.counts, reasons_of(loaded.skipped)) == (
        "files: 7 = 3 read + 3 skipped (1 same text as, 1 empty, 1 link to a folder) + 1 not read (1 no reader); "
        "rows and pages skipped: 2"
    )


def test_when_nothing_can_be_read_three_files_are_named_with_their_reasons(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.md", "d.md"):
        put(tmp_path, name, b"")
    with pytest.raises(
        InputError,
        match=(
            r"no document can be read; 4 files skipped:\n"
            r"  - documents/a\.md: empty: 0 bytes.*\n.*\n.*\n  … and 1 more"
        ),
    ) as caught:
        load(tmp_path)
    assert ".docx" in caught.value.do


def test_a_file_over_the_limit_is_skipped(tmp_path: Path) -> None:
    put(tmp_path, "small.md", "A good page.")
    put(tmp_path, "large.md", "word " * 300)
    loaded = load_documents(tmp_path, DocumentsConfig(max_file_mb=0.001))
    assert [str(s) for s in loaded.skipped] == ["documents/large.md: too large: 0.0015 MB; max_file_mb is 0.001"]


def test_names_with_line_breaks_and_broken_characters_stay_on_one_line_of_a_file(tmp_path: Path) -> None:
    put(tmp_path, "two\nlines.md", "One text.")
    (tmp_path / "documents" / os.fsdecode(b"caf\xe9.md")).write_text("Another text.")
    documents = load(tmp_path)
    assert [d.path for d in documents] == ["documents/caf\\udce9.md", "documents/two\\nlines.md"]
    write_jsonl(tmp_path / "documents.jsonl", documents)
    assert read_jsonl(tmp_path / "documents.jsonl", Document) == documents


def test_a_file_that_two_paths_name_comes_once(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "One text.")
    loaded = everything(tmp_path, "documents", "documents/*.md", "documents/a.md")
    assert loaded.counts["files"] == 1


@pytest.mark.parametrize(
    ("metadata", "start", "where"),
    [
        ({"file": "report.pdf", "pages": [0, 18, 20]}, 0, "report.pdf, page 1"),
        ({"file": "report.pdf", "pages": [0, 18, 20]}, 25, "report.pdf, page 3"),
        ({"file": "books.csv", "row": 7, "pages": "320"}, 3, "books.csv, row 7"),
        ({"file": "notes.md"}, 3, "notes.md"),
        ({}, 3, "path.md"),
    ],
    ids=["first-page", "third-page", "row", "whole-file", "no-metadata"],
)
def test_a_place_is_named_as_a_person_looks_it_up(metadata: dict[str, Any], start: int, where: str) -> None:
    assert place(Document(id="doc-1", path="path.md", title="", text="", metadata=metadata), start) == where


def test_of_many_skipped_files_ten_are_named_and_of_those_left_alone_the_kinds() -> None:
    lines: list[str] = []
    alone = [Skipped(path=f"{n}.png", reason="no reader", detail=".png") for n in range(30)]
    tell_skipped([*(Skipped(path=f"{n}.md", reason="empty") for n in range(12)), *alone], lines.append)
    assert (len(lines), lines[0], lines[-2:]) == (
        12,
        "skipped 0.md: empty",
        ["skipped 2 more", "not read: 30 .png (no reader)"],
    )


def test_a_file_that_will_not_be_read_has_a_digest_all_the_same(tmp_path: Path) -> None:
    put(tmp_path, "large.md", "word " * 300)
    (tmp_path / "gone.md").symlink_to("nowhere.md")
    config, here = DocumentsConfig(max_file_mb=0.001), open_folders(tmp_path, ["."])
    paths = (tmp_path / "documents" / "large.md", tmp_path / "gone.md", tmp_path)
    assert {digest(path, path.name, config, here) for path in paths} == {"not read"}
