"""What the calls that were kept tell a plan: the tokens that a role takes, and the time that a model takes.

The store is only read: a plan neither makes one nor sets a broken one aside. Who needs it tells what is wrong with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from agents.errors import InputError
from agents.models.backends import identity_of
from agents.models.config import ModelConfig

FEWEST = 5  # replies; the mean of fewer says little
MOST_CALLS = 2_000  # the latest: a server that was slow a month ago may be quick today
A_RUN = 20  # calls; fewer are the doctor's, which go out one at a time
MEANS = """
SELECT role, model, avg(json_extract(reply, '$.tokens_in')), avg(json_extract(reply, '$.tokens_out'))
FROM calls WHERE status = 'ok' GROUP BY role, model HAVING count(*) >= ?
"""
TIMES = """
SELECT json_extract(reply, '$.tokens_in'), json_extract(reply, '$.tokens_out'), json_extract(reply, '$.seconds')
FROM calls WHERE model = ? AND status = 'ok' AND json_extract(reply, '$.seconds') > 0 ORDER BY created DESC LIMIT ?
"""


class Pace(NamedTuple):
    """Seconds: of every call, of a token in it, of a token out; and how many such calls go on at once."""

    call: float
    token_in: float
    token_out: float
    at_once: int

    def hours(self, calls: int, tokens_in: int, tokens_out: int) -> float:
        """The hours that so many calls take together."""
        return (calls * self.call + tokens_in * self.token_in + tokens_out * self.token_out) / self.at_once / 3600


def mean_tokens(store: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """By role and model: the mean tokens in and out of its finished calls."""
    return {(role, model): (taken, given) for role, model, taken, given in _rows(store, MEANS, (FEWEST,))}


def pace(store: Path, config: ModelConfig) -> Pace | None:
    """The pace of a model, by least squares over its latest calls; None where none is kept.

    Slots of an embedded model share the processor: what one call at a time took says nothing of several.
    """
    try:
        rows = _rows(store, TIMES, (identity_of(config), MOST_CALLS))
    except InputError:  # no such model
        return None
    if not rows:
        return None
    from scipy.optimize import nnls

    seconds, _ = nnls([(1.0, tokens_in, tokens_out) for tokens_in, tokens_out, _ in rows], [row[2] for row in rows])
    alone = config.provider == "local" and len(rows) < A_RUN
    call, token_in, token_out = map(float, seconds)
    return Pace(call, token_in, token_out, 1 if alone else config.calls_at_once)


def _rows(store: Path, query: str, values: Sequence[Any]) -> list[Any]:
    """The rows of a query; none of a store that is not there or cannot be read."""
    if not store.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as db:
            return db.execute(query, values).fetchall()
    except sqlite3.Error:
        return []
