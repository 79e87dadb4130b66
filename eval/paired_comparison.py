"""The primary comparison: tuned against retrieval, paired by question, with the exact sign test."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import get_args

from agents.records import Item
from eval.marks.grades import Grade
from eval.settings import Primary
from eval.statistics import Interval, Proportion, detectable_difference, difference, least_lead, proportion, sign_test

PRIMARY = "gold, local questions: tuned against rag"
"""The one comparison that decides, unless [eval] names another; every other figure stands beside it."""
WORDINGS = "heldout, new wordings: tuned against rag"
FALLBACK = f"{WORDINGS} (there is no gold.jsonl)"


class PairedComparison(Item):
    """The primary comparison, paired by question: how many both, one or none got right, and the exact sign test's p.

    `interval` is that of the difference; `pairs_apart` are the questions that only tuned, and that only rag got right;
    `least_lead` is the smallest lead in questions that so many discordant pairs could show (None: none could), and
    `detectable` the smallest true difference that so many questions, so often apart, show in four of five runs (None:
    not even the largest). With a `margin` above 0 it is asked whether tuned is worse by less than that: `not_worse`, if
    the lower end of the interval says so (one-sided, 2.5 %). `undecided` says why gold that is there decides nothing.
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
    detectable: float | None = None
    margin: float = 0.0
    undecided: str = ""

    @property
    def not_worse(self) -> bool | None:
        """Whether tuned is shown to be worse by less than the margin; None where none was named before the run."""
        return self.interval.low > -self.margin if self.margin and self.interval else None

    @property
    def is_gold(self) -> bool:
        """Whether people's answers decide it; agreement with the teacher decides nothing."""
        return self.name.startswith("gold")


def paired_comparison(*runs: Sequence[Grade], kind: Primary = "local", margin: float = 0.0) -> PairedComparison:
    """The primary comparison of a run: gold of one kind, or all of it.

    Without gold, or without any of that kind, it falls back to the held-out wordings and says so.

    Further runs are those of other tuning seeds: counts and test are the first one's, the interval is that of all.
    """
    has_gold = any(_is_primary(grade, kind) for grade in runs[0])
    why = undecided({grade.kind for grade in runs[0] if grade.set == "gold"}, kind)
    fallback = f"{WORDINGS} ({why})" if why else FALLBACK
    tables = [_pairs(grades, kind if has_gold else None) for grades in runs]
    shared = [question for question in tables[0] if all(question in table for table in tables)]
    pairs = tables[0]
    apart = [
        [question for question, pair in pairs.items() if pair[:2] == one] for one in ((True, False), (False, True))
    ]
    leads = [[table[question][0] - table[question][1] for question in shared] for table in tables]
    clusters = [pairs[question][2] for question in shared]
    return PairedComparison(
        name=PRIMARY.replace("local", "all" if kind == "gold" else kind.replace("_", "-")) if has_gold else fallback,
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
        detectable=detectable_difference(len(pairs), max(len(apart[0]) + len(apart[1]), 1) / len(pairs))
        if pairs
        else None,
        margin=margin,
        undecided=why,
    )


def undecided(kinds: Collection[str], primary: Primary) -> str:
    """Why gold with questions of these kinds decides nothing, and what to set; empty if it does, or has none."""
    if not kinds or primary in (*kinds, "gold"):
        return ""
    others = " or ".join(f'"{kind}"' for kind in get_args(Primary) if kind in kinds)
    none = f"gold.jsonl has no {primary.replace('_', '-')} question"
    return f'{none}; set [eval] primary to {others}, or to "gold" for all'


def _is_primary(grade: Grade, kind: Primary) -> bool:
    return grade.set == "gold" and kind in (grade.kind, "gold")


def _pairs(grades: Sequence[Grade], kind: Primary | None) -> dict[str, tuple[bool, bool, str]]:
    """(tuned right, rag right, cluster) of each question that both were asked."""
    chosen = [g for g in grades if (_is_primary(g, kind) if kind else g.set == "wording")]
    tuned, rag = ({g.question: g for g in chosen if g.contestant == name} for name in ("tuned", "rag"))
    return {q: (one.right, rag[q].right, one.cluster or q) for q, one in tuned.items() if q in rag}


def limits(found: PairedComparison) -> Iterator[str]:
    """What the primary comparison can show and what it cannot, in lines."""
    if found.not_worse is not None and found.interval:
        shown = "is" if found.not_worse else "is not shown to be"
        low = f"the lower end of the interval is {100 * found.interval.low:+.0f} points"
        yield f"{found.name}: tuned {shown} worse by less than {found.margin:.0%} ({low})"
    small = "no difference" if found.detectable is None else f"differences of {found.detectable:.0%} and more"
    yield f"{found.tuned.n} questions, as often apart as these, show {small} in four of five runs"
