"""Intervals cover the truth as often as they say, few questions included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from eval.statistics import detectable_difference, difference, least_lead, proportion, sign_test, wilson

SIMULATIONS = 1000


def test_the_interval_of_wilson_is_the_published_one() -> None:
    low, high = wilson(8, 10)  # 0.490–0.943 (Newcombe 1998, method 3, computed for 8 of 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share_and_stays_within_zero_and_one(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (0, 40), (40, 40), (7, 40), (1, 1000)])
def test_the_interval_is_the_one_of_scipy_where_scipy_has_one(hits: int, n: int) -> None:
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((theirs.low, theirs.high), abs=1e-8)


def test_the_interval_of_a_mean_over_runs_lies_between_its_neighbours() -> None:
    below, mean, above = wilson(5, 18), wilson(5.5, 18), wilson(6, 18)
    assert below[0] < mean[0] < above[0]
    assert below[1] < mean[1] < above[1]


@pytest.mark.parametrize("n", [30, 50])
@pytest.mark.parametrize("rate", [0.03, 0.1, 0.5, 0.97])
def test_the_interval_of_a_share_covers_the_truth_in_about_95_percent_of_simulations(n: int, rate: float) -> None:
    drawn = np.random.default_rng(1).binomial(n, rate, SIMULATIONS)
    covered = [low <= rate <= high for low, high in (wilson(int(hits), n) for hits in drawn)]
    assert 0.92 <= np.mean(covered) <= 0.995


def test_a_proportion_of_nothing_has_no_share() -> None:
    assert proportion([]).share is None
    assert proportion([True, False, True]).hits == 2


def test_the_sign_test_is_the_binomial_one() -> None:
    assert sign_test(0, 0) == 1.0
    assert sign_test(5, 5) == 1.0
    assert sign_test(10, 0) == pytest.approx(2 / 1024)
    assert sign_test(3, 9) == sign_test(9, 3) == pytest.approx(0.14599609375)


@pytest.mark.parametrize("runs", [1, 5])
@pytest.mark.parametrize(
    ("tuned", "rag", "alike"),
    [
        pytest.param(0.05, 0.05, 0.0, id="near nought"),
        pytest.param(0.95, 0.9, 0.3, id="near one, clustered"),
        pytest.param(0.5, 0.5, 0.3, id="level, clustered"),
        pytest.param(0.3, 0.6, 0.3, id="behind, clustered"),
    ],
)
def test_the_interval_of_a_difference_covers_the_truth_in_about_95_percent_of_simulations(
    tuned: float, rag: float, alike: float, runs: int
) -> None:
    draw = np.random.default_rng(runs)
    covered = 0
    for _ in range(SIMULATIONS):
        n = int(draw.integers(30, 51))
        cluster = draw.integers(0, n // 2, n)
        chances = [_chance(draw, rate, alike, n // 2)[cluster] for rate in (tuned, rag)]
        right = draw.random((runs, n)) < chances[0]
        found = difference(right.astype(int) - (draw.random(n) < chances[1]), [str(c) for c in cluster], 300)
        covered += found.low <= tuned - rag <= found.high
    assert covered / SIMULATIONS >= 0.93


def _chance(draw: np.random.Generator, rate: float, alike: float, clusters: int) -> np.ndarray:
    """The chance of a right answer by cluster, with the correlation `alike` within one (beta-binomial)."""
    if not alike:
        return np.full(clusters, rate)
    return draw.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), clusters)


def test_questions_of_one_document_count_for_less_than_as_many_of_several() -> None:
    leads = [[1, 1, 1, 1, -1, -1, -1, -1] * 4]
    apart = difference(leads, [str(n) for n in range(32)])
    together = difference(leads, [str(n // 4) for n in range(32)])
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_seeds_that_disagree_widen_the_interval() -> None:
    clusters = [str(n) for n in range(40)]
    alike = difference([[1] * 10 + [0] * 30] * 5, clusters)
    apart = difference([[1] * hits + [0] * (40 - hits) for hits in (0, 0, 10, 20, 20)], clusters)
    assert alike.difference == apart.difference == 0.25
    assert apart.high - apart.low > 1.2 * (alike.high - alike.low)


def test_two_that_agree_on_all_still_leave_an_interval() -> None:
    found = difference([[0] * 30], [str(n) for n in range(30)])
    assert found.difference == 0
    assert found.low < -0.03
    assert found.high > 0.03


@pytest.mark.parametrize(("discordant", "lead"), [(0, None), (5, None), (6, 6), (7, 7), (9, 7), (20, 10)])
def test_the_least_lead_is_the_smallest_that_the_sign_test_can_tell(discordant: int, lead: int | None) -> None:
    assert least_lead(discordant) == lead


def test_few_questions_show_large_differences_alone() -> None:
    assert detectable_difference(7, 0.5) is None
    few, many = detectable_difference(40, 0.4), detectable_difference(400, 0.4)
    assert few is not None
    assert many is not None
    assert 0.25 <= few <= 0.33
    assert 0.07 <= many <= 0.11


def test_the_detectable_difference_is_found_as_often_as_it_says() -> None:
    found = detectable_difference(50, 0.5)
    assert found is not None
    draw = np.random.default_rng(3)
    drawn = draw.multinomial(50, [(0.5 + found) / 2, (0.5 - found) / 2, 0.5], 400)
    assert 0.74 <= np.mean([sign_test(int(a), int(b)) < 0.05 for a, b, _ in drawn]) <= 0.88


def test_who_is_worse_by_the_margin_is_called_not_worse_in_few_of_a_thousand_simulations() -> None:
    draw, margin = np.random.default_rng(11), 0.1
    wrongly = 0
    for _ in range(SIMULATIONS):
        n = int(draw.integers(30, 51))
        lead = (draw.random(n) < 0.5).astype(int) - (draw.random(n) < 0.5 + margin)
        wrongly += difference([lead], [str(q) for q in range(n)], 300).low > -margin
    assert wrongly / SIMULATIONS <= 0.04  # 2.5 % and the error of a simulation


@pytest.mark.parametrize("n", [9, 33])
def test_the_detectable_difference_is_that_of_the_exact_test(n: int) -> None:
    found = detectable_difference(n, 0.6)
    leads = {m: least_lead(m) for m in range(n + 1)}
    for lead in () if found is None else (found - 0.01, found):
        ahead = (0.6 + lead) / 2 / 0.6
        power = sum(
            binom.pmf(m, n, 0.6) * binom.sf((m + least) // 2 - 1, m, ahead) for m, least in leads.items() if least
        )
        assert bool(power >= 0.8) == (lead == found)
    assert (found is None) == (n == 9)
