"""A run that turns to NaN ends at that update, before a checkpoint can be made of it.

The trainer of transformers hides such values: with `logging_nan_inf_filter`, its default, a loss of NaN is logged as
0.0, the run goes on to its end and an adapter of NaN is saved. The filter is off here, and this looks at every value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.errors import TrainingDiverged
from tuning.dataset import Tokens
from tuning.recipe import Recipe

WATCHED = ("loss", "grad_norm", "eval_loss")
"""The values of the trainer's log that must be finite numbers."""
MOST_NAMED = 16
"""Rows of the update that an error names; an update may have hundreds."""


@dataclass
class Guard:
    """Knows the rows of the update under way, and raises `TrainingDiverged` where a value of it is not finite."""

    recipe: Recipe
    rows: Sequence[Tokens]
    _update: list[str] = field(default_factory=list)
    _last: str = "no update before it"

    def __post_init__(self) -> None:
        self._ids = {tuple(row.input_ids): row.id for row in self.rows}

    def see(self, batch: dict[str, Any]) -> None:
        """Note the rows of a forward pass; `input_ids` and `attention_mask` have the shape (batch, seq)."""
        for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True):
            self._update.append(self._ids.get(tuple(ids[mask.bool()].tolist()), "?"))

    def check(self, step: int, logs: dict[str, float]) -> None:
        """Look at what update `step` left in the log.

        Raises:
            TrainingDiverged: the loss or the norm of the gradient is NaN or infinite.

        """
        values = {name: float(logs[name]) for name in WATCHED if name in logs}
        told = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        if not all(map(math.isfinite, values.values())):
            raise TrainingDiverged(f"update {step} is no number: {told}; {self._last}; {self._named()}", self._advice())
        if values:
            self._last = f"update {step} had {told}"

    def callback(self) -> Any:
        """A callback for the trainer (its parent class is in transformers, which is imported late)."""
        from transformers import TrainerCallback

        guard = self

        class OnEveryLog(TrainerCallback):
            def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                guard._update.clear()

            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
                guard.check(state.global_step, logs or {})

        return OnEveryLog()

    def _named(self) -> str:
        more = f" and {len(self._update) - MOST_NAMED} more" if len(self._update) > MOST_NAMED else ""
        return f"rows of the update: {', '.join(self._update[:MOST_NAMED]) or 'none'}{more}"

    def _advice(self) -> str:
        lower = f"lower [tuning] learning_rate (now {self.recipe.learning_rate:g})"
        return (
            f'{lower}, or set dtype = "float32"; the last good checkpoint is kept, and the same command goes on from it'
        )
