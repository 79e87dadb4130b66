"""calls.sqlite: what was paid for is kept, and travels as text."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.errors import InputError, StoreError
from agents.models.dialect import Dialect
from agents.models.store import CallStore, Reply, Status, StoredCall, call_key

REQUEST = {"model": "m", "messages": [{"role": "user", "content": "Grüße"}], "max_tokens": 5}
GOOD = StoredCall(status="ok", reply=Reply(text="good", tokens_out=2, top_logprobs={"yes": -0.1}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CallStore]:
    store = CallStore(tmp_path / "calls.sqlite")
    yield store
    store.close()


def put(store: CallStore, prompt: str, status: Status = "ok") -> str:
    request = {**REQUEST, "messages": [{"role": "user", "content": prompt}]}
    key = call_key(request)
    store.put(key, "critic", request, StoredCall(status=status, reply=Reply(text="said", tokens_in=5, tokens_out=2)))
    return key


@pytest.mark.parametrize("status", ["truncated", "refused", "unreadable"])
def test_a_failed_call_never_overwrites_a_good_one(store: CallStore, status: Status) -> None:
    store.put("key", "critic", REQUEST, GOOD)
    store.put("key", "critic", REQUEST, StoredCall(status=status, reply=Reply(text="bad")))
    assert store.get("key") == GOOD


def test_a_good_call_overwrites_a_failed_one(store: CallStore) -> None:
    store.put("key", "critic", REQUEST, StoredCall(status="truncated", reply=Reply(text="ba")))
    store.put("key", "critic", REQUEST, GOOD)
    assert store.get("key") == GOOD


def test_only_the_very_reply_that_could_not_be_read_is_marked(store: CallStore) -> None:
    store.put("key", "critic", REQUEST, GOOD)
    store.mark_unreadable("key", Reply(text="another"))
    assert store.get("key") == GOOD
    store.mark_unreadable("key", GOOD.reply)
    assert store.get("key") == StoredCall(status="unreadable", reply=GOOD.reply)


def test_another_connection_sees_a_call_at_once(store: CallStore) -> None:
    store.put("key", "critic", REQUEST, GOOD)
    other = CallStore(store.path)
    assert other.get("key") == GOOD
    other.close()


@pytest.mark.parametrize("name", ["calls.jsonl", "calls.jsonl.gz"], ids=["plain", "gzipped"])
def test_calls_travel_as_text_and_keep_their_keys(store: CallStore, tmp_path: Path, name: str) -> None:
    key = call_key(REQUEST)
    store.put(key, "critic", REQUEST, GOOD)
    store.set_dialect("m", Dialect(rung="prompt", without=("temperature",), thinks=True))
    assert store.export(tmp_path / name) == 2
    other = CallStore(tmp_path / "other.sqlite")
    assert other.load(tmp_path / name) == 1
    assert (other.get(key), other.dialect("m"), other.count()) == (GOOD, store.dialect("m"), 1)
    other.close()


def test_the_same_calls_make_the_same_bytes(store: CallStore, tmp_path: Path) -> None:
    store.put(call_key(REQUEST), "critic", REQUEST, GOOD)
    store.export(tmp_path / "a.gz")
    store.export(tmp_path / "b.gz")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_only_the_calls_of_the_given_keys_are_exported(store: CallStore, tmp_path: Path) -> None:
    for n in range(3):
        store.put(f"key-{n}", "critic", {**REQUEST, "sample": n}, GOOD)
    assert store.export(tmp_path / "some.jsonl", {"key-1"}) == 1
    assert json.loads((tmp_path / "some.jsonl").read_text())["request"]["sample"] == 1


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"no gzip",
        gzip.compress(b"no json\n"),
        gzip.compress(b'{"role": "critic"}\n'),
        gzip.compress(b"{}" * 500)[:20],
    ],
    ids=["missing", "not-gzipped", "not-json", "not-a-call", "cut-off"],
)
def test_a_file_that_is_no_recording_is_an_error_and_nothing_is_loaded(
    store: CallStore, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "recording.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="is not a recording" if content else "there is no file"):
        store.load(path)
    store.put("key", "critic", REQUEST, GOOD)
    assert store.count() == 1


def test_a_recording_with_one_bad_line_is_loaded_not_at_all(store: CallStore, tmp_path: Path) -> None:
    store.put(call_key(REQUEST), "critic", REQUEST, GOOD)
    store.export(tmp_path / "calls.jsonl")
    path = tmp_path / "calls.jsonl"
    path.write_text(path.read_text() + "broken\n")
    other = CallStore(tmp_path / "other.sqlite")
    with pytest.raises(InputError):
        other.load(path)
    assert other.count() == 0
    other.close()


def foreign(path: Path) -> None:
    path.write_text("my notes, by mistake under this name " * 100)


def another_database(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE notes (text)")
        db.execute("CREATE TABLE calls (number)")


def broken(path: Path) -> None:
    store = CallStore(path)
    for n in range(200):
        put(store, f"prompt {n}")
    store.close()
    data = bytearray(path.read_bytes())
    data[8192:16384] = b"x" * 8192
    path.write_bytes(data)


@pytest.mark.parametrize(
    "spoil", [foreign, another_database, broken], ids=["no-database", "another-database", "broken"]
)
def test_a_file_that_is_no_call_store_is_set_aside_and_stays_as_it_is(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "calls.sqlite"
    spoil(path)
    before = path.read_bytes()
    store = CallStore(path)
    assert store.set_aside == tmp_path / "calls.sqlite.set-aside-1"
    assert store.set_aside.read_bytes() == before
    assert store.count() == 0
    store.close()


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        CallStore(tmp_path)


def test_stats_add_up_by_role_and_status(store: CallStore) -> None:
    for n in range(3):
        put(store, f"prompt {n}")
    put(store, "cut", "truncated")
    by_status = {row["status"]: row for row in store.stats()}
    assert (by_status["ok"]["calls"], by_status["truncated"]["calls"]) == (3, 1)
    assert by_status["ok"]["tokens_in"] == 3 * by_status["truncated"]["tokens_in"]


def test_pruning_keeps_the_calls_named_and_a_dry_one_all(store: CallStore) -> None:
    keys = [put(store, f"prompt {n}") for n in range(3)]
    assert (store.prune({keys[0]}, dry=True), store.count()) == (2, 3)
    assert (store.prune({keys[0]}), store.count()) == (2, 1)
    assert store.get(keys[0]) is not None


def test_a_reply_of_a_wrong_type_in_a_received_store_is_asked_for_anew(store: CallStore) -> None:
    store.put("key", "critic", REQUEST, GOOD)
    with sqlite3.connect(store.path) as db:
        db.execute("UPDATE calls SET reply = ?", ('{"text": ["x"]}',))
    assert store.get("key") is None
    store.put("key", "critic", REQUEST, GOOD)
    assert store.get("key") == GOOD
