"""The marking rules err seldom on the hand-written answers, and the stick itself is whole."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest

from bench.measurement import RESULTS
from bench.quality.marks import STICK, Verdict, errors, verdicts, wrongly_marked

RULES = ("gold", "agreement", "refusal", "claims")
ROWS = [json.loads(line) for line in STICK.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], list[Verdict]]:
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts():
        groups[verdict.rule, verdict.half].append(verdict)
    return groups


def test_the_stick_has_both_verdicts_of_every_contestant_and_many_languages() -> None:
    said = Counter((row["rule"], who) for row in ROWS for who, _, _ in row["said"])
    assert sum(said.values()) > 1000
    assert all(said[rule, who] >= 10 for rule in RULES[:3] for who in ("base", "rag", "tuned", "teacher"))
    assert {row["language"] for row in ROWS} >= {"en", "de", "es", "fr", "it", "pt", "zh", "ja"}


def test_claims_have_a_verdict_each() -> None:
    for row in ROWS:
        if row["rule"] == "claims":
            assert {len(fair) for _, fair, _ in row["said"]} == {len(row["claims"])}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("half", ["tuned on", "held back", "second round", "third round"])
def test_both_kinds_of_error_stay_small(found: dict[tuple[str, str], list[Verdict]], rule: str, half: str) -> None:
    wrong = errors(found[rule, half])
    assert wrong["false_accepts"]["hits"] <= max(2, 0.03 * wrong["false_accepts"]["n"])
    assert wrong["false_rejects"]["hits"] <= max(3, 0.03 * wrong["false_rejects"]["n"])


def test_every_answer_is_marked_as_it_was_measured(found: dict[tuple[str, str], list[Verdict]]) -> None:
    """Who changes a rule measures it anew: `python -m bench.quality.marks`."""
    measured = json.loads((RESULTS / "marks.json").read_text(encoding="utf-8"))
    in_order = list(verdicts())
    assert wrongly_marked(in_order) == measured["wrongly_marked"]
    assert errors([verdict for verdict in in_order if verdict.rule == "gold"]) == measured["errors"]["gold"]
