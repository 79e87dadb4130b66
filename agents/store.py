"""The call store: every finished model call, kept so that it is never paid twice.

One SQLite file per project (WAL: safe for several processes). The key names what decides a reply and nothing
that changes between starts: no URL, port, key or time-out. A call is committed before its caller sees it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from agents.errors import InputError
from agents.records import Item, write_text

Status = Literal["ok", "truncated", "refused", "unreadable"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY, role TEXT NOT NULL, model TEXT NOT NULL, status TEXT NOT NULL, request TEXT NOT NULL, reply TEXT NOT NULL,
    created REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rungs (model TEXT PRIMARY KEY, rung TEXT NOT NULL);
"""


class Reply(Item):
    """What came back from one call; `top_logprobs` are those of the first token, natural logarithms."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    top_logprobs: dict[str, float] = {}


class StoredCall(Item):
    """A reply with how it ended; only status `ok` is ever served outside a replay."""

    status: Status
    reply: Reply


def call_key(request: Mapping[str, Any]) -> str:
    """The SHA-256 of what decides a reply, as canonical JSON."""
    return hashlib.sha256(json.dumps(request, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class CallStore:
    """calls.sqlite: `get`, `put`, counts, and a text file out and in."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            raise InputError(f"{path} is not a call store: {error}", "move it away; replies can be imported again") from error

    def get(self, key: str) -> StoredCall | None:
        """The finished call of this key, or None."""
        row = self._db.execute("SELECT status, reply FROM calls WHERE key = ?", (key,)).fetchone()
        return StoredCall(status=row[0], reply=Reply.model_validate_json(row[1])) if row else None

    def put(self, key: str, role: str, request: Mapping[str, Any], call: StoredCall) -> None:
        """Commit a finished call; a failed one never overwrites a good one."""
        values = (key, role, request["model"], call.status, json.dumps(request, ensure_ascii=False), call.reply.model_dump_json(), time.time())
        keep = "WHERE calls.status != 'ok' OR excluded.status = 'ok'"
        fields = ", ".join(f"{f} = excluded.{f}" for f in ("role", "model", "status", "request", "reply", "created"))
        self._db.execute(f"INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET {fields} {keep}", values)

    def mark_unreadable(self, key: str, reply: Reply) -> None:
        """Keep this very reply as evidence only: a replay serves it again, a live run never."""
        self._db.execute("UPDATE calls SET status = 'unreadable' WHERE key = ? AND reply = ?", (key, reply.model_dump_json()))

    def rung(self, model: str) -> str | None:
        """How this model was found to give structured output, if it is known."""
        row = self._db.execute("SELECT rung FROM rungs WHERE model = ?", (model,)).fetchone()
        return row[0] if row else None

    def set_rung(self, model: str, rung: str) -> None:
        """Remember how this model gives structured output."""
        self._db.execute("INSERT OR REPLACE INTO rungs VALUES (?, ?)", (model, rung))

    def count(self) -> int:
        """How many calls are kept."""
        return int(self._db.execute("SELECT count(*) FROM calls").fetchone()[0])

    def export(self, path: Path, keys: set[str] | None = None) -> int:
        """Write the calls (of these keys) as JSON lines, gzipped if the name ends in .gz, sorted; returns how many.

        Raw requests go out too, so that a reader of the file sees what was asked.
        """
        lines: list[str] = []
        for key, role, status, request, reply in self._db.execute("SELECT key, role, status, request, reply FROM calls ORDER BY role, key"):
            if keys is None or key in keys:
                row = {"role": role, "status": status, "request": json.loads(request), "reply": json.loads(reply)}
                lines.append(json.dumps(row, ensure_ascii=False) + "\n")
        lines += [json.dumps({"rung": rung, "model": model}) + "\n" for model, rung in self._db.execute("SELECT * FROM rungs ORDER BY model")]
        _write(path, "".join(lines))
        return len(lines)

    def load(self, path: Path) -> int:
        """Read calls that `export` wrote, all or none; keys are computed anew from the requests. Returns how many.

        Raises:
            InputError: the file is not there, or is not a recording.

        """
        opener = gzip.open if path.suffix == ".gz" else open
        self._db.execute("BEGIN")
        try:
            with opener(path, "rt", encoding="utf-8") as lines:
                count = sum(self._load(json.loads(line)) for line in lines)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            self._db.execute("ROLLBACK")
            raise InputError(f"{path} is not a recording of calls: {error!r}", "name a file that `make record` wrote") from error
        self._db.execute("COMMIT")
        return count

    def _load(self, row: dict[str, Any]) -> int:
        if "rung" in row:
            self.set_rung(row["model"], row["rung"])
            return 0
        self.put(call_key(row["request"]), row["role"], row["request"], StoredCall(status=row["status"], reply=Reply(**row["reply"])))
        return 1

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _write(path: Path, text: str) -> None:
    if path.suffix != ".gz":
        return write_text(path, text)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(text.encode())
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(buffer.getvalue())
    aside.replace(path)
    return None
