"""What the calls of a role took in the mean: a plan goes by it once there are replies, in place of its own figures."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

FEWEST = 5  # replies; the mean of fewer says little


def mean_tokens(calls: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """By role and model: the mean tokens in and out of its finished calls; empty where there is no store to read.

    The store is only read: a plan neither makes one nor sets a broken one aside.
    """
    if not calls.is_file():
        return {}
    means = ", ".join(f"avg(json_extract(reply, '$.{name}'))" for name in ("tokens_in", "tokens_out"))
    query = f"SELECT role, model, {means} FROM calls WHERE status = 'ok' GROUP BY role, model HAVING count(*) >= ?"
    try:
        with closing(sqlite3.connect(f"{calls.absolute().as_uri()}?mode=ro", uri=True)) as store:
            return {(role, model): (taken, given) for role, model, taken, given in store.execute(query, (FEWEST,))}
    except sqlite3.Error:  # `synthesize` tells of a store that cannot be used
        return {}
