"""The doctor asks every model for what the recipes need, and says what will be used in place of what is not there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from agents.model_checks import Check, _length, _object, _verdict, model_checks
from agents.models.config import ModelConfig, RolesConfig
from agents.models.dialect import Dialect
from agents.models.request import Request
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply
from agents.roles.registry import roles_config
from bench.server.faults import Faults
from bench.server.habits import PASSED_OVER
from bench.server.serve import Served, application
from tests.conftest import client_of


@contextmanager
def serving(served: Served) -> Iterator[str]:
    """The URL of a scripted server in a thread of its own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    server = TestServer(application(served), loop=loop)

    def run() -> None:
        loop.run_until_complete(server.start_server())
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield str(server.make_url("/v1"))
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def looked(folder: Path, served: Served, **config: Any) -> dict[str, Check]:
    """What is found of the model `t`, by name without it."""
    with serving(served) as url:
        usual = {"provider": "openai", "model": "m", "base_url": url, "api_key_env": "NO_KEY", "retries": 0}
        model = ModelConfig.model_validate({**usual, **config})
        found = model_checks({"t": model}, {"t"}, roles("t"), folder / "calls.sqlite")
        return {check.name.removeprefix("model t: "): check for check in found}


def roles(name: str) -> RolesConfig:
    return roles_config().model_validate({"default": name})


def learned(folder: Path) -> Dialect:
    store = CallStore(folder / "calls.sqlite")
    try:
        return store.dialect("m")
    finally:
        store.close()


def test_a_model_that_takes_everything_is_found_good_for_every_need(tmp_path: Path) -> None:
    found = looked(tmp_path, Served(latency=0), price_in=1.0, price_out=4.0)
    assert [*found] == ["reply", "object", "yes or no", "length", "takes", "price"]
    assert {name for name, check in found.items() if check.state == "fault"} == set()
    assert "by json_schema" in found["object"].found
    assert "by probability" in found["yes or no"].found
    assert found["takes"].found == "all that is sent"
    assert "1.0 and 4.0 USD" in found["price"].found


def test_as_much_room_is_asked_for_as_the_config_gives_a_reply(tmp_path: Path) -> None:
    found = looked(tmp_path, Served(latency=0), max_tokens={"question_writer": 5000, "critic": 5000})
    assert "room for 6,000 out" in found["length"].found  # of reports, whose limit is as it was


INSTEAD = {
    "no-temperature": ({"habits": ("temperature",)}, "temperature is left out", Dialect(without=("temperature",))),
    "no-log-probabilities": ({"habits": ("logprobs",)}, "reasoned verdict", Dialect(without=("logprobs",))),
    "none-came": ({"logprobs": False}, "reasoned verdict", Dialect(without=("logprobs",))),
    "passes-over-all-of-it": (
        {"habits": (*PASSED_OVER,)},
        "by json_object; yes or no is decided by a reasoned verdict; its limit is called max_tokens",
        Dialect(rung="json_object", without=("logprobs", "max_completion_tokens")),
    ),
    "thinks": ({"habits": ("thinks",)}, "thinks first", Dialect(thinks=True)),
    "a-bare-500-for-objects": (
        {"habits": ("response_format-500",)},
        "objects are asked for by tools",
        Dialect(rung="tools"),
    ),
    "a-bare-500-for-the-system-role": (
        {"habits": ("system-500",)},
        "what the system says stands in the question",
        Dialect(without=("system",)),
    ),
    "a-bad-request-without-a-word": (
        {"habits": ("bad-request", "tools")},
        "objects are asked for by prompt",
        Dialect(rung="prompt"),
    ),
}


@pytest.mark.parametrize(("habit", "words", "dialect"), INSTEAD.values(), ids=INSTEAD)
def test_what_is_used_instead_is_told_and_kept_for_the_run(
    tmp_path: Path, habit: dict[str, Any], words: str, dialect: Dialect
) -> None:
    found = looked(tmp_path, Served(latency=0, **habit))
    assert (found["takes"].state, words in found["takes"].found) == ("note", True)
    assert learned(tmp_path) == dialect
    assert not [check for check in found.values() if check.state == "fault"]


def test_an_unknown_price_is_a_question_mark(tmp_path: Path) -> None:
    assert looked(tmp_path, Served(latency=0))["price"].found.startswith("? USD")


def test_a_model_that_cannot_be_asked_is_a_fault_with_the_servers_own_words(tmp_path: Path) -> None:
    found = looked(tmp_path, Served(latency=0), base_url="http://127.0.0.1:9/v1")
    assert [*found] == ["reply"]
    assert found["reply"].state == "fault"
    assert "http://127.0.0.1:9/v1" in found["reply"].found


def test_a_model_that_does_not_stop_is_asked_for_all_the_rest(tmp_path: Path) -> None:
    found = looked(tmp_path, Served(latency=0, faults=Faults(1.0, ("length",), 0, most=10**6)))
    assert (found["reply"].state, "and goes on" in found["reply"].found) == ("note", True)
    assert {"object", "yes or no"} <= found.keys()
    assert (found["length"].state, "does not stop" in found["length"].found) == ("note", True)


class Slow(ScriptedModel):
    """Thinks longer than anyone waits."""

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        await asyncio.sleep(9)
        return Reply(text="")


SLOW = {
    "object": lambda client: _object("object", client, 100),
    "yes-or-no": lambda client: _verdict("yes or no", client),
    "length": lambda client: _length("length", client, 100),
}


@pytest.mark.parametrize("asked", SLOW.values(), ids=SLOW)
def test_what_takes_longer_than_the_doctor_waits_is_no_fault_and_teaches_nothing(asked: Any) -> None:
    client = client_of(Slow({}), timeout=0.05)
    check = asyncio.run(asked(client))
    assert check.state == "note"
    assert "did not answer within 0.05 s: too slow for many pages" in check.found
    assert client.dialect == Dialect()


def test_a_role_whose_model_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (check,) = model_checks({}, set(), roles("strong"), tmp_path / "calls.sqlite")
    assert (check.state, "add [models.strong]" in check.found) == ("fault", True)


def test_the_calls_of_the_doctor_are_kept_with_their_seconds_for_the_plan(tmp_path: Path) -> None:
    looked(tmp_path, Served(latency=0.05))
    store = CallStore(tmp_path / "calls.sqlite")
    rows = [row for row in store.stats() if row["role"].startswith("doctor")]
    assert rows
    assert all(row["seconds"] >= 0.05 for row in rows)
    store.close()
