"""The folder between the stages: whose it is, the last partition, and the calls asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graphs.work_folder import KEY_LENGTH, WorkFolder

KEYS = [letter * KEY_LENGTH for letter in "abc"]


def clients(*keys: str) -> Any:
    return [SimpleNamespace(keys=set(keys))]


@pytest.fixture
def graph_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "graph"
    folder.mkdir()
    (folder / "communities.jsonl").write_text(
        '{"id": "c", "level": 0, "parent": null, "entity_ids": [], "chunk_ids": []}\n'
    )
    (folder / "graph.graphml").write_text("<graphml/>")
    return folder


def test_it_belongs_to_the_synthesis_that_began_it(tmp_path: Path, graph_dir: Path) -> None:
    work = WorkFolder(tmp_path / "work")
    assert work.begun() == ""
    work.begin("run-a", graph_dir)
    (work.path / "kept.jsonl").write_text("")
    work.begin("run-b", graph_dir)
    assert work.begun() == "run-b"
    assert not (work.path / "kept.jsonl").exists()


@pytest.mark.parametrize("fresh", [False, True], ids=["again", "fresh"])
def test_the_last_partition_is_known_unless_the_run_begins_afresh(tmp_path: Path, graph_dir: Path, fresh: bool) -> None:
    work = WorkFolder(tmp_path / "work")
    work.begin("run", graph_dir, fresh)
    found = work.last_partition()
    assert (found is None) is fresh
    assert found is None or (found[0], [c.id for c in found[1]]) == ("<graphml/>", ["c"])


def test_a_call_that_a_kill_cut_off_in_the_log_is_not_known(tmp_path: Path, graph_dir: Path) -> None:
    work = WorkFolder(tmp_path / "work")
    work.begin("run", graph_dir)
    work.note_calls(clients(*KEYS[:2]))
    with (work.path / "calls.txt").open("a") as file:
        file.write("\n" + KEYS[2][:10])
    later = WorkFolder(tmp_path / "work")
    assert later.asked(clients()) == set(KEYS[:2])
    later.note_calls(clients(KEYS[2]))
    assert later.asked(clients()) == set(KEYS)
