"""The section [tuning]: faults are named, and every key is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import tuning
from agents.config import check_config
from agents.errors import ConfigError
from tuning.recipe import Recipe


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"learnig_rate": 1e-3}, "did you mean learning_rate"),
        ({"rank": 0}, "tuning.rank = 0"),
        ({"learning_rate": -1}, "tuning.learning_rate"),
        ({"backend": "axolotl"}, "tuning.backend = 'axolotl'"),
        ({"epochs": "many"}, "tuning.epochs = 'many'"),
        ({"warmup": 1.0}, "tuning.warmup"),
    ],
    ids=["typo", "zero", "negative", "unknown-backend", "word-for-number", "all-warmup"],
)
def test_a_fault_is_named(table: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        check_config({"tuning": table}, {"tuning": Recipe})


def test_an_empty_section_is_the_recipe_that_was_measured() -> None:
    recipe = check_config({}, {"tuning": Recipe})["tuning"]
    assert (recipe.rank, recipe.learning_rate, recipe.epochs) == (8, 2e-3, 4)


@pytest.mark.parametrize("key", list(Recipe.model_fields))
def test_every_key_is_read_by_the_code(key: str) -> None:
    code = [p.read_text() for p in Path(tuning.__file__).parent.rglob("*.py") if p.name not in ("recipe.py", "card.py")]
    assert any(f"recipe.{key}" in text for text in code)
