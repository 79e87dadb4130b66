"""Links that leave a project: what a stranger packed may not read, or write, what lies elsewhere on this machine.

A path that ragtuned.toml names outside the project is followed: it stands there to be seen. A link is not seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from agents.errors import InputError

GLOB = frozenset("*?[")


def leads_out(path: Path, folders: Iterable[Path]) -> bool:
    """Whether the file or folder that `path` leads to lies in none of the `folders` (real ones)."""
    real = Path(os.path.realpath(path))
    return not any(real.is_relative_to(folder) for folder in folders)


def open_folders(root: Path, paths: Sequence[str]) -> list[Path]:
    """The real folders that `paths`, relative to `root`, are read from: the project, and what they name outside it."""
    found = [Path(os.path.realpath(root))]
    for path in paths:
        parts = Path(os.path.normpath(Path(os.path.abspath(root), path))).parts
        fixed = next((n for n, part in enumerate(parts) if GLOB & set(part)), len(parts))
        named = Path(*parts[:fixed])
        if not named.is_relative_to(os.path.abspath(root)):
            found.append(Path(os.path.realpath(named)))
    return found


def refuse_links(directory: Path) -> None:
    """Let no link of a project take what its runs read or write to another place.

    Raises:
        InputError: the call store, documents.sqlite, gold.jsonl, runs/ or anything in it is such a link.

    """
    folders = [Path(os.path.realpath(directory))]
    if link := next((path for path in _links(directory) if leads_out(path, folders)), None):
        advice = "remove the link, or put there what it leads to; to keep runs elsewhere, move the whole project"
        raise InputError(f"{link} is a link out of the project, to {os.path.realpath(link)}", advice)


def _links(directory: Path) -> Iterator[Path]:
    own = [
        path
        for pattern in ("calls.sqlite*", "documents.sqlite*", "gold.jsonl", "runs")
        for path in directory.glob(pattern)
    ]
    yield from (path for path in own if path.is_symlink())
    for within, folders, files in os.walk(directory / "runs"):
        yield from (path for name in (*folders, *files) if (path := Path(within, name)).is_symlink())
