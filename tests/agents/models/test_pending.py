"""The requests that are out: kept with the day on which they were first written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.models.store import CallStore, Reply, StoredCall

IDENTITY = {"model": "toy", "rung": "prompt"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CallStore]:
    store = CallStore(tmp_path / "calls.sqlite")
    yield store
    store.close()


def test_a_request_that_is_written_again_keeps_its_day_and_its_refusals(store: CallStore) -> None:
    store.pending.add([("a", "critic", IDENTITY)])
    store.pending.refused("a", "too long")
    store._db.execute("UPDATE pending SET day = '2001-01-01'")
    store.pending.add([("a", "critic", IDENTITY), ("b", "critic", IDENTITY)])
    found = store.pending.get("a")
    assert found is not None
    assert (found.day, found.refusals, found.said, found.identity) == ("2001-01-01", 1, "too long", IDENTITY)
    assert store.pending.by_day()["2001-01-01"] == 1


def test_requests_that_cannot_be_kept_leave_none_of_them_and_a_store_that_works(store: CallStore) -> None:
    with pytest.raises(UnicodeEncodeError):
        store.pending.add([("a", "critic", IDENTITY), ("\ud800", "critic", IDENTITY)])
    assert store.pending.by_day() == {}
    store.pending.add([("a", "critic", IDENTITY)])
    assert [*store.pending.by_day().values()] == [1]


def test_the_same_results_twice_are_one_refusal(store: CallStore) -> None:
    counts = []
    for _ in range(2):
        store.pending.add([("a", "critic", IDENTITY)])
        for _ in range(2):
            store.pending.refused("a", "too long")
        found = store.pending.get("a")
        counts.append(found.refusals if found else None)
    assert counts == [1, 2]


def test_what_a_live_call_answered_is_no_longer_out(store: CallStore) -> None:
    store.pending.add([("a", "critic", IDENTITY), ("b", "critic", IDENTITY)])
    store.put("a", "critic", IDENTITY, StoredCall(status="ok", reply=Reply(text="x")))
    assert [*store.pending.by_day().values()] == [1]
    store.pending.forget("b")
    assert (store.pending.by_day(), store.pending.get("b")) == ({}, None)


def test_a_store_of_an_earlier_version_gets_the_table(store: CallStore, tmp_path: Path) -> None:
    store.close()
    with sqlite3.connect(tmp_path / "calls.sqlite") as db:
        db.execute("DROP TABLE pending")
    again = CallStore(tmp_path / "calls.sqlite")
    assert (again.set_aside, again.pending.by_day()) == (None, {})
    again.close()
