"""Proportions with their intervals, and tests of two contestants on the same questions."""

from __future__ import annotations

import math
from collections.abc import Iterable

from agents.records import Item

Z_95 = 1.959964  # the 97.5 % point of the normal distribution


class Proportion(Item):
    """`hits` of `n` with the Wilson 95 % interval [`low`, `high`]; `share` is None where nothing was asked."""

    hits: int
    n: int
    share: float | None
    low: float
    high: float


def wilson(hits: float, n: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927), within [0, 1]; (0, 1) for n = 0.

    `hits` may be a mean over runs.
    """
    if n == 0:  # scipy takes neither this nor a mean (docs/decisions/0012)
        return 0.0, 1.0
    p, z2 = hits / n, Z_95**2
    centre, spread = p + z2 / (2 * n), Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, (centre - spread) / (1 + z2 / n)), min(1.0, (centre + spread) / (1 + z2 / n))


def proportion(grades: Iterable[bool]) -> Proportion:
    """Count the true ones."""
    listed = list(grades)
    return of_counts(sum(listed), len(listed))


def of_counts(hits: int, n: int) -> Proportion:
    """A proportion from its counts."""
    low, high = wilson(hits, n)
    return Proportion(hits=hits, n=n, share=hits / n if n else None, low=low, high=high)


def sign_test(only_a: int, only_b: int) -> float:
    """The two-sided exact p of a paired comparison (McNemar, exact).

    It comes from the questions that only one of two got right.
    """
    from scipy.stats import binomtest

    n = only_a + only_b
    return float(binomtest(only_a, n).pvalue) if n else 1.0
