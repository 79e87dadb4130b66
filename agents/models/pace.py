"""How long a model takes, from the calls that were kept of it: those of the last runs, or of `ragtuned doctor`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from agents.errors import InputError
from agents.models.backends import identity_of
from agents.models.config import ModelConfig

MOST_CALLS = 2_000  # the latest: a server that was slow a month ago may be quick today
A_RUN = 20  # calls; fewer are the doctor's, which go out one at a time
SELECT = """
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


def pace(store: Path, config: ModelConfig) -> Pace | None:
    """The pace of a model, by least squares over its latest calls; None where none is kept.

    Slots of an embedded model share the processor: what one call at a time took says nothing of several.
    """
    if not store.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as db:
            rows = db.execute(SELECT, (identity_of(config), MOST_CALLS)).fetchall()
    except (sqlite3.Error, InputError):  # no store of ours, or no such model: who needs it says so
        return None
    if not rows:
        return None
    from scipy.optimize import nnls

    seconds, _ = nnls([(1.0, tokens_in, tokens_out) for tokens_in, tokens_out, _ in rows], [row[2] for row in rows])
    alone = config.provider == "local" and len(rows) < A_RUN
    call, token_in, token_out = map(float, seconds)
    return Pace(call, token_in, token_out, 1 if alone else config.calls_at_once)
