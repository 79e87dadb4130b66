"""The one path to every model: count, store, limit, retry, call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from agents.errors import (
    BudgetReached,
    EndpointError,
    FailedCall,
    MissingReply,
    RateLimited,
    RefusedReply,
    TruncatedReply,
    UnreadableReply,
)
from agents.models.budget import Budget, Caps, total_usage
from agents.models.client import Busy, Client, Request
from agents.models.config import ModelConfig
from agents.models.dialect import LADDER, Dialect, Unsupported
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply
from agents.roles.critic import p_yes
from agents.roles.role import Role
from tests.conftest import client_of


class Answer(BaseModel):
    """What the toy role answers."""

    word: str = Field(min_length=2)


ROLE = Role("toy", Answer, "Say {{what}}.", max_tokens=10)


def request(prompt: str = "Hello?", **changes: str) -> Request:
    return Request(**{"role": "toy", "messages": [{"role": "user", "content": prompt}], "max_tokens": 10, **changes})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CallStore]:
    store = CallStore(tmp_path / "calls.sqlite")
    yield store
    store.close()


def ask(client: Client, *requests: Request) -> list[Reply]:
    async def all_of_them() -> list[Reply]:
        return await asyncio.gather(*(client.ask(r) for r in requests))

    return asyncio.run(all_of_them())


class Counting:
    """A model that notes how many calls are under way."""

    def __init__(self) -> None:
        self.identity = "counting"
        self.spare = 0
        self.now = self.most = self.calls = 0

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        self.calls += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.002)
        self.now -= 1
        return Reply(text="done", tokens_in=3, tokens_out=1)


def test_a_call_in_the_store_takes_no_slot_and_no_try(store: CallStore) -> None:
    model = Counting()
    ask(client_of(model, store), request())
    again = client_of(model, store)
    ask(again, request())
    assert model.calls == 1
    assert dict(again.usage) == {"asked": 1, "from_store": 1}


def test_usage_counts_asked_stored_called_and_tokens(store: CallStore) -> None:
    client = client_of(Counting(), store)
    ask(client, request("a"), request("b"))
    ask(client, request("a"))
    assert total_usage([client.usage]) == {
        "asked": 3,
        "from_store": 1,
        "called": 2,
        "tries": 2,
        "tokens_in": 6,
        "tokens_out": 2,
    }


def test_the_same_prompt_twice_at_once_is_one_call(store: CallStore) -> None:
    model = Counting()
    replies = ask(client_of(model, store, calls_at_once=8), *[request()] * 5)
    assert model.calls == 1
    assert len(set(r.text for r in replies)) == 1


def test_no_more_calls_at_once_than_the_config_says(store: CallStore) -> None:
    model = Counting()
    ask(client_of(model, store, calls_at_once=3), *[request(str(n)) for n in range(20)])
    assert (model.most, model.calls) == (3, 20)


def test_a_call_is_committed_before_its_caller_sees_it(store: CallStore) -> None:
    client = client_of(Counting(), store)
    seen = []

    async def look() -> None:
        await client.ask(request())
        other = CallStore(store.path)
        seen.append(other.count())
        other.close()

    asyncio.run(look())
    assert seen == [1]


def test_a_busy_server_is_asked_again_until_it_answers(store: CallStore) -> None:
    replies = [Busy(RateLimited("429"), after=0.0), Busy(EndpointError("500"), after=0.0), "at last"]
    model = ScriptedModel({"toy": lambda inputs: replies.pop(0)})
    client = client_of(model, store, retries=2)
    assert ask(client, request())[0].text == "at last"
    assert client.usage["tries"] == 3


def test_after_the_last_try_the_error_of_the_server_is_raised(store: CallStore) -> None:
    model = ScriptedModel({"toy": lambda inputs: Busy(RateLimited("429 still"), after=0.0)})
    client = client_of(model, store, retries=1)
    with pytest.raises(RateLimited, match="429 still"):
        ask(client, request())
    assert (client.usage["tries"], store.count()) == (2, 0)


def test_one_call_that_always_fails_fails_alone_while_others_succeed(store: CallStore) -> None:
    model = ScriptedModel(
        {"toy": lambda inputs: "fine", "bad": lambda inputs: Busy(EndpointError("500 for this one"), after=0.0)}
    )
    client = client_of(model, store, retries=1, calls_at_once=1)

    async def both() -> None:
        bad = asyncio.create_task(client.ask(request("bad", role="bad")))
        for n in range(20):
            await client.ask(request(str(n)))
        with pytest.raises(FailedCall, match="500 for this one"):
            await bad

    asyncio.run(both())
    assert sum(r.role == "bad" for r in model.requests) == 6


def test_429_ends_no_call_while_the_server_answers_others(store: CallStore) -> None:
    answers = [Busy(RateLimited("429"), after=0.0)] * 30 + ["at last"]
    model = ScriptedModel({"toy": lambda inputs: "fine", "late": lambda inputs: answers.pop(0)})
    client = client_of(model, store, retries=1, calls_at_once=1)

    async def both() -> Reply:
        late = asyncio.create_task(client.ask(request("late", role="late")))
        while not late.done():
            await client.ask(request(str(len(model.requests))))
        return await late

    assert asyncio.run(both()).text == "at last"


class Hanging(Counting):
    """Never answers."""

    async def call(self, request: Request, dialect: Dialect) -> None:
        self.calls += 1
        await asyncio.sleep(60)


def test_a_call_that_hangs_is_ended_and_tried_again(store: CallStore) -> None:
    model = Hanging()
    with pytest.raises(EndpointError, match="did not answer within 0.02 s"):
        ask(client_of(model, store, retries=1, timeout=0.02), request())
    assert model.calls == 2


def test_after_the_cap_no_call_is_made_and_those_under_way_are_kept(store: CallStore) -> None:
    model = Counting()
    client = Client(model, store, ModelConfig(calls_at_once=4), budget=Budget(Caps(calls=6)))
    with pytest.raises(BudgetReached, match="--max-calls 6 is reached"):
        ask(client, *(request(str(n)) for n in range(10)))
    assert (model.calls, store.count()) == (6, 6)


@pytest.mark.parametrize(
    ("error", "status"),
    [(TruncatedReply("cut", raw='{"wo'), "truncated"), (RefusedReply("no", raw="I cannot"), "refused")],
    ids=["truncated", "refused"],
)
def test_a_failed_reply_is_kept_as_evidence_asked_again_live_and_fails_again_in_replay(
    store: CallStore, error: TruncatedReply | RefusedReply, status: str
) -> None:
    model = ScriptedModel({"toy": lambda inputs: error})
    client = client_of(model, store)
    with pytest.raises(type(error)):
        ask(client, request())
    (key,) = client.keys
    kept = store.get(key)
    assert kept is not None
    assert (kept.status, kept.reply.text) == (status, error.raw)
    with pytest.raises(type(error), match=f"toy: recorded as {status}"):
        ask(client_of(model, store, replay=True), request())
    assert len(model.requests) == 1
    model.scripts["toy"] = lambda inputs: "whole"
    assert ask(client_of(model, store), request())[0].text == "whole"


@pytest.mark.parametrize(
    ("error", "times"),
    [(TruncatedReply("cut", raw="Two"), 1), (TruncatedReply("all thought"), 2), (RefusedReply("no", raw="no"), 2)],
    ids=["cut off", "cut off before a word", "refused"],
)
def test_a_reply_that_is_of_use_though_it_was_cut_off_is_paid_once(
    store: CallStore, error: TruncatedReply | RefusedReply, times: int
) -> None:
    model = ScriptedModel({"toy": lambda inputs: error})
    for _ in range(2):
        with pytest.raises(type(error)) as told:
            ask(client_of(model, store), request().model_copy(update={"cut_is_reply": True}))
        assert told.value.raw == error.raw
    assert len(model.requests) == times


def test_in_replay_a_missing_reply_names_role_and_prompt_and_nothing_is_called(store: CallStore) -> None:
    model = Counting()
    with pytest.raises(MissingReply, match=r"role toy, prompt 'Who was it\?'.*\n.*make record"):
        ask(client_of(model, store, replay=True), request("Who was it?"))
    assert model.calls == 0


def test_an_unreadable_reply_is_asked_for_again_live(store: CallStore) -> None:
    model = ScriptedModel({"toy": lambda inputs: "no JSON"})
    for times in (1, 2):
        with pytest.raises(UnreadableReply):
            asyncio.run(ROLE.ask(client_of(model, store), what="hi"))
        assert len(model.requests) == 2 * times  # the prompt and its re-ask


def test_in_replay_an_unreadable_reply_is_served_so_that_its_re_ask_follows(store: CallStore) -> None:
    replies = ["no JSON", '{"word": "found"}']
    model = ScriptedModel({"toy": lambda inputs: replies.pop(0)})
    asyncio.run(ROLE.ask(client_of(model, store), what="hi"))
    replayed = client_of(model, store, replay=True)
    assert asyncio.run(ROLE.ask(replayed, what="hi")).word == "found"
    assert dict(replayed.usage) == {"asked": 2, "from_store": 2}


@pytest.mark.parametrize(
    "config",
    [
        {"base_url": "http://elsewhere/v1"},
        {"api_key_env": "OTHER"},
        {"timeout": 1.0},
        {"calls_at_once": 1, "retries": 9},
    ],
    ids=["url", "key", "timeout", "limits"],
)
def test_how_a_model_is_reached_does_not_change_the_key(store: CallStore, config: dict[str, Any]) -> None:
    model = Counting()
    ask(client_of(model, store), request())
    ask(client_of(model, store, **config), request(role="another role"))
    assert model.calls == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sample": 1},
        {"temperature": 0.5},
        {"max_tokens": 11},
        {"logprobs": True},
        {"json_schema": {"type": "object"}, "schema_name": "S"},
    ],
    ids=["sample", "temperature", "max-tokens", "logprobs", "schema"],
)
def test_what_decides_a_reply_changes_the_key(store: CallStore, change: dict[str, Any]) -> None:
    model = Counting()
    client = client_of(model, store)
    ask(client, request(), request(**change))
    assert model.calls == 2


class NoSchema(ScriptedModel):
    """A server that knows only the rungs from `first` on."""

    def __init__(self, scripts: dict[str, Callable[[Any], str]], first: str = "prompt") -> None:
        super().__init__(scripts)
        self.first = first

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        if LADDER.index(dialect.rung) < LADDER.index(self.first):
            self.requests.append(request)
            raise Unsupported(dialect.rung)
        return await super().call(request, dialect)


@pytest.mark.parametrize("rung", LADDER)
def test_a_role_goes_down_the_ladder_to_what_the_server_knows_and_another_client_remembers(
    store: CallStore, rung: str
) -> None:
    model = NoSchema({"toy": lambda inputs: 'Here: {"word": "found"}'}, rung)
    assert asyncio.run(ROLE.ask(client_of(model, store), what="hi")).word == "found"
    assert len(model.requests) == LADDER.index(rung) + 1
    other = client_of(model, store)
    assert other.dialect.rung == rung
    asyncio.run(ROLE.ask(other, what="hi"))
    assert len(model.requests) == LADDER.index(rung) + 1


@pytest.mark.parametrize(
    ("rung", "told"), [("json_schema", False), ("tools", False), ("json_object", True), ("prompt", True)]
)
def test_the_object_stands_in_the_prompt_where_the_server_is_not_told_its_schema(
    store: CallStore, rung: str, told: bool
) -> None:
    model = NoSchema({"toy": lambda inputs: '{"word": "found"}'}, rung)
    asyncio.run(ROLE.ask(client_of(model, store), what="hi"))
    assert ('{"word": "…"}' in model.requests[-1].messages[-1]["content"]) is told


def test_many_calls_that_find_out_at_once_are_all_kept_under_the_prompt_rung(store: CallStore) -> None:
    model = NoSchema({"toy": lambda inputs: '{"word": "found"}'})

    async def many(client: Client) -> list[Answer]:
        return await asyncio.gather(*(ROLE.ask(client, what=str(n)) for n in range(6)))

    asyncio.run(many(client_of(model, store, calls_at_once=2)))
    replayed = client_of(model, store, replay=True)
    assert len(asyncio.run(many(replayed))) == 6
    assert replayed.usage["from_store"] == 6


@pytest.mark.parametrize(
    ("logprobs", "expected"),
    [
        ({"yes": -0.1, "no": -3.0}, 0.948),
        ({" Yes": -0.5, "YES": -2.0, '"no': -1.0}, 0.6685),
        ({"yes": 0.0}, 1.0),
        ({"maybe": -0.1}, None),
        ({}, None),
    ],
    ids=["plain", "spellings", "only-yes", "neither", "no-logprobs"],
)
def test_p_yes_is_yes_over_yes_and_no(logprobs: dict[str, Any], expected: float | None) -> None:
    assert p_yes(Reply(text="", top_logprobs=logprobs)) == pytest.approx(expected, abs=1e-3)


def test_a_client_of_an_unknown_model_starts_with_json_schema(store: CallStore) -> None:
    assert Client(Counting(), store, ModelConfig()).dialect == Dialect()


def test_an_empty_answer_is_not_paid_for_again_and_again_while_others_succeed(store: CallStore) -> None:
    model = ScriptedModel(
        {"toy": lambda inputs: "fine", "bad": lambda inputs: Busy(FailedCall("no choice"), after=0.0, sent=True)}
    )
    client = client_of(model, store, retries=1, calls_at_once=1)

    async def both() -> None:
        bad = asyncio.create_task(client.ask(request("bad", role="bad")))
        for n in range(20):
            await client.ask(request(str(n)))
        with pytest.raises(FailedCall, match="no choice"):
            await bad

    asyncio.run(both())
    assert sum(r.role == "bad" for r in model.requests) == 2
