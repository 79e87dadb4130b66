"""Which replies of a project belong to work that is done: `calls prune` keeps them, all others may go."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.files import read_json, write_text
from agents.models.client import Client

FILE = "calls.json"
"""The keys that a piece of work asked for: a synthesis in its run, `eval` and `judge`, and `improve` below it."""
LISTS = (f"runs/*/{FILE}", f"runs/*/eval/{FILE}", f"runs/*/improve/{FILE}")
OF_NO_RUN = ("gold_writer",)
"""Roles whose replies belong to the project: gold holds for every run."""
DO = "remove it; `calls prune` then deletes what it listed"


def keep_calls(folder: Path, keys: Iterable[str]) -> None:
    """Add the keys to the list in this folder."""
    path, new = folder / FILE, set(keys)
    if new:
        known: list[str] = read_json(path, list[str], DO) if path.is_file() else []
        write_text(path, json.dumps(sorted({*known, *new})))


@contextmanager
def kept(folder: Path, clients: Collection[Client], dry: bool = False) -> Iterator[None]:
    """What the clients ask for inside is added to the list, also where a cap, a batch or an error breaks it off."""
    try:
        yield
    finally:
        if not dry:
            keep_calls(folder, {key for client in clients for key in client.keys})


def kept_calls(directory: Path) -> set[str] | None:
    """The keys in all lists of a project; None if it has none."""
    lists = [path for pattern in LISTS for path in directory.glob(pattern)]
    return {key for path in lists for key in read_json(path, list[str], DO)} if lists else None
