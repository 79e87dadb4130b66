"""One sentence that says whether a training set is good."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.run_record import RunRecord
from graphs.verdict import verdict
from tests.run_records import RECORD


def record(facts: int = 60, chunks: int = 3, over_budget: int = 0, **counts: int) -> RunRecord:
    told: dict[str, Any] = {
        **RECORD,
        "counts": {**RECORD["counts"], "planned": 100, "kept": 80, "rejected": 20, "failed": 0, **counts},
        "coverage": {**RECORD["coverage"], "kept": {"chunks": [chunks, 3]}},
        "facts_trained": facts,
        "reasons": {"selection: over the budget": over_budget, **RECORD["reasons"]},
    }
    return RunRecord.model_validate(told)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "good: 80 of 100 briefs were kept, and they reach 3 of 3 chunks; tune"),
        ({"kept": 50, "rejected": 20, "failed": 30}, "not good yet: 30 of 100 broke off in a call"),
        ({"kept": 20, "rejected": 80}, "weak: only 20 of 100 briefs were kept, most often for “check: answer"),
        ({"kept": 20, "rejected": 80, "over_budget": 60}, "good: 20 of 100 briefs were kept"),
        (
            {"kept": 20, "rejected": 80, "over_budget": 30},
            "weak: only 20 of 100 briefs were kept, most often for “check: answer",
        ),
        ({"facts": 9}, "small: 80 of 100 briefs were kept, and 9 facts teach little"),
        ({"chunks": 1}, "patchy: 80 of 100 briefs were kept, but they reach 1 of 3 chunks"),
    ],
    ids=["good", "failed", "rejected", "chosen by a budget", "rejected under a budget", "few", "patchy"],
)
def test_a_training_set_is_judged_in_one_sentence(changes: dict[str, int], words: str) -> None:
    said = verdict(record(**changes))
    assert said.startswith(words)
    assert "\n" not in said


@pytest.mark.parametrize("changes", [{"facts": 9}, {"chunks": 1}], ids=["few", "patchy"])
def test_briefs_are_advised_only_where_a_recipe_has_them(changes: dict[str, int]) -> None:
    briefs = record(**changes)
    settings = {**briefs.inputs.settings, "synthesis": {"recipe": "facts"}}
    facts = briefs.model_copy(update={"inputs": briefs.inputs.model_copy(update={"settings": settings})})
    assert "raise the briefs" in verdict(briefs)
    assert "briefs" not in verdict(facts)
