"""The items of files, read once while they stay as they were."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from agents.records import Skipped
from graphs.item_cache import MANY, ItemCache, collect_garbage


def test_items_that_are_swapped_and_given_their_old_time_are_read_again(tmp_path: Path) -> None:
    cache, path = ItemCache(), tmp_path / "skipped.jsonl"
    path.write_text('{"path": "a.md", "reason": "empty"}\n')
    before = path.stat()
    assert cache.items(path, Skipped)[0].path == "a.md"
    with path.open("r+") as file:
        file.write('{"path": "b.md", "reason": "empty"}\n')
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.items(path, Skipped)[0].path == "b.md"


def test_a_file_that_stays_as_it_was_is_read_once_until_it_is_let_go(tmp_path: Path) -> None:
    cache, path = ItemCache(), tmp_path / "skipped.jsonl"
    path.write_text('{"path": "a.md", "reason": "empty"}\n')
    first = cache.items(path, Skipped)
    assert cache.items(path, Skipped) is first
    cache.clear()
    assert cache.items(path, Skipped) == first
    assert cache.items(path, Skipped) is not first


@pytest.mark.parametrize(("items", "runs"), [(MANY, 0), (MANY + 1, 1)], ids=["few", "many"])
def test_garbage_is_collected_after_a_large_stage_only(monkeypatch: pytest.MonkeyPatch, items: int, runs: int) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: collected.append(1))
    collect_garbage(items)
    assert len(collected) == runs
