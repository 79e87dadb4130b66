"""Blind votes become a rate of those that decided."""

from __future__ import annotations

from pathlib import Path

from agents.project import Project
from eval.statistics import of_counts
from eval.votes import Choice, Preference, Vote, add_vote, preferences


def vote(left: str, right: str, choice: Choice) -> Vote:
    """A vote on what two contestants said."""
    return Vote(
        when="2026-11-27T20:00:00+00:00",
        who="ann",
        question="Who keeps it?",
        left=left,
        right=right,
        choice=choice,
        left_text="Wenna.",
        right_text="Bastow.",
    )


def test_votes_are_counted_by_pair_wherever_each_stood_and_the_tuned_one_is_told_of_first(tmp_path: Path) -> None:
    project = Project(tmp_path, "main", {})
    assert preferences(project) == []
    cast = [
        vote("graph", "base", "right"),
        vote("rag", "tuned", "right"),
        vote("tuned", "rag", "left"),
        vote("tuned", "rag", "right"),
        vote("rag", "tuned", "tie"),
        vote("tuned", "rag", "both_bad"),
        vote("rag", "tuned", "both_bad"),
    ]
    for one in cast:
        add_vote(project, one)
    assert preferences(project) == [
        Preference(name="tuned", other="rag", wins=of_counts(2, 3), ties=1, both_bad=2),
        Preference(name="base", other="graph", wins=of_counts(1, 1), ties=0, both_bad=0),
    ]
