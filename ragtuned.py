"""The command: registers the verbs of each package's commands.py, and nothing else."""

from __future__ import annotations

import signal
import sqlite3
import sys
from typing import Annotated

import typer

import agents.commands
import eval.commands
import eval.judge.commands
import graphs.commands
import tuning.commands
from agents import last_words, privacy, terminal
from agents.errors import RagtunedError

PACKAGES = (agents.commands, graphs.commands, tuning.commands, eval.commands, eval.judge.commands)
SECTIONS = [package.sections for package in PACKAGES]  # of ragtuned.toml

INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a folder of documents into a language model that knows them, and prove it against retrieval.",
)


def _version(asked: bool) -> None:
    if asked:
        from agents.versions import installed_version

        terminal.say(f"ragtuned {installed_version('ragtuned') or 'is not installed'}")
        raise typer.Exit


@app.callback()
def sections(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hand every verb the config sections of all packages, in an environment that sends nothing away."""
    from agents.models.network import spare_loopback

    privacy.seal()
    spare_loopback()
    ctx.obj = SECTIONS


for package in PACKAGES:
    package.register(app)


def _terminated(*_: object) -> None:
    """A SIGTERM ends a run as Ctrl-C does; without a handler of its own where Ctrl-C is ignored, in the background."""
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)
    else:
        raise KeyboardInterrupt


def main() -> None:
    """Run the command; an error of ours is one clear message and its exit code, never a traceback."""
    words = sys.argv[1:]
    signal.signal(signal.SIGTERM, _terminated)
    if {"--help", "-h"} & {*words}:  # its words are ours, and it may have colours
        terminal.take_any_text()
    else:
        terminal.guard()
    try:
        app(standalone_mode=True)
    except RagtunedError as error:
        terminal.say(f"error: {last_words.pasted(str(error), words)}", error=True)
        sys.exit(error.exit_code)
    except (OSError, sqlite3.Error) as error:  # a disk that is full or gone, at whatever file
        advice = "is there space, and may this user write there? What is written stays; the same command continues"
        terminal.say(f"error: {error}\n  → {advice}", error=True)
        sys.exit(1)
    except UnicodeEncodeError as error:  # half a character: a name that is not Unicode, such as a folder's
        terminal.say(f"error: {error.object[:200]!r} holds bytes that are no text\n  → rename it", error=True)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as stop:
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED:  # typer's own end of a Ctrl-C
            raise
        terminal.say(last_words.interrupted(words), error=True)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
