"""The call store: every finished model call, kept so that it is never paid twice.

One SQLite file per project (WAL: safe for several processes). The key names what decides a reply and nothing
that changes between starts: no URL, port, key or time-out. A call is committed before its caller sees it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import json
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from agents.errors import StoreError
from agents.files import write_bytes, write_text
from agents.models.dialect import LADDER, Dialect, read_dialect
from agents.models.pending import Pending
from agents.models.recorded import Status, read_recording
from agents.records import Item

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY, role TEXT NOT NULL, model TEXT NOT NULL, status TEXT NOT NULL,
    request TEXT NOT NULL, reply TEXT NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dialects (model TEXT PRIMARY KEY, dialect TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pending (
    key TEXT PRIMARY KEY, role TEXT NOT NULL, request TEXT NOT NULL, day TEXT NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0, said TEXT NOT NULL DEFAULT '', written INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
"""


class Reply(Item):
    """What came back from one call; `top_logprobs` are those of the first token, natural logarithms.

    `estimated`: the server stated no tokens (or nonsense), and one of the two numbers is counted by characters.
    `batched`: it came in a batch, at its price.
    """

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    top_logprobs: dict[str, float] = {}
    estimated: bool = Field(default=False, exclude_if=lambda estimated: not estimated)  # unsaid: a store is as it was
    batched: bool = Field(default=False, exclude_if=lambda batched: not batched)


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
        self.path = path
        self.set_aside: Path | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _connected(path)
        except (OSError, sqlite3.OperationalError) as error:  # no space, locked: the file itself may be in order
            raise StoreError(
                f"{path} cannot be used: {error}", "is there space, and may this user write there?"
            ) from error
        except (sqlite3.DatabaseError, _Foreign):
            self.set_aside = _moved_away(path)
            self._db = _connected(path)
        self.pending = Pending(self._db)

    def _write(self, statement: str, values: Sequence[Any] = ()) -> None:
        try:
            self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{self.path} cannot be written: {error}", "make space or the file writable; the same command continues"
            ) from error

    def get(self, key: str) -> StoredCall | None:
        """The finished call of this key, or None; one that cannot be read is as good as none."""
        row = self._db.execute("SELECT status, reply FROM calls WHERE key = ?", (key,)).fetchone()
        try:
            return StoredCall(status=row[0], reply=Reply.model_validate_json(row[1])) if row else None
        except ValidationError:  # a received store, or an older version that kept numbers which are none: asked anew
            return None

    def put(self, key: str, role: str, request: Mapping[str, Any], call: StoredCall) -> None:
        """Commit a finished call; a failed one never overwrites a good one."""
        values = (
            key,
            role,
            request["model"],
            call.status,
            json.dumps(request, ensure_ascii=False),
            call.reply.model_dump_json(),
            time.time(),
        )
        keep = "WHERE calls.status != 'ok' OR excluded.status = 'ok'"
        fields = ", ".join(f"{f} = excluded.{f}" for f in ("role", "model", "status", "request", "reply", "created"))
        self._write(
            f"INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET {fields} {keep}", values
        )

    def mark_unreadable(self, key: str, reply: Reply) -> None:
        """Keep this very reply as evidence only: a replay serves it again, a live run never."""
        self._write(
            "UPDATE calls SET status = 'unreadable' WHERE key = ? AND reply = ?", (key, reply.model_dump_json())
        )

    def dialect(self, model: str) -> Dialect:
        """What this model was found to take."""
        row = self._db.execute("SELECT dialect FROM dialects WHERE model = ?", (model,)).fetchone()
        return read_dialect(row[0] if row else None)

    def set_dialect(self, model: str, dialect: Dialect) -> None:
        """Remember what this model takes."""
        values = (model, dialect.model_dump_json(exclude_defaults=True))
        self._write("INSERT OR REPLACE INTO dialects VALUES (?, ?)", values)

    def holds(self, model: str, rung: str) -> bool:
        """Whether a model gave structured output on this rung."""
        where = "model = ? AND status = 'ok' AND json_extract(request, '$.rung') = ?"
        return bool(self._db.execute(f"SELECT 1 FROM calls WHERE {where} LIMIT 1", (model, rung)).fetchone())

    def count(self) -> int:
        """How many calls are kept."""
        return int(self._db.execute("SELECT count(*) FROM calls").fetchone()[0])

    def stats(self) -> list[dict[str, Any]]:
        """By role, model and status: calls, tokens in and out, and the seconds they took."""
        sums = ", ".join(
            f"coalesce(sum(json_extract(reply, '$.{field}')), 0)" for field in ("tokens_in", "tokens_out", "seconds")
        )
        rows = self._db.execute(
            f"SELECT role, model, status, count(*), {sums} FROM calls GROUP BY role, model, status "
            "ORDER BY role, model, status"
        )
        return [
            dict(zip(("role", "model", "status", "calls", "tokens_in", "tokens_out", "seconds"), row, strict=True))
            for row in rows
        ]

    def tokens(self, keys: set[str], batched: bool | None = None) -> dict[str, tuple[int, int]]:
        """By role: the tokens in and out that the calls of these keys took; only those that were (not) `batched`."""
        sums: dict[str, tuple[int, int]] = {}
        fields = ", ".join(f"json_extract(reply, '$.{name}')" for name in ("tokens_in", "tokens_out", "batched"))
        for key, role, tokens_in, tokens_out, in_batch in self._db.execute(f"SELECT key, role, {fields} FROM calls"):
            if key in keys and batched in (None, bool(in_batch)):
                before = sums.get(role, (0, 0))
                sums[role] = (before[0] + tokens_in, before[1] + tokens_out)
        return sums

    def prune(self, keep: set[str], dry: bool = False, roles: Collection[str] = ()) -> int:
        """Delete every call but those of the keys in `keep` and of these roles, and give the space back.

        Returns how many (with `dry`: would be).
        """
        calls = self._db.execute("SELECT key, role FROM calls")
        gone = [(key,) for key, role in calls if key not in keep and role not in roles]
        if gone and not dry:
            with self.transaction():
                self._db.executemany("DELETE FROM calls WHERE key = ?", gone)
            self._db.execute("VACUUM")
        return len(gone)

    def export(self, path: Path, keys: set[str] | None = None) -> int:
        """Write the calls (of these keys) as JSON lines, gzipped if the name ends in .gz, sorted; returns how many.

        Raw requests go out too, so that a reader of the file sees what was asked.
        """
        lines: list[str] = []
        for key, role, status, request, reply in self._db.execute(
            "SELECT key, role, status, request, reply FROM calls ORDER BY role, key"
        ):
            if keys is None or key in keys:
                row = {"role": role, "status": status, "request": json.loads(request), "reply": json.loads(reply)}
                lines.append(json.dumps(row, ensure_ascii=False) + "\n")
        lines += [
            json.dumps({"rung": LADDER[0], **json.loads(dialect), "model": model}) + "\n"
            for model, dialect in self._db.execute("SELECT * FROM dialects ORDER BY model")
        ]
        _write_file(path, "".join(lines))
        return len(lines)

    def load(self, path: Path) -> int:
        """Read calls that `export` wrote, all or none; keys are computed anew from the requests. Returns how many.

        Raises:
            InputError: the file is not there, or is not a recording.

        """
        with self.transaction():
            return sum(self._load(row) for row in read_recording(path))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written in the block is kept, or nothing of it."""
        with self._db:
            self._db.execute("BEGIN")
            yield

    def _load(self, row: dict[str, Any]) -> int:
        if "rung" in row:
            model = row.pop("model")
            self.set_dialect(model, read_dialect(json.dumps(row)))
            return 0
        self.put(
            call_key(row["request"]),
            row["role"],
            row["request"],
            StoredCall(status=row["status"], reply=Reply(**row["reply"])),
        )
        return 1

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class _Foreign(Exception):
    """A database, but not a call store."""


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
    try:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {row[1] for row in db.execute("PRAGMA table_info(calls)")}
        if tables and not {"key", "role", "model", "status", "request", "reply", "created"} <= columns:
            raise _Foreign
        if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("malformed")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(SCHEMA)
        if "rungs" in tables:  # of a version that learned nothing else
            db.execute("INSERT OR IGNORE INTO dialects SELECT model, json_object('rung', rung) FROM rungs")
        db.execute("BEGIN IMMEDIATE")  # a store that cannot be written is found out before anything is paid
        db.execute("ROLLBACK")
    except BaseException:
        db.close()
        raise
    return db


def _moved_away(path: Path) -> Path:
    """The file under another name, with what SQLite keeps beside it; nothing is deleted."""
    aside = next(
        name for n in itertools.count(1) if not (name := path.with_name(f"{path.name}.set-aside-{n}")).exists()
    )
    for suffix in ("", "-wal", "-shm"):
        if (old := path.with_name(path.name + suffix)).exists():
            old.replace(aside.with_name(aside.name + suffix))
    return aside


def _write_file(path: Path, text: str) -> None:
    if path.suffix != ".gz":
        return write_text(path, text)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(text.encode())
    return write_bytes(path, buffer.getvalue())
