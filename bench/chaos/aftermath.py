"""What a run left behind, compared with an undisturbed one: files byte by byte, run.json but for times, and calls."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.server.chat_request import digest_of
from graphs.run_record import read_record

TIMES = ("start",)  # of run.json: the times and the calls of the last start alone


def compare(undisturbed: Path, disturbed: Path) -> dict[str, Any]:
    """How the run folders of two projects differ: files of graph/ and data/, and the keys of run.json."""
    wanted, found = hashes(undisturbed), hashes(disturbed)
    differ = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    keys = sorted(_differing(_told(undisturbed), _told(disturbed)))
    return {
        "files": len(wanted),
        "identical": bool(wanted) and not differ,
        "differing_files": differ,
        "differing_keys_of_run_json": keys,
    }


def hashes(project: Path) -> dict[str, str]:
    """{file: SHA-256} of everything under graph/ and data/ of the run `main`."""
    run = project / "runs" / "main"
    files = [file for part in ("graph", "data") for file in sorted((run / part).rglob("*")) if file.is_file()]
    return {file.relative_to(run).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def committed(project: Path) -> set[str]:
    """The digests of the calls whose replies are in the store."""
    store = project / "calls.sqlite"
    if not store.is_file():
        return set()
    connection = sqlite3.connect(
        f"{store.resolve().as_uri()}?mode=ro", uri=True, timeout=60
    )  # looks, and tidies nothing up
    try:
        return {
            digest_of([(m["role"], m["content"]) for m in json.loads(row)["messages"]])
            for (row,) in connection.execute("SELECT request FROM calls")
        }
    except sqlite3.OperationalError:  # killed before the table was made
        return set()
    finally:
        connection.close()


def accounted(project: Path) -> dict[str, Any]:
    """The counts of run.json, and whether planned = kept + rejected + failed."""
    record = read_record(_run_json(project))
    if record is None:
        return {"planned": None, "kept": None, "failed": None, "adds_up": False}
    counts = record.counts
    adds_up = counts.planned == counts.kept + counts.rejected + counts.failed
    return {"planned": counts.planned, "kept": counts.kept, "failed": counts.failed, "adds_up": adds_up}


def _told(project: Path) -> dict[str, Any]:
    record = read_record(_run_json(project))
    return record.as_object() if record else {}


def _run_json(project: Path) -> Path:
    return project / "runs" / "main" / "run.json"


def _differing(a: Any, b: Any, name: str = "") -> Iterator[str]:
    """The dotted names of the values that differ, times left out."""
    if not (isinstance(a, dict) and isinstance(b, dict)):
        if a != b:
            yield name
        return
    for key in a.keys() | b.keys():
        if key not in TIMES:
            yield from _differing(a.get(key), b.get(key), f"{name}.{key}".strip("."))
