"""Every file below the configured paths: those that have a reader, and those that stay unread, each with its reason.

Links to folders are not followed, so that no circle of them is walked; hidden folders are not looked into.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.config import FILE_NAME
from agents.errors import InputError
from agents.links import GLOB
from agents.project import CALLS, DOCUMENT_CACHE
from agents.records import Skipped, SkipReason
from agents.text.printable import printable
from agents.text.words import word_set
from graphs.corpus.readers import READERS

KNOWN = " ".join(sorted(READERS))
ARCHIVES = word_set(".zip .tar .gz .tgz .bz2 .tbz2 .xz .txz .zst .7z .rar .jar .iso .dmg .cab .lz4 .lzma .z")
OWN = (FILE_NAME, "gold.jsonl", "runs")
STORES = (CALLS, DOCUMENT_CACHE)
"""What lies in a project beside its documents. Gold questions above all: they enter no prompt and no training step."""
NOT_READ: tuple[SkipReason, ...] = ("no reader", "archive", "hidden", "the project's own")
"""Reasons of files that are left where they are; one with another reason was to be read."""


@dataclass(frozen=True)
class Listing:
    """What stands below some paths, each file once, in the order of the paths and then of the names."""

    files: dict[Path, str]
    """Those to be read, with their names; links to folders and closed folders too: reading them says what is wrong."""
    unread: list[Skipped]
    """Those that are not, for a reason of NOT_READ."""


def listing(root: Path, paths: Sequence[str]) -> Listing:
    """What stands below `paths`, which are relative to `root`.

    Raises:
        InputError: a path is missing or has no reader, or nothing with a reader is there.

    """
    names: dict[Path, str] = {}
    unread: dict[Path, Skipped] = {}
    taken: set[str] = set()
    for path in paths:
        for file, reason, detail in _found(root, path):
            if file in names or file in unread:
                continue
            name = file_name(root, file, root / path)
            name = printable(os.path.relpath(file, root)) if name in taken else name
            taken.add(name)
            if reason:
                unread[file] = Skipped(path=name, reason=reason, detail=detail)
            else:
                names[file] = name
    if not names:
        there = f"; there are {kinds(unread.values())}" if unread else ""
        raise InputError(
            f"no document in {', '.join(paths)} (under {root.resolve()}){there}",
            f"put files there ({KNOWN}), or set [documents] paths",
        )
    return Listing(names, list(unread.values()))


def file_name(root: Path, file: Path, named: Path) -> str:
    """What a file is called everywhere, on one line, with line breaks and broken characters escaped.

    Its path in the project; of a file elsewhere the name of the folder that was `named`, and its path in that.
    """
    if file.is_relative_to(root):
        return printable(file.relative_to(root).as_posix())
    fixed = _fixed_part(named)
    return printable(file.relative_to(fixed.parent).as_posix())


def _fixed_part(path: Path) -> Path:
    """`path` up to its first part with a glob's letters."""
    parts = path.parts
    return Path(*parts[: next((n for n, part in enumerate(parts) if GLOB & set(part)), len(parts))])


def kinds(unread: Iterable[Skipped]) -> str:
    """How many there are of each kind, by reason: "12 .png, 3 .xlsx (no reader); 2 hidden"."""
    counts = Counter((item.reason, item.detail if item.reason == "no reader" else "") for item in unread)
    told: list[str] = []
    for reason in NOT_READ:
        found = [(kind, n) for (why, kind), n in counts.most_common() if why == reason]
        if reason == "no reader" and found:
            told.append(f"{', '.join(f'{n:,} {kind}' for kind, n in found)} ({reason})")
        else:
            told += [f"{n:,} {reason}" for _, n in found]
    return "; ".join(told)


Found = tuple[Path, SkipReason | None, str]
"""A file, and why it is not read, with a word about it; without a reason where it is."""


def _found(root: Path, path: str) -> list[Found]:
    target = root / path
    if target.is_file() and target.suffix.lower() not in READERS:
        raise InputError(f"{path}: no reader for {target.suffix or 'a file without an ending'}", f"known are {KNOWN}")
    if target.is_file():
        return [_own(root, target) or (target, None, "")]
    if target.is_dir():
        found = _walk(root, target)
    elif set(path) & GLOB:
        found = _matches(root, path)
    else:
        raise InputError(
            f"[documents] paths: {target} does not exist", "mend the path; it is relative to ragtuned.toml"
        )
    return sorted(found, key=lambda one: one[0])


def _own(root: Path, file: Path) -> Found | None:
    """The part of a project that is no document and that `file` is, or lies in."""
    first = next(iter(file.relative_to(root).parts), "") if file.is_relative_to(root) else ""
    own = first in OWN or first.startswith(STORES)  # SQLite's own files stand beside each
    return (root / first, "the project's own", "") if own else None


def _walk(root: Path, folder: Path) -> Iterator[Found]:
    """All below a folder. Without recursion: they may stand a thousand deep in one another."""
    waiting = [folder]
    while waiting:
        within = waiting.pop()
        if own := _own(root, within):
            yield own
            continue
        try:
            with os.scandir(within) as entries:
                for entry in entries:
                    file = within / entry.name
                    if entry.name.startswith("."):
                        yield file, "hidden", ""
                    elif entry.is_dir(follow_symlinks=False):
                        waiting.append(file)
                    elif entry.is_symlink() and os.path.isdir(file):  # unlike the entry's own, it takes a circle
                        yield file, None, ""
                    else:
                        yield _own(root, file) or _by_ending(file)
        except OSError:  # reading it says why
            yield within, None, ""


def _by_ending(file: Path) -> Found:
    ending = file.suffix.lower()
    if ending in READERS:
        return file, None, ""
    if ending in ARCHIVES:
        return file, "archive", "not opened; unpack it"
    return file, "no reader", printable(ending) or "without an ending"


def _matches(root: Path, pattern: str) -> Iterator[Found]:
    """The files that a glob names; hidden ones only where the glob names the dot."""
    whole = root / pattern
    base = Path(whole.anchor) if Path(pattern).is_absolute() else root
    rest = whole.relative_to(base)
    try:
        found = list(base.glob(str(rest / "*" if rest.name == "**" else rest)))
    except ValueError as error:
        raise InputError(
            f"[documents] paths: {pattern!r} is not a glob: {error}", "write it like notes/**/*.md"
        ) from error
    except RecursionError as error:
        raise InputError(
            f"{pattern}: its folders stand too deep in one another for a glob", "name the folder"
        ) from error
    for file in found:
        parts = file.relative_to(base).parts
        hidden = next((n for n, part in enumerate(parts, 1) if part.startswith(".") and part not in rest.parts), None)
        if own := _own(root, file):
            yield own
        elif hidden:
            yield base.joinpath(*parts[:hidden]), "hidden", ""
        elif not os.path.isdir(file):
            yield _by_ending(file)
        elif file.is_symlink():
            yield file, None, ""
