"""How fast `ragtuned tune` trains by the rows of an update, and how much of that the card itself computes.

A stage of `bench.speed.gpu`; on a CPU it tells the speed alone.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

SIZES = (8, 16, 32, 64, 128)
"""Rows of an update whose speed is measured."""
UPDATES = 24
"""Updates of each size that are timed, after `WARM_UP` others; of `PROFILED` more the card's own time is read."""
WARM_UP, PROFILED = 6, 4


class Sized(NamedTuple):
    """A backend with its student loaded, and the recipe."""

    backend: Any
    student: Any
    tokenizer: Any
    recipe: Any

    @classmethod
    def of(cls, backend: str, model: str, settings: Mapping[str, Any]) -> Sized:
        """With these settings of [tuning]."""
        from tuning.attention import avoid_cudnn_attention
        from tuning.backends import choose_backend
        from tuning.base import open_base
        from tuning.batch_sizes import MOST_TOKENS
        from tuning.recipe import Recipe

        whole = {**settings, "base": model, "backend": backend, "epochs": 1, "batch_tokens": MOST_TOKENS}
        recipe = Recipe.model_validate({**whole, "replay_rows": 0, "checkpoint_steps": 10**6})
        chosen = choose_backend(recipe)  # first: Unsloth rewrites the libraries
        avoid_cudnn_attention()
        return cls(chosen, *chosen.load(recipe, open_base(model)), recipe)


def sizes(sized: Sized, path: Path, folder: Path) -> dict[str, Any]:
    """Tokens a second by rows of an update, as `ragtuned tune` trains, and the card's own milliseconds an update.

    By the median update: Unsloth compiles once more when it meets a new shape, which is part of its start.
    """
    import torch

    from tuning.dataset import encode, read_rows

    rows = encode(read_rows(path), sized.tokenizer, sized.recipe.max_length).rows
    random.Random(0).shuffle(rows)
    found: dict[str, Any] = {}
    for size in SIZES:
        some = rows[: size * (WARM_UP + UPDATES)]
        ends = _trained(sized, some, size, folder)
        if len(ends) <= WARM_UP:
            break
        seconds = median(then - before for before, then in pairwise(ends[WARM_UP - 1 :]))
        tokens = sum(len(row.input_ids) for row in some) / len(ends)
        found[str(size)] = {"tokens_per_second": round(tokens / seconds), "update_ms": round(1000 * seconds, 1)}
        if torch.cuda.is_available():
            with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as watched:
                _trained(sized, some[: size * PROFILED], size, folder)
            busy = sum(event.self_device_time_total for event in watched.key_averages()) / 1000 / PROFILED
            found[str(size)] |= {
                "card_ms": round(busy, 1),
                "peak_gb": round(torch.cuda.max_memory_allocated() / 1e9, 1),
            }
    return {"rows_an_update": found, "row_tokens": round(sum(len(row.input_ids) for row in rows) / len(rows), 1)}


def _trained(sized: Sized, rows: list[Any], size: int, folder: Path) -> list[float]:
    """Train on the rows, so many an update; when each update ended (seconds of a clock)."""
    from bench.speed.update import clock, ours

    watch = clock()
    recipe = sized.recipe.model_copy(update={"batch_size": size})
    trainer = ours(recipe, sized.backend, sized.student, sized.tokenizer, rows, folder)
    trainer.add_callback(watch)
    trainer.train()
    return [wall for wall, _ in watch.ends]
