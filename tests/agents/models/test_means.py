"""The mean tokens of stored calls, by role and model."""

from __future__ import annotations

from pathlib import Path

from agents.models.means import FEWEST, mean_tokens
from agents.models.store import CallStore, Reply, Status, StoredCall


def put(store: CallStore, role: str, count: int, tokens: int, status: Status = "ok", model: str = "m") -> None:
    for n in range(count):
        reply = Reply(text="", tokens_in=tokens, tokens_out=2 * tokens)
        store.put(f"{role} {status} {model} {n}", role, {"model": model}, StoredCall(status=status, reply=reply))


def test_finished_calls_of_one_role_and_model_have_a_mean_where_there_are_enough(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "calls.sqlite")
    put(store, "critic", FEWEST, 10)
    put(store, "critic", FEWEST, 1000, status="truncated")
    put(store, "critic", FEWEST, 30, model="other")
    put(store, "extractor", FEWEST - 1, 10)
    store.close()
    assert mean_tokens(tmp_path / "calls.sqlite") == {("critic", "m"): (10, 20), ("critic", "other"): (30, 60)}


def test_a_store_that_is_not_there_or_broken_has_no_means_and_is_left_as_it_is(tmp_path: Path) -> None:
    broken = tmp_path / "calls.sqlite"
    assert mean_tokens(broken) == {}
    assert not broken.exists()
    broken.write_bytes(b"no database at all")
    assert mean_tokens(broken) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["calls.sqlite"]
