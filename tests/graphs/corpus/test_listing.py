"""What stands below the configured paths: every file is read, or named with its reason."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.errors import InputError
from graphs.corpus.documents import DocumentsConfig, load_documents
from graphs.corpus.listing import listing


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"Text of {name}.", encoding="utf-8")


def names_of(root: Path, *paths: str) -> list[str]:
    return list(listing(root, paths).files.values())


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="elsewhere does not exist"):
        listing(tmp_path, ["elsewhere"])


def test_a_file_named_outright_needs_a_reader(tmp_path: Path) -> None:
    put(tmp_path, "documents/table.odd")
    with pytest.raises(InputError, match=r"table\.odd: no reader for \.odd"):
        listing(tmp_path, ["documents/table.odd"])


def test_an_empty_folder_says_what_could_be_put_there(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    with pytest.raises(InputError, match=r"no document in documents \(under .*\)\n.*\.md"):
        listing(tmp_path, ["documents"])


def test_a_folder_of_files_without_a_reader_says_which_are_there(tmp_path: Path) -> None:
    put(tmp_path, "documents/a.heic", "documents/b.heic", "documents/.c", "documents/d.zip")
    with pytest.raises(InputError, match=r"there are 2 \.heic \(no reader\); 1 archive; 1 hidden\n"):
        listing(tmp_path, ["documents"])


def test_every_file_is_read_or_named_with_its_reason(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "deep/er/b.txt", "photo.HEIC", "old.tar.gz", "LICENSE", ".git/config", ".env")
    put(tmp_path, "ragtuned.toml", "gold.jsonl", "calls.sqlite", "calls.sqlite-wal", "runs/main/data/README.md")
    found = listing(tmp_path, ["."])
    assert list(found.files.values()) == ["a.md", "deep/er/b.txt"]
    assert {(item.path, item.reason, item.detail) for item in found.unread} == {
        ("photo.HEIC", "no reader", ".heic"),
        ("LICENSE", "no reader", "without an ending"),
        ("old.tar.gz", "archive", "not opened; unpack it"),
        (".git", "hidden", ""),
        (".env", "hidden", ""),
        *((name, "the project's own", "") for name in ("ragtuned.toml", "gold.jsonl", "runs")),
        *((name, "the project's own", "") for name in ("calls.sqlite", "calls.sqlite-wal")),
    }


def test_gold_questions_are_no_document_even_where_they_are_named(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "gold.jsonl", "notes/gold.jsonl")
    assert names_of(tmp_path, "a.md", "gold.jsonl", "*.jsonl", "notes") == ["a.md", "notes/gold.jsonl"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("notes/*.md", ["notes/a.md"]),
        ("notes/**/*.md", ["notes/a.md", "notes/deep/b.md"]),
        ("notes/**", ["notes/a.md", "notes/c.txt", "notes/deep/b.md", "notes/deep/round"]),
        ("*/.kept/*", ["notes/.kept/d.md"]),
        ("**/[ac].*", ["notes/a.md", "notes/c.txt"]),
    ],
    ids=["one-folder", "all-below", "everything-below", "hidden-but-named", "letters"],
)
def test_a_glob_names_the_files_it_matches(tmp_path: Path, pattern: str, found: list[str]) -> None:
    put(tmp_path, "notes/a.md", "notes/c.txt", "notes/d.png", "notes/deep/b.md", "notes/.kept/d.md", "runs/main/a.md")
    (tmp_path / "notes" / "deep" / "round").symlink_to(tmp_path / "notes")
    assert names_of(tmp_path, pattern) == found
    assert names_of(tmp_path, str(tmp_path / pattern)) == found


def test_what_a_glob_matches_and_is_not_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, "notes/a.md", "notes/d.png", "notes/.kept/d.md", "runs/main/a.md")
    found = listing(tmp_path, ["**/*"]).unread
    assert {(item.path, item.reason) for item in found} == {
        ("notes/d.png", "no reader"),
        ("notes/.kept", "hidden"),
        ("runs", "the project's own"),
    }


@pytest.mark.parametrize(
    ("pattern", "words"),
    [("notes/*.md", "no document in"), ("notes/**.md", "is not a glob")],
    ids=["matches-nothing", "no-glob"],
)
def test_a_glob_without_files_is_an_error(tmp_path: Path, pattern: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        listing(tmp_path, [pattern])


def test_two_files_of_one_name_keep_their_whole_provenance(tmp_path: Path) -> None:
    put(tmp_path, "project/notes/a.md", "elsewhere/notes/one/a.md", "elsewhere/notes/two/a.md", "other/notes/one/a.md")
    outside = [str(tmp_path / "elsewhere" / "notes"), str(tmp_path / "elsewhere" / "notes" / "*" / "*.md")]
    paths = ["notes", *outside, str(tmp_path / "other" / "notes")]
    assert names_of(tmp_path / "project", *paths) == [
        "notes/a.md",
        "notes/one/a.md",
        "notes/two/a.md",
        "../other/notes/one/a.md",
    ]


@contextmanager
def folders_in_one_another(root: Path, name: str, count: int) -> Iterator[int]:
    """The deepest of them, as a file descriptor: by steps, since a path may not be so long.

    They are taken away again by steps too: `shutil.rmtree`, by which pytest cleans up, goes into itself for each.
    """
    held = [os.open(root, os.O_RDONLY)]
    for _ in range(count):
        os.mkdir(name, dir_fd=held[-1])
        held.append(os.open(name, os.O_RDONLY, dir_fd=held[-1]))
    try:
        yield held[-1]
    finally:
        for file in os.listdir(held[-1]):
            os.unlink(file, dir_fd=held[-1])
        os.close(held.pop())
        while held:
            os.rmdir(name, dir_fd=held[-1])
            os.close(held.pop())


def test_folders_that_stand_deep_in_one_another_are_walked(tmp_path: Path) -> None:
    with folders_in_one_another(tmp_path, "d", 400) as deepest:
        with open(os.open("a.md", os.O_WRONLY | os.O_CREAT, dir_fd=deepest), "w", encoding="utf-8") as file:
            file.write("Text.")
        with limited(300):
            found = load_documents(tmp_path, DocumentsConfig(paths=["d"]))
            with pytest.raises(InputError, match="too deep"):
                listing(tmp_path, ["d/**/*.md"])
    assert [document.path for document in found.documents] == [f"{'d/' * 400}a.md"]


@contextmanager
def limited(frames: int) -> Iterator[None]:
    """So few frames more than there are, so that few folders tell a walk that goes into itself."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def test_folders_deeper_than_a_path_may_be_long_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Text.", encoding="utf-8")
    with folders_in_one_another(tmp_path, "d" * 250, 20):
        found = load_documents(tmp_path, DocumentsConfig(paths=["."]))
    assert [(item.reason, item.detail) for item in found.skipped] == [("cannot be opened", "File name too long")]


def test_links_in_a_circle_and_links_to_nowhere_are_named(tmp_path: Path) -> None:
    put(tmp_path, "documents/a.md")
    for name, target in (("b.md", "c.md"), ("c.md", "b.md"), ("gone.md", "nowhere.md"), ("up", ".."), ("x", "x")):
        (tmp_path / "documents" / name).symlink_to(target)
    found = load_documents(tmp_path, DocumentsConfig())
    assert {item.path.rpartition("/")[2]: item.reason for item in found.skipped} == {
        **dict.fromkeys(("b.md", "c.md", "gone.md"), "cannot be opened"),
        "up": "link to a folder",
        "x": "no reader",
    }


def test_names_of_any_bytes_are_listed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("Text.", encoding="utf-8")
    (tmp_path / os.fsdecode(b"a\xff.b\xfe")).write_text("Text.", encoding="utf-8")
    found = listing(tmp_path, ["."])
    assert list(found.files.values()) == ["caf\\udce9.md"]
    assert [(item.path, item.detail) for item in found.unread] == [("a\\udcff.b\\udcfe", ".b\\udcfe")]
