"""Win rates, their intervals and what of them is order or length, against judges whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from eval.judge.tally import (
    by_question,
    first_slot,
    holm,
    length_controlled,
    longer_share,
    order_effects,
    tables,
    win_rate,
)
from eval.judge.verdicts import Verdict

SIMULATIONS = 1000


def said(question: str, one_first: bool, share: float | None, criterion: str = "directness") -> Verdict:
    return Verdict(question=question, criterion=criterion, one_first=one_first, trial=0, share=share)


def test_a_question_is_the_mean_of_its_orders_and_unreadable_verdicts_are_no_ties() -> None:
    found = [said("a", True, 1.0), said("a", False, 0.5), said("b", True, 0.0), said("b", False, None)]
    assert by_question([*found, said("c", True, None)]) == {"a": 0.75, "b": 0.0}


def test_wins_ties_and_losses_are_counted_by_question() -> None:
    verdicts = [
        *(said(q, order, share) for q, share in (("a", 1.0), ("b", 1.0), ("c", 0.0)) for order in (True, False)),
        said("d", True, 1.0),
        said("d", False, 0.0),
        said("e", True, None),
    ]
    names = ["a", "b", "c", "d", "e", "same", "unasked"]
    table = tables(
        verdicts,
        ["directness"],
        {n: n for n in names},
        dict.fromkeys(names, "local"),
        dict.fromkeys(names, 3),
        ["same"],
    )["directness"]
    assert (table.wins, table.ties, table.losses, table.unreadable, table.verdicts) == (2, 2, 1, 1, 9)
    assert (table.alike, table.not_asked) == (1, 1)
    assert table.win_rate is not None
    assert (table.win_rate.share, table.win_rate.n) == (pytest.approx(3 / 5), 5)
    assert table.by_kind["local"].n == 5


def test_a_verdict_that_follows_the_place_is_flipped_and_won_by_the_first() -> None:
    verdicts = [said("a", True, 1.0), said("a", False, 0.0), said("b", True, 1.0), said("b", False, 1.0)]
    assert order_effects(verdicts) == {"consistency": 0.5, "flipped": 0.5}
    assert first_slot(verdicts) == 0.75
    assert longer_share(verdicts, {"a": 5, "b": -5}) == 0.25
    assert longer_share(verdicts, {"a": 0, "b": 0}) is None


def test_holm_multiplies_the_smallest_p_by_their_number_and_never_lowers_one() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.6, "b": 0.9}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


def draw_run(
    draw: np.random.Generator, rate: float, place: float, length: float
) -> tuple[dict[str, float], dict[str, str], dict[str, int]]:
    """A judge's shares of 30 to 50 questions in clusters, their clusters and gaps.

    Its log-odds are those of the true rate, more for the first place, more for the longer answer, with noise by
    cluster.
    """
    n = int(draw.integers(30, 51))
    gap = draw.normal(100, 200, n).astype(int)
    cluster = draw.integers(0, n // 2, n)
    odds = np.log(rate / (1 - rate)) + length * np.tanh(gap / gap.std())
    shares = (
        (draw.random(n) < 1 / (1 + np.exp(-odds - place))).astype(float)
        + (draw.random(n) < 1 / (1 + np.exp(-odds + place)))
    ) / 2
    names = [str(q) for q in range(n)]
    return (
        dict(zip(names, shares.tolist(), strict=True)),
        {q: str(c) for q, c in zip(names, cluster, strict=True)},
        {q: int(g) for q, g in zip(names, gap, strict=True)},
    )


@pytest.mark.parametrize(
    ("rate", "place"),
    [
        pytest.param(0.5, 0.0, id="level"),
        pytest.param(0.7, 2.0, id="ahead, by a judge that likes the first place"),
        pytest.param(0.03, 0.0, id="near nought"),
        pytest.param(0.97, 1.0, id="near one, by a judge that likes the first place"),
    ],
)
def test_the_interval_of_a_win_rate_covers_the_truth_in_about_95_percent_of_simulations(
    rate: float, place: float
) -> None:
    draw = np.random.default_rng(5)
    odds = np.log(rate / (1 - rate))
    truth = float(np.mean([1 / (1 + np.exp(-odds - place)), 1 / (1 + np.exp(-odds + place))]))
    covered = 0
    for _ in range(SIMULATIONS):
        shares, clusters, _ = draw_run(draw, rate, place, 0.0)
        found = win_rate(shares, clusters, 300)
        assert found is not None
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / SIMULATIONS <= 0.998


@pytest.mark.parametrize(("rate", "length"), [(0.5, 1.5), (0.3, 1.0), (0.8, 0.0)])
def test_at_equal_length_the_judge_who_likes_long_answers_says_the_truth(rate: float, length: float) -> None:
    draw = np.random.default_rng(7)
    covered = 0
    raw = []
    for _ in range(200):
        shares, clusters, gaps = draw_run(draw, rate, 0.5, length)
        found = length_controlled(shares, clusters, gaps, 200)
        assert found is not None
        covered += found.low <= rate <= found.high
        raw.append(np.mean(list(shares.values())) - found.share)
    assert covered / 200 >= 0.92
    if length:  # answers of `one` are the longer ones on average: the raw rate flatters it
        assert np.mean(raw) > 0.03


def test_few_questions_or_one_length_have_no_figure_at_equal_length() -> None:
    names = [str(n) for n in range(20)]
    clusters = {name: name for name in names}
    assert length_controlled(dict.fromkeys(names, 0.5), clusters, dict.fromkeys(names, 0)) is None
    assert length_controlled(dict.fromkeys(names, 0.5), clusters, dict.fromkeys(names, 9)) is None
    assert length_controlled(dict.fromkeys(names[:7], 0.5), clusters, dict.fromkeys(names, 9)) is None
