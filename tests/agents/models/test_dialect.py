"""What a model takes is found out from its server's own words, once, against the scripted server with its habits."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from agents.errors import EndpointError, TruncatedReply
from agents.models.budget import Budget
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.dialect import LADDER, Dialect, unsupported
from agents.models.openai_backend import OpenAIBackend
from agents.models.store import CallStore
from agents.roles.critic import GATES, judge
from agents.roles.extractor import EXTRACTOR
from agents.roles.role import fence
from bench.server.parameters import PARAMETERS
from bench.server.serve import Served, application

PAGE = "Ann Hale sold 40 lanterns to Tom Brisk."
GATE = next(gate for gate in GATES if gate.name == "answerable")


class Outcome:
    """What a model with habits came to: its reply, its P(yes), and what it took to get them."""

    def __init__(self, path: Path, habits: tuple[str, ...], **config: Any) -> None:
        self.config = ModelConfig.model_validate({"provider": "openai", "model": "m", "retries": 0, **config})
        self.served, self.store, self.budget = Served(latency=0, habits=habits), CallStore(path), Budget()
        asyncio.run(self._ask())

    async def _ask(self) -> None:
        async with TestServer(application(self.served)) as server:
            config = self.config.model_copy(update={"base_url": str(server.make_url("/v1")), "api_key_env": "NO_KEY"})
            client = Client(OpenAIBackend(config), self.store, config, budget=self.budget)
            try:
                self.found = await EXTRACTOR.ask(client, document=fence(PAGE), types="person", known="")
                self.p = await judge(client, GATE, PAGE, {"question": "Who sold lanterns?", "answer": "Ann Hale"})
            finally:
                self.dialect, self.keys, self.usage = client.dialect, client.keys, client.usage
                await client.backend.close()

    @property
    def refusals(self) -> dict[str, int]:
        """How often the server refused, by habit."""
        return dict(self.served.account.errors)


HABITS: dict[str, tuple[tuple[str, ...], Dialect]] = {
    "none": ((), Dialect()),
    "no-temperature": (("temperature",), Dialect(without=("temperature",))),
    "no-log-probabilities": (("logprobs",), Dialect(without=("logprobs",))),
    "fewer-log-probabilities": (("many-logprobs",), Dialect(without=("many_logprobs",))),
    "the-older-limit": (("max_completion_tokens",), Dialect(without=("max_completion_tokens",))),
    "no-limit": (("max_completion_tokens", "max_tokens"), Dialect(without=("max_completion_tokens", "max_tokens"))),
    "no-system-role": (("system",), Dialect(without=("system",))),
    "no-strict-schemas": (("strict",), Dialect(without=("strict",))),
    "no-schemas": (("json_schema",), Dialect(rung="tools")),
    "no-schemas-no-tools": (("json_schema", "tools"), Dialect(rung="json_object")),
    "gpt-5": (("temperature", "logprobs", "max_tokens"), Dialect(without=("logprobs", "temperature"))),
}


@pytest.mark.parametrize(("habits", "learned"), HABITS.values(), ids=HABITS)
def test_what_a_server_refuses_is_left_out_and_the_request_is_asked_once_more(
    tmp_path: Path, habits: tuple[str, ...], learned: Dialect
) -> None:
    first = Outcome(tmp_path / "calls.sqlite", habits)
    assert first.dialect == learned
    assert sum(first.refusals.values()) == len(learned.without) + LADDER.index(learned.rung)  # one request each
    assert first.found.entities == ["person: Ann Hale", "person: Tom Brisk"]
    assert first.p > 0.9
    assert first.store.count() == len(first.keys) == 2
    assert first.budget.spent.calls == 2 + sum(first.refusals.values())  # each is a request under the caps


@pytest.mark.parametrize(("habits", "learned"), HABITS.values(), ids=HABITS)
def test_what_was_learned_is_kept_for_the_next_start_and_told(
    tmp_path: Path, habits: tuple[str, ...], learned: Dialect
) -> None:
    kept = CallStore(tmp_path / "calls.sqlite")
    kept.set_dialect("m", learned)
    kept.close()
    again = Outcome(tmp_path / "calls.sqlite", habits)
    assert (again.refusals, again.dialect) == ({}, learned)
    assert len([*learned.words()]) == len(learned.without) + (learned.rung != "json_schema")


def test_the_table_of_habits_in_the_docs_says_what_the_program_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "servers.md").read_text(encoding="utf-8")
    told = {row.split(" | ")[-1].strip("` |"): row for row in page.splitlines() if row.startswith("| ")}
    for habit, (_, learned) in HABITS.items():
        if habit not in ("none", "gpt-5"):  # which is made of others
            assert list(learned.words())[-1] in told[habit]
    assert set(PARAMETERS) == {habit for habits, _ in HABITS.values() for habit in habits} | {
        "seed",
        "reasoning_effort",
        "response_format-500",
        "bad-request",
        "bare-logprobs",
        "bare-temperature",
        "system-500",
    }


def test_a_limit_spent_on_thoughts_is_raised_and_the_thoughts_are_charged(tmp_path: Path) -> None:
    done = Outcome(tmp_path / "calls.sqlite", ("thinks",))
    assert done.dialect == Dialect(thinks=True)
    assert (done.found.entities[0], done.p) == ("person: Ann Hale", 1.0)
    assert (done.served.account.stats()["requests"], done.store.count()) == (3, 2)
    assert done.budget.spent.tokens > done.usage["tokens_in"] + done.usage["tokens_out"]


@pytest.mark.parametrize("tokens", [1_000, 9_000], ids=["enough", "plenty"])
def test_an_allowance_that_is_set_is_there_from_the_first_call(tmp_path: Path, tokens: int) -> None:
    done = Outcome(tmp_path / "calls.sqlite", ("thinks",), reasoning_tokens=tokens)
    assert done.served.account.stats()["requests"] == 2


@pytest.mark.parametrize("tokens", [0, 50])
def test_an_allowance_that_is_too_small_is_named(tmp_path: Path, tokens: int) -> None:
    with pytest.raises(TruncatedReply, match=r"raise reasoning_tokens of \[models.NAME\]"):
        Outcome(tmp_path / "calls.sqlite", ("thinks",), reasoning_tokens=tokens)


def test_a_parameter_of_the_config_that_is_refused_for_good_is_named(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match="does not take json_schema\n.*take it out of extra"):
        Outcome(
            tmp_path / "calls.sqlite",
            ("json_schema", "tools"),
            extra={"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
        )


@pytest.mark.parametrize("name", ["seed", "reasoning_effort"])
def test_a_parameter_that_only_steers_is_left_out_though_the_config_names_it(tmp_path: Path, name: str) -> None:
    own = {"reasoning_effort": "low"} if name == "reasoning_effort" else {"extra": {"seed": 7}}
    assert Outcome(tmp_path / "calls.sqlite", (name,), **own).dialect == Dialect(without=(name,))


BODY = {
    "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
    "max_completion_tokens": 300,
    "temperature": 0.0,
    "response_format": {"type": "json_schema", "json_schema": {"strict": True}},
}
NOT_ABOUT_PARAMETERS = {
    "one-reply": (400, {"message": "Failed to generate JSON.", "code": "json_validate_failed"}),
    "groq-with-its-words": (400, {"message": "Failed to generate JSON.", "failed_generation": '{"x":'}),
    "context": (
        400,
        {"message": "maximum context length is 4096 tokens (300 in the completion, 20 in the functions)."},
    ),
    "limit-too-large": (400, {"message": "max_tokens is too large: 8300."}),
    "filter": (400, {"message": "The response was filtered", "param": "prompt", "code": "content_filter"}),
    "its-own-fault": (500, {"message": "Internal error while reading the JSON of the temperature sensor"}),
    "a-key": (401, {"message": "temperature is not supported"}),
    "quoted-input": (422, [{"loc": ["body", "user"], "msg": "Field required", "input": {"temperature": 0}}]),
}


@pytest.mark.parametrize(("status", "said"), NOT_ABOUT_PARAMETERS.values(), ids=NOT_ABOUT_PARAMETERS)
def test_a_refusal_about_something_else_teaches_nothing(status: int, said: Any) -> None:
    assert unsupported(status, said, BODY) == ""
