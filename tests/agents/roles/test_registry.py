"""The registry: every role is there once, and what is derived from it knows each."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

import agents.roles
from agents.config import check_config
from agents.errors import ConfigError
from agents.records import REFUSAL
from agents.roles.critic import GATES, SAME_QUESTION, Gate
from agents.roles.prompts import contracts
from agents.roles.registry import ROLES, model_keys, roles_config, scripts, synthesis_keys
from agents.roles.role import Role


def test_every_role_and_gate_of_a_module_stands_in_the_registry() -> None:
    found: set[str] = set()
    for module in pkgutil.iter_modules(agents.roles.__path__, "agents.roles."):
        held = vars(importlib.import_module(module.name)).values()
        items = [item for value in held for item in (value if isinstance(value, tuple) else (value,))]
        found |= {item.name for item in items if isinstance(item, Role)}
        found |= {item.role.name for item in items if isinstance(item, Gate)}
    assert found == set(ROLES)


def test_every_role_answers_in_a_dry_run_and_has_a_contract() -> None:
    assert set(scripts()) == set(contracts()) == set(ROLES)


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_a_usual_reply_is_a_token_and_more(role: Role[Any]) -> None:
    assert role.usual_tokens >= 1


def test_the_keys_of_roles_are_those_who_speak() -> None:
    assert synthesis_keys() == ("extractor", "same_entity", "community_summarizer", "question_writer", "critic")
    assert model_keys() == (*synthesis_keys(), "judge", "gold_writer")
    assert set(roles_config().model_fields) == {"default", *model_keys()}


def test_an_unknown_role_is_told_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match=r"unknown key roles\.critik: did you mean critic\?"):
        check_config({"roles": {"critik": "strict"}}, {"roles": roles_config()})


def test_a_gate_is_a_role_of_one_word_and_a_refusal_is_not_answerable() -> None:
    assert {gate.role.max_tokens for gate in (*GATES, SAME_QUESTION)} == {1}
    answerable = scripts()["critic.answerable"]
    assert (answerable({"answer": REFUSAL}), answerable({"answer": "Ann Hale."})) == (0.0, 1.0)
