"""What a model costs, and which one speaks for a role."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models.config import ModelConfig, ModelsConfig
from agents.roles.registry import roles_config

DISCOUNTS: tuple[dict[str, float], ...] = ({}, {"batch_discount": 0.25}, {"batch_discount": 0})


@pytest.mark.parametrize(
    ("config", "priced", "cost"),
    [
        ({"provider": "local"}, True, 0.0),
        ({"provider": "openai"}, False, 0.0),
        ({"provider": "openai", "price_in": 2.0}, False, 2.0),
        ({"provider": "openai", "price_in": 2.0, "price_out": 8.0}, True, 6.0),
    ],
    ids=["local", "unknown", "half-known", "known"],
)
def test_a_cost_is_in_dollars_for_a_million_tokens(config: dict[str, Any], priced: bool, cost: float) -> None:
    model = ModelConfig.model_validate(config)
    assert (model.priced, model.cost(1_000_000, 500_000)) == (priced, cost)


def test_a_batch_costs_half_unless_the_model_says_otherwise() -> None:
    prices = {"provider": "openai", "price_in": 2.0, "price_out": 8.0}
    costs = [ModelConfig.model_validate({**prices, **more}).cost(1_000_000, 0, batched=True) for more in DISCOUNTS]
    assert costs == [1.0, 1.5, 2.0]


def test_a_role_without_a_model_of_its_own_speaks_through_the_default() -> None:
    roles = roles_config().model_validate({"default": "cheap", "critic": "strict"})
    assert (roles.model_of("critic"), roles.model_of("extractor")) == ("strict", "cheap")


def test_without_models_there_is_the_embedded_teacher() -> None:
    assert ModelsConfig.model_validate({}).root["teacher"].provider == "local"
