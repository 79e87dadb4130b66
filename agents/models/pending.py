"""The requests that were written for a batch and have no reply yet, kept beside the calls.

With them a batch's results are checked and stored without the run that asked: a line's custom_id is the key of its
request.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class PendingRequest:
    """One of them.

    `day` it was first written (UTC); `refusals`: how often the server said that it cannot be answered as it is, and
    what it `said` last.
    """

    key: str
    role: str
    identity: Mapping[str, Any]
    day: str
    refusals: int
    said: str


class Pending:
    """The table `pending` of a call store."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, key: str) -> PendingRequest | None:
        """The request of this key, if it is out."""
        row = self._db.execute(
            "SELECT key, role, request, day, refusals, said FROM pending WHERE key = ?", (key,)
        ).fetchone()
        return PendingRequest(row[0], row[1], json.loads(row[2]), *row[3:]) if row else None

    def add(self, requests: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
        """Note that these (key, role, identity) go out; of those that were out already the day stays."""
        day = datetime.now(UTC).date().isoformat()
        rows = [(key, role, json.dumps(identity, ensure_ascii=False), day) for key, role, identity in requests]
        again = "ON CONFLICT(key) DO UPDATE SET written = written + 1"
        with self._db:  # all of them, or none
            self._db.execute("BEGIN")
            self._db.executemany(f"INSERT INTO pending (key, role, request, day) VALUES (?, ?, ?, ?) {again}", rows)

    def refused(self, key: str, said: str) -> None:
        """The server says that this request cannot be answered as it is; the same file twice says it once."""
        counted = "refusals = min(refusals + 1, written)"
        self._db.execute(f"UPDATE pending SET {counted}, said = ? WHERE key = ?", (said, key))

    def forget(self, key: str) -> None:
        """A reply came."""
        self._db.execute("DELETE FROM pending WHERE key = ?", (key,))

    def by_day(self) -> dict[str, int]:
        """How many have no reply, by the day on which they were first written."""
        left = "FROM pending WHERE key NOT IN (SELECT key FROM calls)"  # a live call may have been quicker
        return dict(self._db.execute(f"SELECT day, count(*) {left} GROUP BY day ORDER BY day").fetchall())
