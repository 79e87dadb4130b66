"""What a role and a model take is read from the calls that were kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.models.backends import identity_of
from agents.models.call_history import A_RUN, FEWEST, MOST_CALLS, mean_tokens, pace
from agents.models.config import ModelConfig
from agents.models.recorded import Status
from agents.models.store import CallStore, Reply, StoredCall

SERVER = ModelConfig.model_validate({"provider": "openai", "model": "m", "calls_at_once": 4})


def kept(path: Path, calls: int, model: str = "m", seconds: float = 1.0) -> Path:
    """A store of calls that take `seconds` each, 2 ms a token in and 50 ms a token out."""
    store = CallStore(path)
    for n in range(calls):
        tokens_in, tokens_out = 100 * (n % 7), 10 * (n % 5)
        took = seconds + 0.002 * tokens_in + 0.05 * tokens_out
        reply = Reply(text="", tokens_in=tokens_in, tokens_out=tokens_out, seconds=took)
        store.put(f"{seconds}-{n}", "r", {"model": model}, StoredCall(status="ok", reply=reply))
    store.close()
    return path


def test_seconds_of_a_call_and_of_its_tokens_are_told_apart(tmp_path: Path) -> None:
    found = pace(kept(tmp_path / "calls.sqlite", 30), SERVER)
    assert found
    assert found[:3] == pytest.approx((1.0, 0.002, 0.05), abs=1e-6)
    assert found.hours(400, 10_000, 2_000) == pytest.approx((400 + 20 + 100) / 4 / 3600)


def test_the_latest_calls_count(tmp_path: Path) -> None:
    kept(tmp_path / "calls.sqlite", 40, seconds=9.0)
    found = pace(kept(tmp_path / "calls.sqlite", MOST_CALLS, seconds=1.0), SERVER)
    assert found
    assert found.call == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(("calls", "at_once"), [(A_RUN - 1, 1), (A_RUN, 2)], ids=["the-doctors", "of-a-run"])
def test_slots_that_share_a_processor_are_no_quicker_until_a_run_tells(
    tmp_path: Path, calls: int, at_once: int
) -> None:
    weights = tmp_path / "toy.gguf"
    weights.write_bytes(b"GGUF")
    config = ModelConfig.model_validate({"model": str(weights), "calls_at_once": 2})
    found = pace(kept(tmp_path / "calls.sqlite", calls, identity_of(config)), config)
    assert found
    assert found.at_once == at_once


def test_without_a_kept_call_or_a_store_nothing_is_known(tmp_path: Path) -> None:
    assert pace(tmp_path / "none.sqlite", SERVER) is None
    assert pace(kept(tmp_path / "calls.sqlite", 3, "another"), SERVER) is None
    (tmp_path / "torn.sqlite").write_bytes(b"no store at all")
    assert pace(tmp_path / "torn.sqlite", SERVER) is None


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
