"""From verdicts to figures: win rates with intervals, tests over criteria, and what of them is order or length.

The unit is the question: its share is the mean of its readable verdicts over orders and trials. Intervals are the
bootstrap over clusters of `eval.statistics.difference`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from agents.records import Item
from eval.judge.verdicts import TIE, Verdict
from eval.statistics import Z_95, difference, sign_test

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 1000
RIDGE = 0.1  # weak pull of the length's weight towards 0: few questions could give it any value
STEPS = 25  # of Newton's method; 8 are enough where it converges
FEWEST_FOR_LENGTH = 8  # questions; a fit to fewer says nothing


class Rate(Item):
    """A share in 0–1 over `n` items, with its 95 % interval."""

    share: float
    low: float
    high: float
    n: int


class Table(Item):
    """What a judge said by one criterion; every share is that of the first contestant, the one before "against".

    `win_rate` is the mean share over questions, `length_controlled` the same where both answers were equally long
    (None: too few questions). `wins`, `ties` and `losses` are questions, `p` is the exact sign test's over them,
    `p_holm` that of Holm over all criteria. Of verdicts: `consistency` is the share of swapped pairs with the same
    verdict, `flipped` with the opposite one; `first_slot` the share won by the answer shown first, and `longer` by the
    longer one (ties count a half; None: nothing to count). `alike` are questions that both answered in the same words,
    ties without a call; `not_asked` those without a known source, of correctness.
    """

    win_rate: Rate | None
    length_controlled: Rate | None
    wins: int
    ties: int
    losses: int
    p: float
    p_holm: float
    consistency: float | None
    flipped: float | None
    first_slot: float | None
    longer: float | None
    unreadable: int
    verdicts: int
    alike: int
    not_asked: int
    by_kind: dict[str, Rate]
    questions: dict[str, float]


def tables(
    verdicts: Sequence[Verdict],
    criteria: Sequence[str],
    clusters: Mapping[str, str],
    kinds: Mapping[str, str],
    gaps: Mapping[str, int],
    alike: Sequence[str],
) -> dict[str, Table]:
    """A table a criterion, with Holm's p over all of them.

    By question: its cluster, its kind, and by how many characters the answer of `one` is the longer one.
    """
    found = {c: _table([v for v in verdicts if v.criterion == c], clusters, kinds, gaps, alike) for c in criteria}
    corrected = holm({c: table.p for c, table in found.items() if table.win_rate})
    return {c: table.model_copy(update={"p_holm": corrected.get(c, 1.0)}) for c, table in found.items()}


def _table(
    verdicts: Sequence[Verdict],
    clusters: Mapping[str, str],
    kinds: Mapping[str, str],
    gaps: Mapping[str, int],
    alike: Sequence[str],
) -> Table:
    shares = {**by_question(verdicts), **dict.fromkeys(alike, 0.5)}
    signs = [(share > 0.5 + TIE) - (share < 0.5 - TIE) for share in shares.values()]
    wins, losses = signs.count(1), signs.count(-1)
    order = order_effects(verdicts)
    return Table(
        win_rate=win_rate(shares, clusters),
        length_controlled=length_controlled(shares, clusters, gaps),
        wins=wins,
        ties=signs.count(0),
        losses=losses,
        p=sign_test(wins, losses),
        p_holm=1.0,
        consistency=order["consistency"],
        flipped=order["flipped"],
        first_slot=first_slot(verdicts),
        longer=longer_share(verdicts, gaps),
        unreadable=sum(v.share is None for v in verdicts),
        verdicts=len(verdicts),
        alike=len(alike),
        not_asked=len(clusters.keys() - alike - {v.question for v in verdicts}),
        by_kind={
            kind: rate
            for kind in sorted(set(kinds.values()))
            if (rate := win_rate({q: s for q, s in shares.items() if kinds[q] == kind}, clusters))
        },
        questions=shares,
    )


def by_question(verdicts: Iterable[Verdict]) -> dict[str, float]:
    """The mean share of each question over its readable verdicts, each order counting the same; others are left out."""
    found: defaultdict[str, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})
    for verdict in verdicts:
        if verdict.share is not None:
            found[verdict.question][verdict.one_first].append(verdict.share)
    means = {q: [sum(shares) / len(shares) for shares in orders.values() if shares] for q, orders in found.items()}
    return {question: sum(orders) / len(orders) for question, orders in means.items()}


def win_rate(shares: Mapping[str, float], clusters: Mapping[str, str], resamples: int = RESAMPLES) -> Rate | None:
    """The mean share with its interval by the bootstrap over clusters; None of no question."""
    if not shares:
        return None
    found = difference([[2 * share - 1 for share in shares.values()]], [clusters[q] for q in shares], resamples)
    return Rate(share=(1 + found.difference) / 2, low=(1 + found.low) / 2, high=(1 + found.high) / 2, n=len(shares))


def order_effects(verdicts: Iterable[Verdict]) -> dict[str, float | None]:
    """Of the pairs read in both orders: the share with the same verdict, and with the opposite winner; None of none."""
    found: defaultdict[tuple[str, str, int], dict[bool, int]] = defaultdict(dict)
    for verdict in verdicts:
        if (winner := verdict.winner) is not None:
            found[verdict.question, verdict.criterion, verdict.trial][verdict.one_first] = winner
    both = [(pair[True], pair[False]) for pair in found.values() if len(pair) > 1]
    if not both:
        return {"consistency": None, "flipped": None}
    same, flipped = sum(a == b for a, b in both), sum(a * b < 0 for a, b in both)
    return {"consistency": same / len(both), "flipped": flipped / len(both)}


def first_slot(verdicts: Iterable[Verdict]) -> float | None:
    """The share of readable verdicts for the answer that was shown first; ties count a half, None of none."""
    won = [(1 + (v.winner if v.one_first else -v.winner)) / 2 for v in verdicts if v.winner is not None]
    return sum(won) / len(won) if won else None


def longer_share(verdicts: Iterable[Verdict], gaps: Mapping[str, int]) -> float | None:
    """The share of readable verdicts for the longer answer; ties count a half, answers of one length not at all."""
    won = [
        (1 + v.winner * (1 if gaps[v.question] > 0 else -1)) / 2
        for v in verdicts
        if v.winner is not None and gaps[v.question]
    ]
    return sum(won) / len(won) if won else None


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """The p of each test, corrected for all of them (Holm 1979): the smallest times their number, and so on down."""
    corrected: dict[str, float] = {}
    least = 0.0
    for place, (name, p) in enumerate(sorted(ps.items(), key=lambda item: item[1])):
        least = max(least, min(1.0, p * (len(ps) - place)))
        corrected[name] = least
    return corrected


def length_controlled(
    shares: Mapping[str, float], clusters: Mapping[str, str], gaps: Mapping[str, int], resamples: int = RESAMPLES
) -> Rate | None:
    """The win rate at equal length: logit P(win) = a + b · tanh(gap / its deviation), read at a gap of 0.

    As in AlpacaEval 2 (Dubois and others 2024, arXiv 2404.04475, section 3.1), without its term for the difficulty of a
    question, which takes several models. The interval is a bootstrap over clusters. None of few questions, or where the
    gap is the same everywhere.
    """
    import numpy as np
    from scipy.stats import t

    length = np.array([gaps[question] for question in shares], dtype=float)
    if len(shares) < FEWEST_FOR_LENGTH or not length.std():
        return None
    won = np.array(list(shares.values()))
    # one question won by each side at equal length: a side that won all would have no finite odds
    won, length = np.append(won, [1.0, 0.0]), np.append(np.tanh(length / length.std()), [0.0, 0.0])
    labels, place = np.unique([clusters[question] for question in shares], return_inverse=True)
    place = np.append(place, [len(labels), len(labels) + 1])
    k = len(labels) + 2
    drawn = np.random.default_rng(0).multinomial(k, np.full(k, 1 / k), resamples)
    fits = _at_equal_length(np.vstack([np.ones(k), drawn])[:, place], won, length)
    wider = float(t.ppf(0.975, k - 1)) / Z_95
    low, high = fits[0] + wider * (np.quantile(fits[1:], [0.025, 0.975]) - fits[0])
    share, low, high = (float(1 / (1 + np.exp(-x))) for x in (fits[0], low, high))
    return Rate(share=share, low=low, high=high, n=len(shares))


def _at_equal_length(weights: np.ndarray, won: np.ndarray, length: np.ndarray) -> np.ndarray:
    """The intercept, (fits,), of a logistic regression on length for each row of `weights`, (fits, questions)."""
    import numpy as np

    design = np.stack([np.ones_like(length), length], axis=1)
    squares = np.einsum("qi,qj->qij", design, design).reshape(-1, 4)
    ridge = np.diag([1e-6, RIDGE])
    beta = np.zeros((len(weights), 2))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(beta @ design.T, -30, 30)))
        gradient = (weights * (won - p)) @ design - beta @ ridge
        hessian = (weights * p * (1 - p) @ squares).reshape(-1, 2, 2) + ridge
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        beta += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return beta[:, 0]
