"""Files of items: whole or not there, read back as written, faults by file and line."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from agents.errors import InputError
from agents.files import file_hash, read_json, read_jsonl, take_place, write_jsonl
from agents.records import Chunk, Document

CHUNK = Chunk(id="chunk-1", document_id="doc-1", start=0, end=3, text="abc")


def test_a_file_of_items_reads_back_as_written(tmp_path: Path) -> None:
    documents = [
        Document(
            id="doc-1", path="a.md", title="A", text="line\u2028separator, next\x85line, \x0c feed", metadata={"n": 1}
        )
    ]
    assert write_jsonl(tmp_path / "deep" / "documents.jsonl", documents) == 1
    assert read_jsonl(tmp_path / "deep" / "documents.jsonl", Document) == documents


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "chunks.jsonl"
    write_jsonl(path, [CHUNK])

    def items() -> Iterator[Chunk]:
        yield CHUNK
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_jsonl(path, items())
    assert read_jsonl(path, Chunk) == [CHUNK]
    assert os.listdir(tmp_path) == ["chunks.jsonl"]


class Killed(BaseException):
    """Where the process ends."""


@pytest.mark.parametrize("steps", range(5), ids=lambda n: f"after-{n}-files")
def test_a_folder_in_its_place_is_whole_wherever_the_change_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    old, new = {"a": "old", "b": "old"}, {"a": "new", "b": "new"}
    for folder, files in (("place", old), ("aside", new)):
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text, encoding="utf-8")
    left, unlink = [steps], os.unlink

    def until_killed(*args: Any, **kwargs: Any) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        unlink(*args, **kwargs)

    monkeypatch.setattr(os, "unlink", until_killed)
    with contextlib.suppress(Killed):
        take_place(tmp_path / "aside", tmp_path / "place")
    monkeypatch.undo()
    there = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "place").iterdir()}
    assert there == new
    (tmp_path / "next").mkdir()
    take_place(tmp_path / "next", tmp_path / "place")
    assert [folder.name for folder in tmp_path.iterdir()] == ["place"]


def test_a_line_that_is_no_item_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "chunks.jsonl"
    path.write_text(CHUNK.model_dump_json() + "\n\n" + '{"id": "chunk-2"}\n')
    with pytest.raises(InputError, match=r"chunks\.jsonl, line 3: not a Chunk: document_id"):
        read_jsonl(path, Chunk)


def test_a_missing_file_names_the_stage_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"chunks\.jsonl does not exist\n.*ragtuned synthesize"):
        read_jsonl(tmp_path / "chunks.jsonl", Chunk)


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "chunks.jsonl"
    write_jsonl(path, [CHUNK])
    assert file_hash(path) == hashlib.sha256(path.read_bytes()).hexdigest()


class Toy(BaseModel):
    """An item."""

    name: str
    count: int = 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"name": 7}', r"a\.jsonl, line 2: not a Toy: name: Input should be a valid string, found a whole number: 7"),
        (b'{"name": null}', r"line 2: not a Toy: name: .*found null: None"),
        (b'{"name": "x", "count": ["many"]}', r"line 2: not a Toy: count: .*found a list: \['many'\]"),
        (b'{"name": {"a": 1}}', r"line 2: not a Toy: name: .*found an object"),
        (b"{}", r"line 2: not a Toy: name: Field required"),
        (b'"text"', r"line 2: not a Toy: row: .*found text: 'text'"),
        (b"{", r"line 2: not a Toy: row: Invalid JSON"),
        (b"[" * 100_000, r"line 2: not a Toy: row: Invalid JSON"),
        (b'{"name": "\xff"}', r"a\.jsonl, after line \d: not UTF-8 text"),
    ],
    ids=["number", "null", "list", "object", "missing", "text", "cut-off", "brackets", "latin-1"],
)
def test_a_wrong_type_in_a_file_is_named_by_line_field_and_types(tmp_path: Path, line: bytes, message: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"name": "x"}\n' + line + b"\n")
    with pytest.raises(InputError, match=message) as told:
        read_jsonl(tmp_path / "a.jsonl", Toy)
    assert len(str(told.value)) < 500


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", r"0: Input should be a valid string, found a whole number: 1"),
        ("{}", "found an object"),
        ("[", "Invalid JSON"),
        (None, "cannot be read"),
    ],
    ids=["number", "object", "cut-off", "missing"],
)
def test_a_json_file_of_another_type_is_named(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "calls.json").write_text(content)
    with pytest.raises(InputError, match=rf"(?s)calls\.json.*{message}.*make it again"):
        read_json(tmp_path / "calls.json", list[str], "make it again")
