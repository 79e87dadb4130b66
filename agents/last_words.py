"""What is said around a run: commands that can be pasted, and what is kept where a person broke it off."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

HERE = Path()
DEFAULT_RUN = "main"
DRY = "-dry"  # the end of the name of a dry run
GROUPS = ("calls", "gold")  # whose verbs follow them
WITHOUT_RUN = ("init", "import", "prune", "stats")  # verbs of a project, not of a run
WITHOUT_PROJECT = ("models",)
KEPT = {
    "synthesize": "every reply that came is kept in {project}/calls.sqlite and is not paid for again",
    "tune": "the last checkpoint is kept in {project}/runs/{run}/checkpoints",
    "improve": "what is finished of each round is kept in {project}/runs/{run}/improve",
    "eval": "what is finished is kept in {project}/runs/{run}",
    "judge": "every reply that came is kept in {project}/calls.sqlite and is not paid for again",
    "review": "what was decided is kept in {project}/runs/{run}/review.jsonl",
}


def here(command: str, directory: Path, run: str) -> str:
    """A command of ours with -C, --run and --dry as they were given, so that it can be pasted."""
    program, _, words = command.partition(" ")
    if program != "ragtuned" or " -C " in command:
        return command
    verb, _, rest = words.partition(" ")
    if verb in WITHOUT_PROJECT:
        return command
    if verb in GROUPS:
        group, (verb, _, rest) = verb, rest.partition(" ")
        program = f"{program} {group}"
    dry = ""
    if verb == "synthesize" and run.endswith(DRY):  # it writes the run of that name if it is told the name without
        run, dry = run.removesuffix(DRY), "--dry"
    project = f"-C {shlex.quote(str(directory))}" if directory != HERE else ""
    named = f"--run {run}" if run != DEFAULT_RUN and verb not in WITHOUT_RUN else ""
    return " ".join(filter(None, [program, verb, project, named, dry, rest]))


def given(words: Sequence[str]) -> tuple[Path, str]:
    """The folder and the run that a command line (without its program) names."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("-C", "--directory", type=Path, default=HERE)
    parser.add_argument("--run", default=DEFAULT_RUN)
    try:
        found, _ = parser.parse_known_args(list(words))
    except (argparse.ArgumentError, SystemExit):  # an option without its value: said elsewhere
        return HERE, DEFAULT_RUN
    dry = DRY if "--dry" in words and "synthesize" in words and not found.run.endswith(DRY) else ""
    return found.directory, f"{found.run}{dry}"


def pasted(text: str, words: Sequence[str]) -> str:
    """`text` whose commands in backticks go on with the project and the run of the command line `words`."""
    directory, run = given(words)
    return re.sub(r"`(ragtuned [^`]+)`", lambda found: f"`{here(found[1], directory, run)}`", text)


def interrupted(words: Sequence[str]) -> str:
    """What a person is told who broke off the command line `words`: what is kept, and how it goes on."""
    directory, run = given(words)
    verb = next((word for word in words if word in KEPT), "")
    dry = verb == "synthesize" and run.endswith(DRY)
    kept = "" if dry or not verb else KEPT[verb].format(project=directory, run=run)
    return "; ".join(filter(None, ["interrupted", kept, "the same command continues"])).replace(";", ":", 1)
