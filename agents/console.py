"""What every verb shares on the command line: its options, its progress and its last word."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer

from agents import terminal
from agents.last_words import DEFAULT_RUN, HERE, here
from agents.progress import Board, Event, Kept, Stage
from agents.project import PROGRESS

Directory = Annotated[Path, typer.Option("-C", "--directory", help="The project's folder (it holds ragtuned.toml).")]
Run = Annotated[str, typer.Option("--run", help="Name of the run under runs/.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but the result.")]
SECONDS_BETWEEN_LINES = 15.0


class Console:
    """Prints for a person, or one JSON object for a program, through `agents.terminal`; progress goes to stderr."""

    def __init__(
        self, as_json: bool = False, quiet: bool = False, directory: Path = HERE, run: str = DEFAULT_RUN
    ) -> None:
        self.as_json = as_json
        self.quiet = quiet or as_json
        self.directory = directory
        self.run = run
        self._board = Board(self.follow)
        self._shown: dict[str, tuple[Callable[[Event], None], Event]] = {}
        self._progress: Any = None
        self._kept: Kept | None = None

    def say(self, text: str = "") -> None:
        """A line for a person (not under --json or --quiet)."""
        if not self.quiet:
            terminal.say(text)

    def warn(self, text: str) -> None:
        """A warning on stderr, under --json and --quiet too: what leaves the machine unprotected is to be seen."""
        terminal.say(f"warning: {text}", error=True)

    def table(self, title: str, header: list[str], rows: list[list[str]]) -> None:
        """A table for a person."""
        if self.quiet:
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(terminal.shown(title)), title_justify="left")
        for name in header:
            table.add_column(Text(terminal.shown(name)), overflow="fold")
        for row in rows:
            table.add_row(*(Text(terminal.shown(cell)) for cell in row))
        terminal.screen().print(table)

    def done(self, result: dict[str, Any], artifact: Path | None = None, then: str = "") -> None:
        """The last word of a verb: its result, its artifact and the next verb."""
        if self.as_json:
            terminal.say(terminal.as_json({**result, "artifact": str(artifact) if artifact else None}))
            return
        if artifact:
            terminal.say(str(artifact))
        if then:
            self.then(then)

    def then(self, command: str) -> None:
        """What to type next."""
        self.say(f"next: {here(command, self.directory, self.run)}")

    def stage(self, name: str, total: int | None = None) -> AbstractContextManager[Stage]:
        """A bar with counts, rate and time left.

        Plain lines without a terminal. Pieces of one stage that run at once share its bar.
        """
        return self._board.stage(name, total)

    def keep(self, run_dir: Path) -> None:
        """From now on, note where the stages stand in the folder of a run too: its page shows them."""
        self._kept = Kept(run_dir / PROGRESS)

    def follow(self, event: Event) -> None:
        """Show where a stage stands: one of this process, or one that a graph's stream tells of."""
        if self._kept:
            self._kept.tell(event)
        if self.quiet:
            return
        name = event["stage"]
        bar = terminal.on_terminal(sys.stderr)
        show = self._shown[name][0] if name in self._shown else self._bar(name) if bar else _lines()
        self._shown[name] = (show, event)
        show(event)
        if event["state"] == "ended":
            self._forget(name)

    def close(self) -> None:
        """End what still shows: a stream that broke off tells no end of its stages."""
        for _, event in list(self._shown.values()):
            self.follow({**event, "state": "ended"})

    def _forget(self, name: str) -> None:
        del self._shown[name]
        if self._progress and not self._shown:
            self._progress.stop()
            self._progress = None

    def _bar(self, name: str) -> Callable[[Event], None]:
        """How a stage shows itself on the one live display of the terminal."""
        if self._progress is None:
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeElapsedColumn,
                TimeRemainingColumn,
            )

            title = TextColumn("{task.description:<22}", markup=False)
            columns = (title, BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counts]}", markup=False))
            times = (TimeElapsedColumn(), TimeRemainingColumn())
            self._progress = Progress(*columns, *times, console=terminal.screen(error=True))
            self._progress.start()
        progress = self._progress
        task = progress.add_task(name, total=None, counts="")

        def show(event: Event) -> None:
            done = sum(event["counts"].values())
            progress.update(
                task,
                total=done if event["state"] == "ended" else event["total"],
                completed=done,
                counts=_in_words(event),
            )

        return show


def _lines() -> Callable[[Event], None]:
    """How a stage shows itself where there is no terminal: a line every quarter of a minute, and one at its end."""
    shown = time.monotonic()

    def show(event: Event) -> None:
        nonlocal shown
        name, words, now = event["stage"], _in_words(event), time.monotonic()
        if event["state"] == "ended":
            terminal.say(f"{name}: {words}, {event['seconds']:.1f} s", error=True)
        elif event["counts"] and now - shown >= SECONDS_BETWEEN_LINES:
            shown = now
            done = f"{sum(event['counts'].values())}/{event['total'] or '?'}"
            terminal.say(f"  {name}: {done} ({words}), {event['seconds']:.0f} s{_left(event)}", error=True)

    return show


def _left(event: Event) -> str:
    """The time that the rest takes if it goes on as before; nothing where that is not known yet."""
    done, total = sum(event["counts"].values()), event["total"]
    if not done or not total or done >= total:
        return ""
    seconds = event["seconds"] / done * (total - done)
    return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"


def _in_words(event: Event) -> str:
    """The counts, and what else is to be seen (the loss, say)."""
    return (
        ", ".join(
            [*(f"{n} {outcome}" for outcome, n in event["counts"].items()), *([event["note"]] if event["note"] else [])]
        )
        or "…"
    )
