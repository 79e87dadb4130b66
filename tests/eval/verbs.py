"""What tests of the verbs share: a verb is run, and what it hands on is heard in place of being done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from agents.console import Console
from ragtuned import app


class Heard(list[Any]):
    """What a function was called with, in place of what it does."""

    def answer(self, *words: Any, **named: Any) -> Any:
        """Keep the words."""
        self.append((*words, *named.items()))


def told(folder: Path, *words: str) -> str:
    """What a verb prints."""
    result = CliRunner().invoke(app, [*words, "-C", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def next_verb(folder: Path, output: str) -> str:
    """What is to be typed next, of the same project; nothing if nothing is."""
    verb, of, _ = " ".join(output.split()).partition("next: ")[2].partition(f" -C {folder}")
    assert of or not verb, output
    return verb


def heard_by(console: Console) -> tuple[Any, ...]:
    """What a console was made of."""
    return console.directory, console.run, console.as_json, console.quiet
