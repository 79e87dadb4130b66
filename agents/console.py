"""What every verb shares on the command line: its options, its progress and its last word."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
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


@dataclass
class Stage:
    """The progress of one stage: counts by outcome, shown as they change."""

    name: str
    total: int | None
    counts: dict[str, int] = field(default_factory=dict)
    on_change: Any = None
    note: str = ""

    def count(self, outcome: str, by: int = 1) -> None:
        """Add to an outcome (done, kept, rejected, failed)."""
        self.counts[outcome] = self.counts.get(outcome, 0) + by
        if self.on_change:
            self.on_change(self)

    @property
    def text(self) -> str:
        """The counts in words, and what else is to be seen (the loss, say)."""
        return ", ".join([f"{n} {outcome}" for outcome, n in self.counts.items()] + [self.note] * bool(self.note)) or "…"


class Console:
    """Prints for a person, or one JSON object for a program; progress goes to stderr."""

    def __init__(self, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet or as_json

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
        """A bar with counts, rate and time left; plain lines without a terminal."""
        if self.quiet:
            yield Stage(name, total)
        elif sys.stderr.isatty():
            yield from self._bar(name, total)
        else:
            yield from self._lines(name, total)

    def _bar(self, name: str, total: int | None) -> Iterator[Stage]:
        from rich.console import Console as Rich
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counts]}"))
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Rich(stderr=True)) as progress:
            task = progress.add_task(name, total=total, counts="")
            yield Stage(name, total, on_change=lambda s: progress.update(task, total=s.total, completed=sum(s.counts.values()), counts=s.text))

    def _lines(self, name: str, total: int | None) -> Iterator[Stage]:
        started = last = time.monotonic()

        def show(stage: Stage) -> None:
            nonlocal last
            if time.monotonic() - last >= 15:
                last = time.monotonic()
                done = sum(stage.counts.values())
                print(f"  {name}: {done}/{stage.total or '?'} ({stage.text}), {last - started:.0f} s", file=sys.stderr, flush=True)

        stage = Stage(name, total, on_change=show)
        yield stage
        print(f"{name}: {stage.text}, {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
