"""What goes out is the request as the model takes it."""

from __future__ import annotations

from typing import Any

from agents.models.body import REASONING_TOKENS, body, most_out
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect
from agents.models.request import Request

MESSAGES = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}, {"role": "assistant", "content": "A"}]


def sent(dialect: Dialect, messages: list[dict[str, str]], **config: Any) -> dict[str, Any]:
    request = Request(role="r", messages=messages, max_tokens=5)
    return body(ModelConfig.model_validate({"model": "m", **config}), request, dialect)


def test_a_model_without_a_system_role_is_told_the_same_by_the_user() -> None:
    plain = Dialect(without=("system",))
    assert sent(plain, MESSAGES)["messages"] == [{"role": "user", "content": "S\n\nU"}, MESSAGES[2]]
    assert sent(plain, MESSAGES[1:])["messages"] == MESSAGES[1:]
    assert sent(Dialect(), MESSAGES)["messages"] == MESSAGES


def test_what_the_config_adds_goes_before_our_own_and_what_is_refused_never_goes_out() -> None:
    own = {"extra": {"temperature": 0.7, "seed": 3}}
    assert sent(Dialect(), MESSAGES, **own)["temperature"] == 0.7
    assert not {"temperature", "seed"} & set(sent(Dialect(without=("seed", "temperature")), MESSAGES, **own))


def test_a_thinking_model_gets_room_beside_the_limits_of_the_config() -> None:
    config = ModelConfig.model_validate({"max_tokens": {"extractor": 2000, "critic": 900}})

    def limit(role: str, **more: Any) -> int:
        return most_out(config, Request(role=role, messages=[], max_tokens=5, **more), Dialect(thinks=True))

    assert (limit("extractor"), limit("critic.faithful.reasoned")) == (2000 + REASONING_TOKENS, 900 + REASONING_TOKENS)
    assert (limit("writer"), limit("critic.faithful", logprobs=True)) == (5 + REASONING_TOKENS, 5 + REASONING_TOKENS)
