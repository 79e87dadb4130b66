"""The items of a run's files while its stages want them, and when their memory is given back."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from agents.files import read_jsonl, state_of

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - the item type of a file
MANY = 2000  # chunks or entities whose graph takes a hundred megabytes or more


@dataclass
class ItemCache:
    """Files that were read, each for as long as it stays as it was."""

    _read: dict[Path, tuple[tuple[int, ...], list[Any]]] = field(default_factory=dict)

    def items(self, path: Path, item: type[I]) -> list[I]:
        """The items of a file, read once for all shards that want them; not to be changed."""
        changed = state_of(path) if path.is_file() else ()
        if path not in self._read or self._read[path][0] != changed:
            self._read[path] = (changed, read_jsonl(path, item))
        return self._read[path][1]

    def clear(self) -> None:
        """Let go of everything."""
        self._read.clear()


def collect_garbage(items: int) -> None:
    """Clear the objects in reference cycles that a stage over so many items left.

    The collector would reach them minutes later; few are not worth a tenth of a second.
    """
    if items > MANY:
        gc.collect()
