"""The budget: rows or tokens, and how many briefs reach it."""

from __future__ import annotations

from typing import Any

import pytest

from agents.records import SYSTEM_PROMPT, Chunk
from graphs.briefs.budget import ROW_TOKENS, Spent, wanted
from graphs.config import SynthesisConfig
from tests.graphs.conftest import row

CHUNKS = [Chunk(id="c", document_id="d", start=0, end=4000, text="x" * 4000)]  # about 1,000 tokens


def config(**changes: Any) -> SynthesisConfig:
    return SynthesisConfig.model_validate({"wordings": {"per_question": 3, "framings": 0}, **changes})


def test_spent_are_rows_and_a_quarter_of_their_characters() -> None:
    one = row("Who sold the mill?")
    assert Spent.on([one, one]) == (2, 2 * (len(SYSTEM_PROMPT) + len(one.question) + len(one.answer)) // 4)


@pytest.mark.parametrize(
    ("changes", "spent", "asked", "left"),
    [
        ({}, Spent(), 0, None),
        ({"row_budget": 40}, Spent(), 0, 10),
        ({"row_budget": 40}, Spent(rows=20), 10, 10),
        ({"row_budget": 40}, Spent(rows=0), 10, 400),
        ({"row_budget": 40}, Spent(rows=41), 10, 0),
        ({"token_budget": 2.0}, Spent(), 0, -(-2000 // (4 * ROW_TOKENS))),
        ({"token_budget": 2.0}, Spent(rows=5, tokens=1500), 10, 4),
        ({"token_budget": 2.0, "row_budget": 40}, Spent(rows=39, tokens=100), 39, 4),
    ],
    ids=[
        "no-budget",
        "first-round",
        "half-kept",
        "nothing-kept",
        "reached",
        "tokens-first",
        "tokens-left",
        "the-nearer-of-both-and-a-tenth-at-least",
    ],
)
def test_briefs_wanted_are_what_is_left_by_what_a_brief_has_given_so_far(
    changes: dict[str, Any], spent: Spent, asked: int, left: int | None
) -> None:
    assert wanted(CHUNKS, config(**changes), spent, asked) == left
