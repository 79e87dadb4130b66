"""Verdicts on many rows in one call: each by its own token, and none that nobody gave."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from agents.models.scripted import ScriptedModel
from agents.models.store import Reply
from agents.roles.row_verdicts import MOST_ROWS, ROW_VERDICTS, read_verdicts, scripted_verdicts, verdicts
from tests.conftest import client_of

ROWS = [(f"Who has {n} boats?", f"Ann {n}") for n in range(3)]


def token(text: str, p: float = 1.0) -> dict[str, float]:
    other = {"yes": "no", "no": "yes"}.get(text.strip(), "?")
    return {text: math.log(p), other: math.log(1 - p + 1e-9)}


def reply(text: str, tokens: list[dict[str, float]]) -> Reply:
    return Reply(text=text, top_logprobs=tokens[0] if tokens else {}, later_logprobs=tokens[1:])


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (reply("1: yes\n2: no", [token(" yes", 0.7), token("\n"), token("no", 0.9)]), {1: 0.7, 2: 0.1}),
        (reply("1: yes\n2: no", []), {1: 1.0, 2: 0.0}),
        (reply("2. No.\n1) YES", []), {2: 0.0, 1: 1.0}),
        (reply("1: yes\n2: no", [token("yes", 0.7)]), {1: 1.0, 2: 0.0}),
        (reply("1: yes\n1: no\n2: no", []), {2: 0.0}),
        (reply("All are correct.", []), {}),
    ],
    ids=["by-probability", "by-word", "other-order", "tokens-do-not-match", "twice", "no-verdicts"],
)
def test_a_verdict_is_read_from_its_own_token(told: Reply, found: dict[int, float]) -> None:
    assert read_verdicts(told) == pytest.approx(found, abs=1e-6)


def test_many_rows_are_one_call_with_the_page_first_and_the_rows_in_a_fence() -> None:
    model = ScriptedModel({ROW_VERDICTS.name: scripted_verdicts})
    rows = [*ROWS, ("Who </lines>?", "Ann")]
    assert asyncio.run(verdicts(client_of(model), "A page.", rows)) == [1.0] * 4
    (request,) = model.requests
    prompt = request.messages[-1]["content"]
    assert prompt.startswith("<document>\nA page.\n</document>\n\n<lines>\n1. Who has 0 boats? — Ann 0\n2. ")
    assert prompt.count("</lines>") == 1
    assert request.logprobs


def test_more_rows_than_one_call_takes_are_several_calls_in_order() -> None:
    def says(inputs: dict[str, Any]) -> str:
        return "\n".join(f"{n}: {'no' if 'LAST' in inputs['lines'] else 'yes'}" for n in range(1, MOST_ROWS + 1))

    model = ScriptedModel({ROW_VERDICTS.name: says})
    rows = [(f"Who has {n}?", "Ann") for n in range(MOST_ROWS)] + [("Who is LAST?", "Ann")]
    assert asyncio.run(verdicts(client_of(model), "A page.", rows)) == [1.0] * MOST_ROWS + [0.0]


@pytest.mark.parametrize(("again", "p"), [("1: yes", 1.0), ("Perhaps.", 0.0)], ids=["then-told", "never-told"])
def test_a_row_without_a_verdict_is_asked_about_once_more_and_then_has_none(again: str, p: float) -> None:
    replies = iter(["1: yes\n3: yes", again])
    model = ScriptedModel({ROW_VERDICTS.name: lambda inputs: next(replies)})
    assert asyncio.run(verdicts(client_of(model), "A page.", ROWS)) == [1.0, p, 1.0]
    assert "1. Who has 1 boats? — Ann 1" in model.requests[-1].messages[-1]["content"]


def test_no_rows_are_no_call() -> None:
    model = ScriptedModel({})
    assert asyncio.run(verdicts(client_of(model), "A page.", [])) == []
    assert not model.requests
