"""The primary comparison: tuned against retrieval, paired by question, with the exact sign test."""

from __future__ import annotations

from collections.abc import Sequence

from agents.records import Item
from eval.statistics import Proportion, proportion, sign_test
from eval.grades import Grade

PRIMARY = "gold, local questions: tuned against rag"
"""The one comparison that decides; every other figure stands beside it. Named here, before any run."""
FALLBACK = "heldout, new wordings: tuned against rag (there is no gold.jsonl)"


class PairedComparison(Item):
    """The primary comparison, paired by question: how many both, one or none got right, and the exact sign test's p."""

    name: str
    tuned: Proportion
    rag: Proportion
    both: int
    only_tuned: int
    only_rag: int
    neither: int
    p: float


def paired_comparison(grades: Sequence[Grade]) -> PairedComparison:
    """The primary comparison; without gold it falls back to the held-out wordings and says so."""
    has_gold = any(grade.set == "gold" and grade.kind == "local" for grade in grades)
    chosen = [
        grade
        for grade in grades
        if (grade.set == "gold" and grade.kind == "local" if has_gold else grade.set == "wording")
    ]
    tuned, rag = (
        {grade.question: grade.right for grade in chosen if grade.contestant == name} for name in ("tuned", "rag")
    )
    pairs = [(tuned[question], rag[question]) for question in tuned if question in rag]
    only_tuned, only_rag = pairs.count((True, False)), pairs.count((False, True))
    return PairedComparison(
        name=PRIMARY if has_gold else FALLBACK,
        tuned=proportion(tuned.values()),
        rag=proportion(rag.values()),
        both=pairs.count((True, True)),
        only_tuned=only_tuned,
        only_rag=only_rag,
        neither=pairs.count((False, False)),
        p=sign_test(only_tuned, only_rag),
    )
