"""Two contestants, or two runs of one, on the same questions: who got how many, and the interval of the difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agents.records import Item
from eval.marks.grades import Grade
from eval.statistics import Interval, Proportion, difference, of_counts, sign_test

Counts = Callable[[Grade], tuple[int, int] | None]
"""(hits, of) that a grade adds to a figure; None if it is about something else."""


class Difference(Item):
    """`first` minus `second` in one figure, paired by question.

    `only_first` and `only_second` are the questions on which one of them got more; `p` is the exact sign test's over
    those; `interval` is of the mean difference a question, by a bootstrap over clusters (document, fact).
    """

    figure: str
    first: str
    second: str
    of_first: Proportion
    of_second: Proportion
    only_first: int
    only_second: int
    p: float
    interval: Interval


def paired(
    figure: str, counts: Counts, first: Sequence[Grade], second: Sequence[Grade], names: tuple[str, str]
) -> Difference | None:
    """The difference over the questions that both were asked; None if there are none."""
    ours, theirs = ({g.question: (g, found) for g in grades if (found := counts(g))} for grades in (first, second))
    shared = [question for question in ours if question in theirs]
    if not shared:
        return None
    pairs = [(ours[question][1], theirs[question][1]) for question in shared]
    leads = [a[0] / a[1] - b[0] / b[1] for a, b in pairs]
    ahead, behind = sum(lead > 0 for lead in leads), sum(lead < 0 for lead in leads)
    return Difference(
        figure=figure,
        first=names[0],
        second=names[1],
        of_first=of_counts(sum(a[0] for a, _ in pairs), sum(a[1] for a, _ in pairs)),
        of_second=of_counts(sum(b[0] for _, b in pairs), sum(b[1] for _, b in pairs)),
        only_first=ahead,
        only_second=behind,
        p=sign_test(ahead, behind),
        interval=difference([leads], [ours[question][0].cluster or question for question in shared]),
    )
