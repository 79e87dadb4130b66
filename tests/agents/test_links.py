"""A link takes no run out of its project: what a stranger packed neither reads nor writes what lies elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import ragtuned as command
from agents.errors import InputError
from agents.files import write_text
from agents.links import leads_out, open_folders
from agents.project import Project
from graphs.run_record import read_record
from ragtuned import SECTIONS
from tests.conftest import open_project

MINE = "export PATH=~/bin"
DIARY = "# Diary\n\nOrla Dunn met Bastow Pask in Marrow on 3 May."
OURS = (
    *("calls.sqlite", "calls.sqlite-wal", "gold.jsonl", "runs", "runs/main", "runs/main-dry", "runs/main-dry/data"),
    *("runs/main/work/shard-1.jsonl", "runs/main/report.html", "runs/main/.lock", "runs/main/checkpoints.sqlite"),
    "runs/main/chroma/chroma.sqlite3",
)
VERBS = (
    *("synthesize --dry", "synthesize --dry --preview 1", "plan", "export", "tune", "eval", "report", "review"),
    "calls stats",
)
SKIPPED = "link out of the project"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder beside the project, with a file of the user's."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "profile").write_text(MINE, encoding="utf-8")
    (tmp_path / "home" / "diary.md").write_text(DIARY, encoding="utf-8")
    return tmp_path / "home"


@pytest.fixture
def received(tmp_path: Path, home: Path) -> Path:
    """A project as it came."""
    return open_project(tmp_path / "project").directory


def run(*words: str) -> Any:
    return CliRunner().invoke(command.app, list(words))


@pytest.mark.parametrize(
    "name",
    OURS,
    ids=lambda name: name.replace("/", "."),
)
@pytest.mark.parametrize(
    "verb",
    VERBS,
    ids=str,
)
def test_a_planted_link_is_named_and_not_written_through(received: Path, home: Path, name: str, verb: str) -> None:
    link = received / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(home if "." not in link.name and link.name != "chroma" else home / "profile")
    done = run(*verb.split(), "-C", str(received))
    assert isinstance(done.exception, InputError)
    assert f"{link} is a link out of the project" in str(done.exception)
    assert sorted(path.name for path in home.iterdir()) == ["diary.md", "profile"]
    assert (home / "profile").read_text(encoding="utf-8") == MINE


@pytest.mark.parametrize("target", ["profile", "nothing-yet"], ids=["a-file", "no-file"])
def test_a_link_where_a_file_is_written_aside_is_not_written_through(received: Path, home: Path, target: str) -> None:
    (received / ".report.html.aside").symlink_to(home / target)
    (received / "report.html").symlink_to(home / target)
    write_text(received / "report.html", "the report")
    assert (received / "report.html").read_text(encoding="utf-8") == "the report"
    assert not (received / "report.html").is_symlink()
    assert {path.name: path.read_text(encoding="utf-8") for path in home.iterdir()}["profile"] == MINE
    assert not (home / "nothing-yet").exists()


def test_a_link_inside_the_project_stays_as_it_is(received: Path) -> None:
    (received / "runs").mkdir()
    (received / "questions.jsonl").write_text("", encoding="utf-8")
    (received / "gold.jsonl").symlink_to("questions.jsonl")
    (received / "runs" / "other").symlink_to("main")
    assert Project.open(received, "main", SECTIONS).gold.read_text(encoding="utf-8") == ""


def test_a_project_that_is_reached_by_a_link_is_read(received: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(received)
    done = run("synthesize", "--dry", "--json", "-C", str(tmp_path / "shortcut"))
    assert json.loads(done.stdout)["items"]["files_skipped"] == 0


@pytest.mark.parametrize(
    ("paths", "read"),
    [
        (["documents"], []),
        (["documents/*.md"], []),
        (["documents/linked.md"], []),
        (["folder/*.md"], []),
        (["folder"], []),
        (["../home"], ["diary.md"]),
        (["HOME"], ["diary.md"]),
        (["HOME/*.md"], ["diary.md"]),
        (["HOME/diary.md"], ["diary.md"]),
        (["documents/../documents/linked.md"], []),
    ],
    ids=[
        *("folder", "glob", "named", "glob-of-a-link", "a-linked-folder"),
        *("beside", "absolute", "absolute-glob", "absolute-file", "dots"),
    ],
)
def test_documents_are_read_where_the_config_says_not_where_a_link_leads(
    received: Path,
    home: Path,
    paths: list[str],
    read: list[str],
) -> None:
    from graphs.corpus.documents import DocumentsConfig, load_documents
    from graphs.corpus.listing import NOT_READ, listing

    (received / "documents" / "linked.md").symlink_to(home / "diary.md")
    (received / "folder").symlink_to(home)
    config = DocumentsConfig(paths=[*(path.replace("HOME", str(home)) for path in paths), "documents/april.md"])
    loaded = load_documents(received, config)
    assert [document.path.rpartition("/")[2] for document in loaded.documents if "Diary" in document.title] == read
    skipped = {item.path: item.reason for item in loaded.skipped if item.reason not in NOT_READ}
    assert set(skipped.values()) == (set() if read else {SKIPPED})
    files = listing(received, config.paths).files
    folders = open_folders(received, config.paths)
    assert {leads_out(file, folders) for file in files if file.name == "diary.md" or file.is_symlink()} == {not read}


def test_a_skipped_link_is_in_the_list_of_the_run_and_its_target_in_no_fingerprint(received: Path, home: Path) -> None:
    (received / "documents" / "linked.md").symlink_to(home / "diary.md")
    first = run("synthesize", "--dry", "-C", str(received))
    assert "skipped documents/linked.md: link out of the project" in first.stdout
    lines = (received / "runs" / "main-dry" / "graph" / "skipped.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(row["path"], row["reason"]) for row in map(json.loads, lines)] == [("documents/linked.md", SKIPPED)]
    record = read_record(received / "runs" / "main-dry" / "run.json")
    assert record is not None
    assert record.inputs.documents["documents/linked.md"] == "not read"
    assert str(home) not in record.model_dump_json()


def test_links_in_a_circle_are_skipped(received: Path) -> None:
    from graphs.corpus.documents import DocumentsConfig, load_documents

    (received / "documents" / "a.md").symlink_to("b.md")
    (received / "documents" / "b.md").symlink_to("a.md")
    assert {item.reason for item in load_documents(received, DocumentsConfig()).skipped} == {"cannot be opened"}


@pytest.mark.parametrize("linked", ["folder", "table"])
def test_an_index_behind_a_link_is_refused(received: Path, home: Path, linked: str) -> None:
    if linked == "folder":
        (received / "index").symlink_to(home)
    else:
        (received / "index").mkdir()
        (received / "index" / "entities.parquet").symlink_to(home / "profile")
    config = (received / "ragtuned.toml").read_text(encoding="utf-8") + '\n[documents]\ngraphrag_index = "index"\n'
    (received / "ragtuned.toml").write_text(config, encoding="utf-8")
    done = run("plan", "-C", str(received))
    assert "is a link to another place, which is not read" in str(done.exception)


def test_the_folder_of_a_glob_is_what_stands_before_its_first_star(tmp_path: Path) -> None:
    root = Path(os.path.realpath(tmp_path))
    found = open_folders(root / "p", ["../a/b/*.md", "/x/**", "documents", "in/../../c"])
    assert found == [root / "p", root / "a/b", Path("/x"), root / "c"]
