"""What every verb shares on the command line: its options, its progress and its last word."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

Directory = Annotated[Path, typer.Option("-C", "--directory", help="The project's folder (it holds ragtuned.toml).")]
Run = Annotated[str, typer.Option("--run", help="Name of the run under runs/.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but the result.")]
HERE = Path()
DEFAULT_RUN = "main"
SECONDS_BETWEEN_LINES = 15.0


@dataclass
class Stage:
    """The progress of one stage: counts by outcome, shown as they change; `users` are the pieces of it under way."""

    name: str
    total: int | None
    counts: dict[str, int] = field(default_factory=dict)
    on_change: Any = None
    note: str = ""
    live: Callable[[], str] | None = None
    users: int = 0

    def count(self, outcome: str, by: int = 1) -> None:
        """Add to an outcome (done, kept, rejected, failed)."""
        self.counts[outcome] = self.counts.get(outcome, 0) + by
        if self.on_change:
            self.on_change(self)

    @property
    def text(self) -> str:
        """The counts in words, and what else is to be seen (the loss, say)."""
        notes = (self.note, self.live() if self.live else "")
        return ", ".join([*(f"{n} {outcome}" for outcome, n in self.counts.items()), *(note for note in notes if note)]) or "…"


class Console:
    """Prints for a person, or one JSON object for a program; progress goes to stderr."""

    def __init__(self, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet or as_json
        self._stages: dict[str, Stage] = {}
        self._progress: Any = None

    def say(self, text: str = "") -> None:
        """A line for a person (not under --json or --quiet)."""
        if not self.quiet:
            print(text, flush=True)

    def table(self, title: str, header: list[str], rows: list[list[str]]) -> None:
        """A table for a person."""
        if self.quiet:
            return
        from rich.console import Console as Rich
        from rich.markup import escape
        from rich.table import Table

        table = Table(title=title, title_justify="left")
        for name in header:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        Rich().print(table)

    def done(self, result: dict[str, Any], artifact: Path | None = None, then: str = "") -> None:
        """The last word of a verb: its result, its artifact and the next verb."""
        if self.as_json:
            print(json.dumps({**result, "artifact": str(artifact) if artifact else None}, ensure_ascii=False))
            return
        if artifact:
            print(artifact)
        if then:
            self.say(f"next: {then}")

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """A bar with counts, rate and time left; plain lines without a terminal. Pieces of one stage that run at once share its bar."""
        stage = self._stages.get(name) or self._opened(name)
        stage.users += 1
        if total is not None:
            stage.total = (stage.total or 0) + total
        try:
            yield stage
        finally:
            stage.users -= 1
            if not stage.users:
                self._closed(stage)

    def _opened(self, name: str) -> Stage:
        stage = self._stages[name] = Stage(name, None)
        if self.quiet:
            return stage
        stage.on_change = self._bar(name) if sys.stderr.isatty() else _lines()
        return stage

    def _closed(self, stage: Stage) -> None:
        del self._stages[stage.name]
        if stage.on_change:
            stage.on_change(stage, last=True)
        if self._progress and not self._stages:
            self._progress.stop()
            self._progress = None

    def _bar(self, name: str) -> Callable[..., None]:
        """How a stage shows itself on the one live display of the terminal."""
        if self._progress is None:
            from rich.console import Console as Rich
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counts]}"))
            self._progress = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Rich(stderr=True))
            self._progress.start()
        progress = self._progress
        task = progress.add_task(name, total=None, counts="")

        def show(stage: Stage, last: bool = False) -> None:
            done = sum(stage.counts.values())
            progress.update(task, total=done if last else stage.total, completed=done, counts=stage.text)

        return show


def _lines() -> Callable[..., None]:
    """How a stage shows itself where there is no terminal: a line every quarter of a minute, and one at its end."""
    started = shown = time.monotonic()

    def show(stage: Stage, last: bool = False) -> None:
        nonlocal shown
        now = time.monotonic()
        if last:
            print(f"{stage.name}: {stage.text}, {now - started:.1f} s", file=sys.stderr, flush=True)
        elif now - shown >= SECONDS_BETWEEN_LINES:
            shown = now
            print(f"  {stage.name}: {sum(stage.counts.values())}/{stage.total or '?'} ({stage.text}), {now - started:.0f} s", file=sys.stderr, flush=True)

    return show
