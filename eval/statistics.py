"""Proportions with their intervals, and tests of two contestants on the same questions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from agents.records import Item

Z_95 = 1.959964  # the 97.5 % point of the normal distribution
ALPHA = 0.05  # the p below which a test tells two contestants apart
POWER = 0.8  # of all runs, in which a difference that is called detectable shows


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


class Interval(Item):
    """A difference of two shares, the first minus the second (-1 to 1), and the 95 % interval of it."""

    difference: float
    low: float
    high: float


def difference(leads: Sequence[Sequence[float]], clusters: Sequence[str], resamples: int = 2000) -> Interval:
    """The mean of `leads`, (runs, questions), with the 95 % interval of a bootstrap over clusters and runs.

    A lead is 1 where only the first of two was right, -1 where only the second, else 0. Questions of one `clusters`
    label (a fact, a document) are drawn together, and crossed with the runs (tuning seeds) where there are several
    (Owen 2007, the pigeonhole bootstrap). One question won by each side is added, as Bonett and Price (2012) do, so
    that an interval never shrinks to nothing where the two agree; it is widened by Student's t for few clusters.
    """
    import numpy as np
    from scipy.stats import t

    table = np.asarray(leads, dtype=float)
    labels, place = np.unique(np.asarray(clusters), return_inverse=True)
    runs, k = len(table), len(labels) + 2
    sums = np.zeros((runs, k))
    np.add.at(sums.T, place, table.T)
    sums[:, -2:] = 1, -1
    sizes = np.append(np.bincount(place, minlength=len(labels)), [1, 1])
    draw = np.random.default_rng(0)
    drawn = draw.multinomial(k, np.full(k, 1 / k), resamples)
    seeds = draw.multinomial(runs, np.full(runs, 1 / runs), resamples)
    means = (seeds @ sums * drawn).sum(axis=1) / runs / (drawn @ sizes)
    centre, wider = means.mean(), t.ppf(0.975, k - 1) / Z_95 * math.sqrt(k / (k - 1))
    low, high = (float(centre + wider * (bound - centre)) for bound in np.quantile(means, [0.025, 0.975]))
    return Interval(difference=float(table.mean()), low=max(-1.0, low), high=min(1.0, high))


def least_lead(discordant: int) -> int | None:
    """By how many questions one of two must lead for the exact sign test to tell; None where no lead can."""
    leads = range(discordant % 2, discordant + 1, 2)
    return next((lead for lead in leads if sign_test((discordant + lead) // 2, (discordant - lead) // 2) < ALPHA), None)


def detectable_difference(n: int, discordant: float) -> float | None:
    """The smallest true difference of shares that `n` questions show in `POWER` of all runs by the exact sign test.

    `discordant` is the share of questions that one of two alone gets right. None where no difference is shown so often.
    """
    import numpy as np
    from scipy.stats import binom

    counts = np.arange(n + 1)
    # the fewest that one of so many discordant pairs must win for the exact test to tell; more than all: never
    least = binom.isf(ALPHA / 2, counts, 0.5) + 1
    weight = np.where(least <= counts, binom.pmf(counts, n, discordant), 0.0)
    for step in range(1, round(100 * discordant) + 1):
        ahead = min((discordant + step / 100) / 2 / discordant, 1.0)
        if float((weight * binom.sf(least - 1, counts, ahead)).sum()) >= POWER:
            return step / 100
    return None
