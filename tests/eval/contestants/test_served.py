"""A served model as a contestant: the same prompts, through the project's client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.errors import EndpointError, FailedCall, RefusedReply, TruncatedReply
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from eval.contestants.served import Said, served

CONFIG = ModelConfig(provider="openai", model="m", price_in=1.0, price_out=10.0, retries=0)


def prompt(text: str) -> list[dict[str, str]]:
    """A conversation."""
    return [{"role": "system", "content": "Answer."}, {"role": "user", "content": text}]


def asked(tmp_path: Path, answer: Any, *texts: str) -> tuple[list[Any], ScriptedModel]:
    """What comes back for these prompts, and the model that was asked."""
    model = ScriptedModel({"contestant": answer})
    store = CallStore(tmp_path / "calls.sqlite")
    with served(Client(model, store, CONFIG)) as one:
        found = one.generate([prompt(text) for text in texts], 33, 8)
    store.close()
    return list(found), model


def test_replies_come_in_order_with_tokens_and_price_and_are_asked_greedily(tmp_path: Path) -> None:
    said, model = asked(tmp_path, lambda inputs: inputs["messages"][-1]["content"] * 4, "long one", "b")
    assert [one.text for one in said] == ["long one" * 4, "bbbb"]
    assert said[0].usd == pytest.approx((said[0].prompt_tokens * 1.0 + said[0].completion_tokens * 10.0) / 1e6)
    assert [(one.max_tokens, one.temperature) for one in model.requests] == [(33, 0.0), (33, 0.0)]


def test_the_same_question_is_paid_once(tmp_path: Path) -> None:
    asked(tmp_path, lambda inputs: "yes", "a")
    _, model = asked(tmp_path, lambda inputs: "no", "a", "b")
    assert [one.messages[-1]["content"] for one in model.requests] == ["b"]


def test_an_answer_that_was_cut_off_is_paid_once_too(tmp_path: Path) -> None:
    first, _ = asked(tmp_path, lambda inputs: TruncatedReply("cut off", raw="Two coppers, and"), "a")
    again, model = asked(tmp_path, lambda inputs: "another", "a")
    assert first == again
    assert (first[0].text, first[0].finished, model.requests) == ("Two coppers, and", False, [])


@pytest.mark.parametrize("error", [FailedCall("no"), RefusedReply("no"), TruncatedReply("all thought")])
def test_an_error_of_one_reply_stands_in_its_place(tmp_path: Path, error: Exception) -> None:
    bad, good = asked(tmp_path, lambda inputs: error if "bad" in str(inputs) else "fine", "bad", "good")[0]
    assert (type(bad), type(good)) == (type(error), Said)


def test_a_server_that_is_gone_ends_the_evaluation_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match="nobody there"):
        asked(tmp_path, lambda inputs: EndpointError("nobody there"), "a", "b")
