"""The cache of documents, so that a change of one file reads one file: documents.sqlite in the project.

A file is known again by its name, size, times, device and inode (`state_of`): one that a stranger packed is read anew
on this machine, and what an entry says of it does not count. Without the file, or where it cannot be used, all is read.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from agents.files import file_hash, state_of
from agents.project import DOCUMENT_CACHE
from agents.records import Document, Skipped

FEWEST_FILES = 500
LEAST_BYTES = 5_000_000
"""Fewer and smaller files are read faster than anybody notices."""
SETTLED = 2.0
"""Seconds that a file must have stood unchanged: a second change within a tick of its clock has the same times."""
BETWEEN_COMMITS = 200
SCHEMA = """
CREATE TABLE IF NOT EXISTS hashes (name TEXT PRIMARY KEY, state TEXT NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    name TEXT PRIMARY KEY, state TEXT NOT NULL, reader TEXT NOT NULL, items TEXT NOT NULL
);
"""
ITEMS = TypeAdapter(list[Document | Skipped])


class DocumentCache:
    """Documents and hashes of files by name; an error of SQLite counts as not known, and as not kept."""

    def __init__(self, path: Path) -> None:
        self._kept = 0
        self._db = sqlite3.connect(path, isolation_level="DEFERRED")
        self._db.executescript(SCHEMA)

    @classmethod
    def of(cls, folder: Path, files: Iterable[Path]) -> DocumentCache | None:
        """That of the project in `folder`; None where `files` are few and small, or SQLite cannot write there."""
        sizes = [_size(file) for file in files]
        if len(sizes) < FEWEST_FILES and sum(sizes) < LEAST_BYTES:
            return None
        try:
            return cls(folder / DOCUMENT_CACHE)
        except sqlite3.Error:
            return None

    def items(self, file: Path, name: str, how: str) -> list[Document | Skipped] | None:
        """What was read of a file that is as it was; None where that is not known. `how` names the settings."""
        with suppress(sqlite3.Error, ValidationError, OSError):
            query = "SELECT items FROM files WHERE name = ? AND state = ? AND reader = ?"
            row = self._db.execute(query, (name, _state(file), _reader(how))).fetchone()
            return ITEMS.validate_json(row[0]) if row else None
        return None

    def keep(self, file: Path, name: str, how: str, items: Sequence[Document | Skipped]) -> None:
        """Remember what was just read of a file."""
        self._write(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
            file,
            name,
            [_reader(how), ITEMS.dump_json([*items]).decode()],
        )

    def sha256(self, file: Path, name: str) -> str:
        """The SHA-256 of a file, which is read for it if it is not as it was. Raises `OSError`."""
        with suppress(sqlite3.Error):
            row = self._db.execute(
                "SELECT sha256 FROM hashes WHERE name = ? AND state = ?", (name, _state(file))
            ).fetchone()
            if row:
                return row[0]
        found = file_hash(file)
        self._write("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?)", file, name, [found])
        return found

    def close(self, names: Iterable[str]) -> None:
        """Forget all files but these, and write the rest."""
        with suppress(sqlite3.Error):
            known = set(names)
            for table in ("files", "hashes"):
                gone = [row for row in self._db.execute(f"SELECT name FROM {table}") if row[0] not in known]
                self._db.executemany(f"DELETE FROM {table} WHERE name = ?", gone)
            self._db.commit()
        self._db.close()

    def _write(self, statement: str, file: Path, name: str, values: Sequence[str]) -> None:
        with suppress(sqlite3.Error, OSError):
            if time.time() - max(file.stat().st_mtime, file.stat().st_ctime) < SETTLED:
                return
            self._db.execute(statement, (name, _state(file), *values))
            self._kept += 1
            if self._kept % BETWEEN_COMMITS == 0:
                self._db.commit()


def _state(file: Path) -> str:
    return " ".join(map(str, state_of(file)))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _reader(how: str) -> str:
    return f"{_readers()} {how}"


@cache
def _readers() -> str:
    """Another one for every change of how files are read: the sources of this folder, and the packages they use."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    for package in sorted({re.split(r"[^\w.-]", line)[0] for line in requires("ragtuned") or ()}):
        with suppress(PackageNotFoundError):  # of an extra
            digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()[:16]
