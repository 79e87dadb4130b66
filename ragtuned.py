"""The command: registers the verbs of each package's commands.py, and nothing else."""

from __future__ import annotations

import sqlite3
import sys

import typer

import agents.commands
import eval.commands
import graphs.commands
import tuning.commands
from agents import privacy, terminal
from agents.errors import RagtunedError

PACKAGES = (agents.commands, graphs.commands, tuning.commands, eval.commands)
SECTIONS = [package.sections for package in PACKAGES]  # of ragtuned.toml

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a folder of documents into a language model that knows them, and prove it against retrieval.",
)


@app.callback()
def sections(ctx: typer.Context) -> None:
    """Hand every verb the config sections of all packages, in an environment that sends nothing away."""
    from agents.models.network import spare_loopback

    privacy.seal()
    spare_loopback()
    ctx.obj = SECTIONS


for package in PACKAGES:
    package.register(app)


def main() -> None:
    """Run the command; an error of ours is one clear message and its exit code, never a traceback."""
    if "--help" not in sys.argv:  # its words are ours, and it may have colours
        terminal.guard()
    try:
        app(standalone_mode=True)
    except RagtunedError as error:
        terminal.say(f"error: {error}", error=True)
        sys.exit(error.exit_code)
    except (OSError, sqlite3.Error) as error:  # a disk that is full or gone, at whatever file
        advice = "is there space, and may this user write there? What is written stays; the same command continues"
        terminal.say(f"error: {error}\n  → {advice}", error=True)
        sys.exit(1)
    except KeyboardInterrupt:
        terminal.say("interrupted: the same command continues", error=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
