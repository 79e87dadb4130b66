"""A received run runs nothing: what is planted in checkpoints.sqlite is neither imported nor called, and is told."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ormsgpack
import pytest

from agents.console import Console
from agents.errors import InputError
from agents.project import Project
from graphs.checkpoints import PlainSerializer
from graphs.run import synthesize
from tests.conftest import SlowModel, open_project, scripts
from tests.graphs.test_run import Killed, Mortal


class Planted:
    """Runs a command where a pickle is believed."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def ext(code: int, *parts: Any) -> Any:
    return ormsgpack.Ext(code, ormsgpack.packb(parts))


PAYLOADS: dict[str, Callable[[Path], tuple[str, bytes]]] = {
    "a-call-with-one-argument": lambda mark: ("msgpack", ormsgpack.packb(ext(0, "os", "system", f"touch {mark}"))),
    "a-call-with-arguments": lambda mark: (
        "msgpack",
        ormsgpack.packb({"x": [ext(1, "os", "system", [f"touch {mark}"])]}),
    ),
    "a-call-with-names": lambda mark: (
        "msgpack",
        ormsgpack.packb(ext(2, "subprocess", "run", {"args": ["touch", str(mark)]})),
    ),
    "a-method": lambda mark: ("msgpack", ormsgpack.packb(ext(3, "pathlib", "Path", str(mark), "touch"))),
    "a-model-of-pydantic-1": lambda mark: (
        "msgpack",
        ormsgpack.packb(ext(4, "subprocess", "run", {"args": ["touch", str(mark)]})),
    ),
    "a-model-of-pydantic-2": lambda mark: (
        "msgpack",
        ormsgpack.packb(ext(5, "subprocess", "run", {"args": ["touch", str(mark)]}, "x")),
    ),
    "a-call-inside-a-send": lambda mark: (
        "msgpack",
        ormsgpack.packb(
            ormsgpack.Ext(
                1,
                ormsgpack.packb(
                    [
                        "langgraph.types",
                        "Send",
                        ["draft", {"shard": "a", "ids": [ext(0, "os", "system", f"touch {mark}")]}],
                    ]
                ),
            )
        ),
    ),
    "a-constructor-in-json": lambda mark: (
        "json",
        json.dumps({"lc": 2, "type": "constructor", "id": ["os", "system"], "args": [f"touch {mark}"]}).encode(),
    ),
    "a-pickle": lambda mark: ("pickle", pickle.dumps(Planted(mark))),
    "not-msgpack": lambda mark: ("msgpack", b"\xc1\xff"),
    "brackets-without-end": lambda mark: ("msgpack", b"\x91" * 100_000 + b"\xc0"),
    "another-shape": lambda mark: ("msgpack", ormsgpack.packb(["channel_values"])),
}


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run that was killed in its first drafts."""
    project = open_project(tmp_path_factory.mktemp("interrupted"))
    with pytest.raises(Killed):
        synthesize(project, Console(quiet=True), backend=Mortal(8))
    return project


@pytest.fixture
def received(interrupted: Project, tmp_path: Path) -> Project:
    """The same files in another folder."""
    shutil.copytree(interrupted.directory, tmp_path / "received")
    return Project(tmp_path / "received", interrupted.run, interrupted.config)


def plant(project: Project, statement: str, *values: Any) -> None:
    db = sqlite3.connect(project.run_dir / "checkpoints.sqlite")
    assert db.execute(statement, values).rowcount
    db.commit()
    db.close()


@pytest.mark.parametrize("table", ["checkpoints", "writes"])
@pytest.mark.parametrize("kind", PAYLOADS)
def test_a_callable_that_is_planted_in_a_checkpoint_does_not_run(
    received: Project, silent: Console, table: str, kind: str
) -> None:
    mark = received.directory / "ran"
    type_, payload = PAYLOADS[kind](mark)
    if table == "writes":
        plant_write(received, type_, payload)
    else:
        plant(received, "UPDATE checkpoints SET type = ?, checkpoint = ?", type_, payload)
    with pytest.raises(
        InputError,
        match=r"(?s)checkpoints\.sqlite was not written by ragtuned.*remove it.*no finished call is paid again",
    ):
        synthesize(received, silent, backend=SlowModel(scripts(), seed=1))
    assert not mark.exists()


def plant_write(project: Project, type_: str, payload: bytes) -> None:
    """Pending for every checkpoint, wherever LangGraph reads it."""
    row = "SELECT thread_id, checkpoint_ns, checkpoint_id, 'task', 999, 'counts', ?, ? FROM checkpoints"
    plant(
        project,
        f"INSERT INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, value) {row}",
        type_,
        payload,
    )


@pytest.mark.parametrize("kind", PAYLOADS)
def test_a_callable_in_the_metadata_of_a_checkpoint_does_not_run(received: Project, silent: Console, kind: str) -> None:
    mark = received.directory / "ran"
    plant(received, "UPDATE checkpoints SET metadata = ?", PAYLOADS[kind](mark)[1])
    with pytest.raises(InputError, match=r"(?s)checkpoints\.sqlite was not written by ragtuned.*remove it"):
        synthesize(received, silent, backend=SlowModel(scripts(), seed=1))
    assert not mark.exists()


@pytest.mark.parametrize(
    "name", ["../../../outside", "/tmp/outside", "a/b", ""], ids=["up", "absolute", "below", "empty"]
)
def test_a_shard_is_no_path(name: str) -> None:
    from langgraph.types import Send

    packed = PlainSerializer().dumps_typed(Send("draft", {"shard": name, "ids": ["x"]}))
    with pytest.raises(ValueError, match="ext_hook failed"):
        PlainSerializer().loads_typed(packed)


def test_what_langgraph_keeps_of_ours_comes_back_as_it_was() -> None:
    from langgraph.types import Interrupt, Send

    kept = [
        None,
        1,
        0.5,
        True,
        "text",
        {"a": [1, {"b": None}]},
        {"one", "two"},
        Send("draft", {"shard": "local-0001", "ids": ["x"]}),
    ]
    kept.append((Interrupt(value={"rows": ["a"]}, id="i"),))
    found = [PlainSerializer().loads_typed(PlainSerializer().dumps_typed(value)) for value in kept]
    assert found == [*kept[:-1], [*kept[-1]]]


def test_a_state_that_names_files_elsewhere_is_refused(received: Project, silent: Console) -> None:
    change(received, lambda checkpoint: checkpoint["channel_values"].update(drafts=["/etc/passwd"]))
    with pytest.raises(InputError, match=r"it names the file '/etc/passwd'"):
        synthesize(received, silent, backend=SlowModel(scripts(), seed=1))


def test_a_state_of_other_types_is_refused(received: Project, silent: Console) -> None:
    change(received, lambda checkpoint: checkpoint["channel_values"].update(counts={"documents": "many"}))
    with pytest.raises(InputError, match=r"documents.*integer"):
        synthesize(received, silent, backend=SlowModel(scripts(), seed=1))


def change(project: Project, how: Callable[[dict[str, Any]], None]) -> None:
    db = sqlite3.connect(project.run_dir / "checkpoints.sqlite")
    for row, kind, packed in db.execute("SELECT rowid, type, checkpoint FROM checkpoints").fetchall():
        checkpoint = PlainSerializer().loads_typed((kind, packed))
        how(checkpoint)
        db.execute(
            "UPDATE checkpoints SET checkpoint = ? WHERE rowid = ?", (PlainSerializer().dumps_typed(checkpoint)[1], row)
        )
    db.commit()
    db.close()


def test_a_file_that_is_no_database_is_told(received: Project, silent: Console) -> None:
    for kept in received.run_dir.glob("checkpoints.sqlite*"):
        kept.unlink()
    (received.run_dir / "checkpoints.sqlite").write_text("not a database " * 100)
    with pytest.raises(InputError, match=r"(?s)checkpoints\.sqlite was not written by ragtuned.*remove it"):
        synthesize(received, silent, backend=SlowModel(scripts(), seed=1))


def test_a_fresh_start_reads_nothing_of_the_file(received: Project, silent: Console) -> None:
    plant(received, "UPDATE checkpoints SET type = 'pickle'")
    assert synthesize(received, silent, backend=SlowModel(scripts(), seed=1), fresh=True).counts.kept


def test_a_run_goes_on_once_the_file_is_removed_and_pays_nothing_again(received: Project, silent: Console) -> None:
    plant(received, "UPDATE checkpoints SET type = 'pickle'")
    for kept in received.run_dir.glob("checkpoints.sqlite*"):
        kept.unlink()
    again = SlowModel(scripts(), seed=1)
    assert synthesize(received, silent, backend=again).counts.kept
    assert not [request for request in again.requests if request.role == "extractor"][2:]
