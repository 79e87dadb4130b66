"""What a server does to an answer, or in place of one, and what comes of it: the table of docs/servers.md."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp.test_utils import TestServer
from pydantic import BaseModel

from agents.errors import (
    EndpointError,
    FailedCall,
    LongPrompt,
    ModelError,
    RateLimited,
    RefusedPrompt,
    RefusedReply,
    TruncatedReply,
    UnreadableReply,
    UselessReplies,
)
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect
from agents.models.openai_backend import OpenAIBackend
from agents.models.store import CallStore
from agents.roles.extractor import Look
from agents.roles.question_writer import UnknownDraft
from agents.roles.role import Role
from bench.server.habits import FORBIDDEN, HABITS, REFUSALS, SHAPES
from bench.server.serve import Served, application

ROLE = Role("toy", UnknownDraft, "Ask about {{what}}: plain.", max_tokens=60)
DOCS = Path(__file__).parents[3] / "docs" / "servers.md"


@dataclass
class Asked:
    """What came of a role that was asked for these things, one after the other."""

    found: list[Any] = field(default_factory=list)
    requests: int = 0
    told: list[str] = field(default_factory=list)
    estimated: int = 0
    dialect: Dialect = field(default_factory=Dialect)


def asked(tmp_path: Path, habits: tuple[str, ...], *names: str, role: Role[Any] = ROLE, **config: Any) -> Asked:
    """The object, or the error, for each of `names`; it ends at an error that ends a run."""
    came = Asked()

    async def all_of_them() -> None:
        served = Served(latency=0.0, habits=habits)
        app = application(served)

        async def counted(request: Any, handler: Any) -> Any:
            came.requests += 1
            return await handler(request)

        app.middlewares.append(_middleware(counted))
        async with TestServer(app) as server:
            told = {"provider": "openai", "model": "toy", "base_url": str(server.make_url("/v1")), "retries": 1}
            model = ModelConfig.model_validate({**told, "api_key_env": "TOY_KEY", "timeout": 20, **config})
            client = Client(OpenAIBackend(model), CallStore(tmp_path / "calls.sqlite"), model)
            client.tell = came.told.append
            try:
                for name in names:
                    came.found.append(await _one(client, role, name))
            finally:
                came.estimated, came.dialect = client.usage["estimated"], client.dialect
                await client.backend.close()

    asyncio.run(all_of_them())
    return came


def _middleware(handler: Callable[..., Any]) -> Any:
    from aiohttp.web import middleware

    return middleware(handler)


async def _one(client: Client, role: Role[Any], name: str) -> BaseModel | ModelError:
    try:
        return await role.ask(client, what=name)
    except (FailedCall, RefusedReply, UnreadableReply) as error:
        return error


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.models.openai_backend.HICCUP", 0.0)
    monkeypatch.setenv("TOY_KEY", "sk-toy-0123456789")


GULL = UnknownDraft(question="What is the favourite song of Gull, asked plain?")
LOST = {"no content", "no choice", "null for choices", "half an object"}


@pytest.mark.parametrize(
    "habit", [*(habit for habit in SHAPES if habit not in LOST), "streams only", "streams unasked"]
)
def test_a_reply_of_any_shape_is_read(tmp_path: Path, habit: str) -> None:
    came = asked(tmp_path, (habit,), "Gull", "Gull Point")
    assert came.found[0] == GULL
    assert came.requests == (3 if habit == "streams only" else 2)  # found out by one request
    assert bool(came.estimated) is (habit == "no usage")
    assert not came.told


def test_what_there_is_of_half_an_object_is_read(tmp_path: Path) -> None:
    names = "Anna Berg met Karl Holm, Paul Dane, Wenna Tolley, Bastow Pask and Orla Dunn at Lund."
    look = Role("toy", Look, "<document>\n{{what}}\n</document>", max_tokens=60)
    (whole,) = asked(tmp_path / "whole", (), names, role=look).found
    (half,) = asked(tmp_path, ("half an object",), names, role=look).found
    assert half.entities[:-1] == whole.entities[: len(half.entities) - 1]
    assert 2 < len(half.entities) < len(whole.entities)


@pytest.mark.parametrize(
    ("habit", "error"),
    [("no content", UnreadableReply), ("no choice", FailedCall), ("null for choices", FailedCall)],
    ids=["no-content", "no-choice", "null-for-choices"],
)
def test_an_answer_without_a_reply_fails_its_item_alone(tmp_path: Path, habit: str, error: type[ModelError]) -> None:
    came = asked(tmp_path, (habit,), "Gull", "Gull Point")
    assert [type(one) for one in came.found] == [error, error]
    assert came.requests == 4  # one more try each


@pytest.mark.parametrize(
    ("habit", "error", "said"),
    [
        ("wrong key", EndpointError, "answered 401: Incorrect API key provided.*\n.*key in TOY_KEY"),
        ("a page for a 403", EndpointError, "answered 403: Forbidden ray 99\n"),
        ("plain text", EndpointError, "answered 401: no\n"),
        ("no such model", EndpointError, "answered 404: model .toy. not found, try pulling it first\n.*check model"),
        ("exhausted quota", EndpointError, "answered 429: You exceeded your current quota\n.*billing"),
        ("no balance", EndpointError, "answered 402: Insufficient Balance"),
        ("quota under a 200", EndpointError, "answered 402: Insufficient credits"),
        ("long pause", RateLimited, "(?s)answered 429: Rate limit reached.*pause of 1 h 0 min, until .*longest_wait"),
        ("pause until a date", RateLimited, "on 21 October 2099|on 20 October 2099|on 22 October 2099"),
    ],
    ids=lambda one: one.replace(" ", "-") if isinstance(one, str) and "answered" not in one else "",
)
def test_what_is_wrong_for_all_ends_the_run_with_the_servers_words_after_one_request(
    tmp_path: Path, habit: str, error: type[ModelError], said: str
) -> None:
    with counted_requests(1), pytest.raises(error, match=said):
        asked(tmp_path, (habit,), "Gull")


@contextmanager
def counted_requests(most: int) -> Iterator[None]:
    """Fails where a client sends more requests."""
    calls: list[int] = []
    answered = OpenAIBackend._answered

    async def one(self: OpenAIBackend, *args: Any) -> Any:
        calls.append(1)
        return await answered(self, *args)

    with patch.object(OpenAIBackend, "_answered", one):
        yield
    assert len(calls) <= most


def test_an_error_under_a_200_is_tried_again_and_then_ends_the_run(tmp_path: Path) -> None:
    with counted_requests(2), pytest.raises(EndpointError, match="answered 502: Provider returned error"):
        asked(tmp_path, ("error under a 200",), "Gull")


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_a_prompt_that_a_filter_stops_costs_one_request_and_the_others_go_on(tmp_path: Path, first: bool) -> None:
    names = [FORBIDDEN, "Gull"] if first else ["Gull", FORBIDDEN]
    came = asked(tmp_path, ("filter",), *names)
    assert came.requests == 2
    refused = came.found[names.index(FORBIDDEN)]
    assert (type(refused), refused.reason) == (RefusedPrompt, "refused prompt")
    assert "content management policy" in refused.raw
    assert came.found[names.index("Gull")] == GULL


def test_a_schema_that_a_server_passes_over_is_put_into_the_prompt_when_two_replies_were_prose(tmp_path: Path) -> None:
    came = asked(tmp_path, ("passes over schemas",), "Gull", "Lund", "Marrow")
    assert type(came.found[0]) is UnreadableReply
    told = [GULL.question.replace("Gull", name) for name in ("Lund", "Marrow")]
    assert [one.question for one in came.found[1:]] == told
    assert came.requests == 5  # the first and its re-ask, the second twice, the third
    assert came.dialect == Dialect(rung="json_object")


def test_a_limit_that_a_server_passes_over_is_sent_under_its_other_name(tmp_path: Path) -> None:
    came = asked(tmp_path, ("passes over max_completion_tokens",), "Gull", "Lund")
    assert (came.found[0], came.requests) == (GULL, 3)
    assert came.dialect == Dialect(without=("max_completion_tokens",))


@pytest.mark.parametrize(("tokens", "said"), [(40, "cut off at 40 tokens, though 900 were"), (890, "cut off at 900")])
def test_a_reply_that_another_limit_cut_off_says_so(tmp_path: Path, tokens: int, said: str) -> None:
    def cut(body: dict[str, Any]) -> dict[str, Any]:
        choice = {**body["choices"][0], "finish_reason": "length"}
        return {**body, "choices": [choice], "usage": {**body["usage"], "completion_tokens": tokens}}

    with patch.dict(SHAPES, {"cut": cut}), pytest.raises(TruncatedReply, match=said):
        asked(tmp_path, ("cut",), "Gull", role=replace(ROLE, max_tokens=900))


def test_a_prompt_that_is_too_long_costs_one_request_and_the_others_go_on(tmp_path: Path) -> None:
    came = asked(tmp_path, ("short context",), "Gull " * 100, "Gull")
    assert (type(came.found[0]), came.found[1], came.requests) == (LongPrompt, GULL, 2)


def test_a_server_that_refuses_every_request_without_a_reason_is_given_up_after_three(tmp_path: Path) -> None:
    four = counted_requests(4)  # one of them in the plainest form
    with four, pytest.raises(UselessReplies, match=r"the last 3 replies.*answered 400: Bad Request"):
        asked(tmp_path, ("a refusal without a reason",), *(str(n) for n in range(9)))


def test_so_many_unreadable_replies_in_a_row_end_the_run_with_a_sample(tmp_path: Path) -> None:
    with counted_requests(6), pytest.raises(UselessReplies, match=r"(?s)the last 6 replies of toy.*useless_replies"):
        asked(tmp_path, ("no content",), *(str(n) for n in range(9)), useless_replies=6)


def test_a_pause_that_may_be_waited_for_is_told_and_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.models.client.TOLD_PAUSE", 0.0)
    status, body, _ = REFUSALS["long pause"]
    monkeypatch.setitem(REFUSALS, "long pause", (status, body, {"Retry-After": "0.2"}))
    told: list[str] = []
    monkeypatch.setattr(Client, "_tell_once", lambda self, line: told.append(line))
    with counted_requests(2), pytest.raises(RateLimited, match="answered 429: Rate limit reached"):
        asked(tmp_path, ("long pause",), "Gull")
    assert "asks for a pause of 0 s" in told[0]


def test_every_habit_has_its_row_in_the_documentation() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    named = {name.strip() for row in rows for name in row.split(";")}
    assert set(HABITS) <= named
