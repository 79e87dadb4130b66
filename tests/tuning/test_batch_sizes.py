"""What the recipe leaves to the machine: rows of an update by the run, tokens of a pass by free memory."""

from __future__ import annotations

import pytest

from tests.tuning.test_footprint import SMALL, rows
from tuning.batch_sizes import LEAST_UPDATES, MOST_ROWS, MOST_TOKENS, fit_rows, fit_tokens
from tuning.footprint import memory_estimate
from tuning.recipe import Recipe

AUTO = Recipe(batch_size="auto", batch_tokens="auto")


@pytest.mark.parametrize(
    ("taught", "expected"),
    [(100, 8), (800, 32), (100_000, MOST_ROWS)],
    ids=["a small set keeps its updates", "as many as leave a hundred updates", "never more than the most"],
)
def test_on_a_gpu_an_update_has_as_many_rows_as_leave_enough_updates(taught: int, expected: int) -> None:
    recipe, said = fit_rows(AUTO, taught, on_gpu=True)
    assert recipe.rows_a_batch == expected
    assert 4 * taught / expected >= LEAST_UPDATES or expected == 8
    assert recipe.learning_rate == pytest.approx(2e-3 * (expected / 8) ** 0.5)
    assert f"{expected} rows, learning rate {recipe.learning_rate:.2g} (0.002 is that of 8)" in said


def test_on_a_cpu_an_update_has_the_rows_of_the_default_and_its_rate() -> None:
    recipe, _ = fit_rows(AUTO, 100_000, on_gpu=False)
    assert (recipe.rows_a_batch, recipe.learning_rate) == (8, AUTO.learning_rate)


def test_a_number_stays_with_its_rate() -> None:
    given = Recipe(batch_size=64, batch_tokens=100)
    assert fit_rows(given, 10**6, on_gpu=True) == (given, "")
    assert fit_tokens(given, SMALL, rows(60), 10**12, on_gpu=True) == given


def test_gradient_accumulation_counts_as_rows_of_an_update() -> None:
    recipe, _ = fit_rows(AUTO.model_copy(update={"gradient_accumulation": 4}), 800, on_gpu=True)
    assert recipe.rows_a_batch == 8


@pytest.mark.parametrize("gigabytes", [1.6, 2.0, 3.0, 100.0])
def test_a_pass_has_what_free_memory_holds_and_no_more(gigabytes: float) -> None:
    pages, free = rows(*[300] * 50), int(gigabytes * 1e9)
    recipe = fit_tokens(AUTO.model_copy(update={"batch_size": 32}), SMALL, pages, free, on_gpu=True)
    assert 256 <= recipe.tokens_a_pass <= MOST_TOKENS
    if recipe.tokens_a_pass > 256:
        assert memory_estimate(recipe, SMALL, pages) <= 0.8 * free
    if recipe.tokens_a_pass < MOST_TOKENS:
        double = recipe.model_copy(update={"batch_tokens": 2 * recipe.tokens_a_pass})
        assert memory_estimate(double, SMALL, pages) > 0.8 * free
