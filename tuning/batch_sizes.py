"""How many rows an update has and how many tokens a forward pass, where the recipe leaves it to the machine.

Two things, kept apart. The rows of an update belong to the recipe: more of them are fewer updates over the same rows,
so the rate goes with them, and there is a least number of updates. The tokens of a pass belong to the machine: an
update goes through in parts with the same gradient, and the parts are as large as free memory lets them be.
"""

from __future__ import annotations

from tuning.dataset import Encoded
from tuning.footprint import Size, memory_estimate
from tuning.recipe import ROWS, TOKENS, Recipe

MOST_ROWS = 64
"""Rows of an update at most; with one rate for both, 32 rows taught 4 of 33 details where 8 taught 10.

bench/results/students.json, demo-10-e4 and demo-10-e4b8, one seed.
"""
LEAST_UPDATES = 100
"""Updates that a run keeps: few steps write few facts."""
MOST_TOKENS = 8192
"""Tokens of a pass on a GPU: the mask of a packed pass has the square of it."""
FEWEST_TOKENS = 256
"""Tokens of a pass where memory is short."""
SHARE = 0.8
"""Of the free memory that a pass may fill: the estimate is one."""


def fit_rows(recipe: Recipe, rows: int, on_gpu: bool) -> tuple[Recipe, str]:
    """The recipe with a number in place of `batch_size = "auto"` and the rate for it, and what to say of that.

    `rows` are those of one pass over the data.
    """
    if recipe.batch_size != "auto":
        return recipe, ""
    updates = recipe.epochs * rows / recipe.gradient_accumulation
    chosen = max(ROWS, min(MOST_ROWS, int(updates // LEAST_UPDATES))) if on_gpu else ROWS
    rate = recipe.learning_rate * (chosen / ROWS) ** 0.5
    said = f"batch_size auto: {chosen} rows, learning rate {rate:.2g} ({recipe.learning_rate:g} is that of {ROWS})"
    return recipe.model_copy(update={"batch_size": chosen, "learning_rate": rate}), said


def fit_tokens(recipe: Recipe, size: Size, rows: Encoded, free: int, on_gpu: bool) -> Recipe:
    """The recipe with a number in place of `batch_tokens = "auto"`: the most, by halves, that `free` bytes hold."""
    if recipe.batch_tokens != "auto":
        return recipe
    most = MOST_TOKENS if on_gpu else TOKENS
    while most > FEWEST_TOKENS:
        tried = recipe.model_copy(update={"batch_tokens": most})
        if memory_estimate(tried, size, rows) <= SHARE * free:
            break
        most //= 2
    return recipe.model_copy(update={"batch_tokens": most})
