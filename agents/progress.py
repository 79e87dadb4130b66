"""Progress as events.

What a stage has done so far, told at every change to one listener, the console or a graph's stream.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict

from agents.errors import WriteError
from agents.files import write_text

SECONDS_BETWEEN = 1.0  # two writes of a file that is watched


class Event(TypedDict):
    """Where a stage stands: `counts` by outcome (done, kept, rejected, failed) so far, of `total` if that is known.

    `seconds` since it began.
    """

    stage: str
    state: Literal["begun", "under way", "ended"]
    total: int | None
    counts: dict[str, int]
    note: str
    seconds: float


@dataclass
class Stage:
    """The progress of one stage; `users` are the pieces of it under way."""

    name: str
    total: int | None = None
    tell: Callable[[Event], None] = lambda event: None
    counts: dict[str, int] = field(default_factory=dict)
    note: str = ""
    live: Callable[[], str] | None = None
    users: int = 0
    started: float = field(default_factory=time.monotonic)

    def count(self, outcome: str, by: int = 1) -> None:
        """Add to an outcome (done, kept, rejected, failed)."""
        self.counts[outcome] = self.counts.get(outcome, 0) + by
        self.tell(self.event("under way"))

    def event(self, state: Literal["begun", "under way", "ended"]) -> Event:
        """Where it stands now, with what else is to be seen (the loss, tokens, money)."""
        note = ", ".join(text for text in (self.note, self.live() if self.live else "") if text)
        seconds = round(time.monotonic() - self.started, 3)
        return Event(
            stage=self.name, state=state, total=self.total, counts=dict(self.counts), note=note, seconds=seconds
        )


class Board:
    """The stages under way; pieces of one stage that run at once are one stage, and end when the last piece does."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self.tell = tell
        self._stages: dict[str, Stage] = {}

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """A stage, or one more piece of it, that adds `total` items to what is to be done."""
        stage = self._stages.setdefault(name, Stage(name, tell=self.tell))
        stage.users += 1
        if total is not None:
            stage.total = (stage.total or 0) + total
        self.tell(stage.event("begun"))
        try:
            yield stage
        finally:
            stage.users -= 1
            if not stage.users:
                del self._stages[name]
                self.tell(stage.event("ended"))


class Kept:
    """The stages of a command in a file, for somebody who watches from another process, at most once a second."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stages: dict[str, Event] = {}
        self._written = 0.0

    def tell(self, event: Event) -> None:
        """Note where a stage stands. A disk that cannot be written stops no work."""
        self._stages[event["stage"]] = event
        now = time.monotonic()
        under_way = any(one["state"] != "ended" for one in self._stages.values())
        if under_way and now - self._written < SECONDS_BETWEEN:
            return
        self._written = now
        with contextlib.suppress(WriteError):
            write_text(self.path, json.dumps(list(self._stages.values())))
