"""What a call is charged: stated tokens as stated, else an estimate; a cap holds whatever a server says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.errors import (
    BudgetReached,
    EndpointError,
    ModelError,
    RefusedReply,
    TruncatedReply,
    UnreadableReply,
)
from agents.models.budget import Caps
from agents.models.replies import MOST_REPLY
from agents.models.request import estimated_tokens
from agents.models.store import CallStore
from tests.agents.models.hostile import HI, ROLE, asked, client_at
from tests.agents.models.test_openai_backend import HTML, Server, completion, error


def without_usage(content: str, usage: Any = None) -> dict[str, Any]:
    body = completion(content)
    body["usage"] = usage
    return body


USAGE = {
    "missing": None,
    "nought": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    "text": {"prompt_tokens": "7", "completion_tokens": "many", "total_tokens": "x"},
    "negative": {"prompt_tokens": -7, "completion_tokens": -2, "total_tokens": -9},
    "null": {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
    "beyond-belief": {"prompt_tokens": 10**30, "completion_tokens": 10**30, "total_tokens": 10**30},
    "lists": {"prompt_tokens": [1], "completion_tokens": {}, "total_tokens": []},
    "a-list": [1, 2],
    "a-word": "much",
    "odd-details": {"prompt_tokens": None, "prompt_tokens_details": "x", "completion_tokens_details": 5},
}


@pytest.mark.parametrize("usage", USAGE.values(), ids=USAGE)
def test_where_no_tokens_are_stated_the_estimate_is_charged(server: Server, store: CallStore, usage: Any) -> None:
    server.says((200, without_usage("<think>Who may it be?</think>Bastow Pask keeps it.", usage)))
    client = client_at(server, store, price_in=1.0, price_out=4.0)
    reply = asked(client, HI)[0]
    least_out = estimated_tokens("<think>Who may it be?</think>Bastow Pask keeps it.")
    assert (reply.text, reply.estimated) == ("Bastow Pask keeps it.", True)
    assert (reply.tokens_in, reply.tokens_out) == (HI.most_tokens[0], least_out)
    assert client.budget.spent.tokens == reply.tokens_in + reply.tokens_out
    assert client.budget.spent.cost == pytest.approx((reply.tokens_in + 4 * reply.tokens_out) / 1e6)
    (key,) = client.keys
    assert (kept := store.get(key)) is not None
    assert kept.reply == reply


def test_stated_tokens_are_charged_as_stated_and_kept_without_a_word_more(server: Server, store: CallStore) -> None:
    server.says((200, completion()))
    client = client_at(server, store)
    assert (asked(client, HI)[0].estimated, client.budget.spent.tokens) == (False, 9)
    assert "estimated" not in store._db.execute("SELECT reply FROM calls").fetchone()[0]


def test_a_prompt_in_chinese_is_not_taken_for_a_third_of_its_tokens() -> None:
    assert estimated_tokens("灯塔的看守人是谁" * 100) > 800
    assert estimated_tokens("abc" * 100) == 101


CAPS = {"calls": Caps(calls=7), "tokens": Caps(tokens=2000), "cost": Caps(cost=0.002)}


@pytest.mark.parametrize("caps", CAPS.values(), ids=CAPS)
@pytest.mark.parametrize("answers", ["no-usage", "unreadable", "failing"])
def test_a_cap_holds_without_usage_with_re_asks_and_with_retries(
    server: Server, store: CallStore, caps: Caps, answers: str
) -> None:
    body = {
        "no-usage": without_usage('{"word": "x"}'),
        "unreadable": without_usage("no JSON"),
        "failing": error("later"),
    }[answers]
    server.says((500 if answers == "failing" else 200, body, {"Retry-After": "0"}))
    client = client_at(server, store, caps, price_in=1.0, price_out=1.0, retries=100)

    async def many() -> None:
        for n in range(100):
            try:
                await ROLE.ask(client, what=str(n))
            except UnreadableReply:
                continue

    with pytest.raises(BudgetReached):
        asyncio.run(many())
    sent = sum(estimated_tokens(*(m["content"] for m in request["messages"])) for request in server.asked)
    assert 0 < len(server.asked) == client.budget.spent.calls <= (caps.calls or 100)
    assert sent <= client.budget.spent.tokens <= (caps.tokens or 10**9)
    assert client.budget.spent.cost <= (caps.cost or 10**9) + 1e-9


@pytest.mark.parametrize(
    ("status", "body", "charged"),
    [
        (500, error("x"), True),
        (502, HTML, True),
        (200, HTML, True),
        (429, error("x"), False),
        (401, error("x"), False),
        (404, error("x"), False),
    ],
    ids=["500", "502", "a-page", "429", "401", "404"],
)
def test_a_failed_try_is_charged_only_where_it_may_be_billed(
    server: Server, store: CallStore, status: int, body: Any, charged: bool
) -> None:
    server.says((status, body))
    client = client_at(server, store)
    with pytest.raises(ModelError):
        asked(client, HI)
    assert (client.budget.spent.calls, client.budget.spent.tokens) == (1, sum(HI.most_tokens) if charged else 0)


def test_a_call_that_timed_out_is_charged_and_one_that_never_left_is_not(server: Server, store: CallStore) -> None:
    server.says((200, completion()))
    server.pause = 0.5
    client = client_at(server, store, timeout=0.2)
    with pytest.raises(EndpointError, match="did not answer|cannot be reached"):
        asked(client, HI)
    assert client.budget.spent.tokens == sum(HI.most_tokens)
    alone = client_at(server, store, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(EndpointError, match="cannot be reached"):
        asked(alone, HI)
    assert (alone.budget.spent.calls, alone.budget.spent.tokens) == (1, 0)


def test_a_reply_that_was_cut_off_or_refused_is_bounded(server: Server, store: CallStore) -> None:
    for body, kind in (
        (completion("x" * 500_000, "length"), TruncatedReply),
        (completion(None, refusal="x" * 500_000), RefusedReply),
    ):
        server.says((200, body))
        with pytest.raises(kind) as caught:
            asked(client_at(server, store), HI)
        assert len(caught.value.raw) <= MOST_REPLY + 1
