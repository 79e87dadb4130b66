"""What people prefer when they do not know who answers: blind votes, kept in the run, and the rate of them."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from agents.files import append_jsonl, read_jsonl
from agents.project import Project
from agents.records import Item
from eval.statistics import Proportion, of_counts

Choice = Literal["left", "right", "tie", "both_bad"]


class Vote(Item):
    """Which of two answers a person preferred, told afterwards who they were; `when` is UTC, ISO 8601."""

    when: str
    who: str
    question: str
    left: str
    right: str
    choice: Choice
    left_text: str
    right_text: str


class Preference(Item):
    """The blind votes on two contestants: `wins` are those for `name` among those that decided."""

    name: str
    other: str
    wins: Proportion
    ties: int
    both_bad: int


def votes_file(project: Project) -> Path:
    """votes.jsonl of the run."""
    return project.run_dir / "votes.jsonl"


def add_vote(project: Project, vote: Vote) -> None:
    """Keep one vote; it is on the disk when this returns."""
    append_jsonl(votes_file(project), vote)


def preferences(project: Project) -> list[Preference]:
    """The votes of a run by pair of contestants, most votes first; `tuned` is told of first where it is one."""
    path = votes_file(project)
    votes = read_jsonl(path, Vote) if path.is_file() else []
    pairs: dict[tuple[str, ...], list[Vote]] = {}
    for vote in votes:
        pairs.setdefault(tuple(sorted((vote.left, vote.right), key=lambda n: (n != "tuned", n))), []).append(vote)
    return [_preference(name, other, cast) for (name, other), cast in sorted(pairs.items(), key=lambda p: -len(p[1]))]


def _preference(name: str, other: str, votes: Sequence[Vote]) -> Preference:
    wins = sum({"left": vote.left, "right": vote.right}.get(vote.choice) == name for vote in votes)
    decided = sum(vote.choice in ("left", "right") for vote in votes)
    return Preference(
        name=name,
        other=other,
        wins=of_counts(wins, decided),
        ties=sum(vote.choice == "tie" for vote in votes),
        both_bad=sum(vote.choice == "both_bad" for vote in votes),
    )


def now() -> str:
    """The present second, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def this_user() -> str:
    """Who works here, as the system says it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without names
        return "someone"
