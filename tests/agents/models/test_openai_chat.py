"""What the SDK is given to look through, and what it sends all the same."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn

import openai
import pytest
from openai.resources.chat.completions import completions

from agents.models.openai_chat import PlainChat

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who keeps the light?"}]


class Sent(Exception):
    """The request, as far as it came."""


@pytest.fixture
def looked_through(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen = []

    async def stop(data: Any, expected_type: Any) -> NoReturn:
        seen.append(data)
        raise Sent

    monkeypatch.setattr(completions, "async_maybe_transform", stop)
    return seen


def test_the_sdk_looks_through_no_message(looked_through: list[Any]) -> None:
    async def asked() -> None:
        async with openai.DefaultAioHttpClient() as client:
            await PlainChat(model="toy", api_key="none", http_async_client=client).ainvoke(MESSAGES)

    with pytest.raises(Sent):
        asyncio.run(asked())
    assert [data["messages"] for data in looked_through] == [[]]


def test_messages_and_what_else_was_in_extra_body_go_out() -> None:
    chat = PlainChat(model="toy", api_key="none")
    assert chat._get_request_payload(MESSAGES, extra_body={"top_k": 1})["extra_body"] == {
        "top_k": 1,
        "messages": MESSAGES,
    }
