"""The primary comparison: tuned against retrieval, paired by question, with the exact sign test."""

from __future__ import annotations

from collections.abc import Sequence

from agents.records import Item
from eval.grades import Grade
from eval.statistics import Interval, Proportion, difference, least_lead, proportion, sign_test

PRIMARY = "gold, local questions: tuned against rag"
"""The one comparison that decides; every other figure stands beside it. Named here, before any run."""
FALLBACK = "heldout, new wordings: tuned against rag (there is no gold.jsonl)"


class PairedComparison(Item):
    """The primary comparison, paired by question: how many both, one or none got right, and the exact sign test's p.

    `interval` is that of the difference; `pairs_apart` are the questions that only tuned, and that only rag got right;
    `least_lead` is the smallest lead in questions that so many discordant pairs could show (None: none could).
    """

    name: str
    tuned: Proportion
    rag: Proportion
    both: int
    only_tuned: int
    only_rag: int
    neither: int
    p: float
    interval: Interval | None = None
    pairs_apart: tuple[list[str], list[str]] = ([], [])
    least_lead: int | None = None

    @property
    def is_gold(self) -> bool:
        """Whether people's answers decide it; agreement with the teacher decides nothing."""
        return self.name == PRIMARY


def paired_comparison(*runs: Sequence[Grade]) -> PairedComparison:
    """The primary comparison of a run; without gold it falls back to the held-out wordings and says so.

    Further runs are those of other tuning seeds: counts and test are the first one's, the interval is that of all.
    """
    has_gold = any(grade.set == "gold" and grade.kind == "local" for grade in runs[0])
    tables = [_pairs(grades, has_gold) for grades in runs]
    shared = [question for question in tables[0] if all(question in table for table in tables)]
    pairs = tables[0]
    apart = [
        [question for question, pair in pairs.items() if pair[:2] == one] for one in ((True, False), (False, True))
    ]
    leads = [[table[question][0] - table[question][1] for question in shared] for table in tables]
    clusters = [pairs[question][2] for question in shared]
    return PairedComparison(
        name=PRIMARY if has_gold else FALLBACK,
        tuned=proportion(pair[0] for pair in pairs.values()),
        rag=proportion(pair[1] for pair in pairs.values()),
        both=sum(pair[0] and pair[1] for pair in pairs.values()),
        only_tuned=len(apart[0]),
        only_rag=len(apart[1]),
        neither=sum(not pair[0] and not pair[1] for pair in pairs.values()),
        p=sign_test(len(apart[0]), len(apart[1])),
        interval=difference(leads, clusters) if shared else None,
        pairs_apart=(apart[0], apart[1]),
        least_lead=least_lead(len(apart[0]) + len(apart[1])),
    )


def _pairs(grades: Sequence[Grade], has_gold: bool) -> dict[str, tuple[bool, bool, str]]:
    """(tuned right, rag right, cluster) of each question that both were asked."""
    chosen = [g for g in grades if (g.set == "gold" and g.kind == "local" if has_gold else g.set == "wording")]
    tuned, rag = ({g.question: g for g in chosen if g.contestant == name} for name in ("tuned", "rag"))
    return {q: (one.right, rag[q].right, one.cluster or q) for q, one in tuned.items() if q in rag}
