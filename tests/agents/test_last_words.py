"""Commands that can be pasted, and what is kept when a person breaks a run off."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.last_words import given, here, interrupted, pasted


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["tune", "-C", "p", "--run", "b"], ("p", "b")),
        (["tune", "-Cp"], ("p", "main")),
        (["tune", "--directory=p", "--run=b"], ("p", "b")),
        (["synthesize", "--dry", "-C", "p"], ("p", "main-dry")),
        (["calls", "prune", "--dry"], (".", "main")),
        (["tune", "-C"], (".", "main")),
    ],
    ids=["spaced", "joined", "equals", "dry", "dry-of-another-verb", "cut"],
)
def test_a_command_line_names_its_project_and_run(words: list[str], found: tuple[str, str]) -> None:
    assert given(words) == (Path(found[0]), found[1])


@pytest.mark.parametrize(
    ("command", "whole"),
    [
        ("ragtuned tune", "ragtuned tune -C p --run main-dry"),
        ("ragtuned synthesize", "ragtuned synthesize -C p --dry"),
        ("ragtuned calls prune", "ragtuned calls prune -C p"),
        ("ragtuned gold draft", "ragtuned gold draft -C p --run main-dry"),
        ("ragtuned models pull NAME", "ragtuned models pull NAME"),
        ("ragtuned init -C DIR", "ragtuned init -C DIR"),
        ("make demo", "make demo"),
    ],
)
def test_a_command_goes_on_with_the_project_and_the_dry_run(command: str, whole: str) -> None:
    assert here(command, Path("p"), "main-dry") == whole


def test_a_hint_in_an_error_can_be_pasted() -> None:
    said = "no train.jsonl\n  → run `ragtuned synthesize` first, or set `base`"
    assert pasted(said, ["tune", "-C", "p", "--run", "b"]).endswith(
        "`ragtuned synthesize -C p --run b` first, or set `base`"
    )


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["synthesize", "-C", "p"], "p/calls.sqlite"),
        (["tune", "--run", "b"], "runs/b/checkpoints"),
        (["judge", "tuned", "rag", "-C", "p"], "every reply that came is kept in p/calls.sqlite"),
    ],
    ids=["synthesize", "tune", "judge"],
)
def test_a_run_that_is_broken_off_says_what_is_kept(words: list[str], kept: str) -> None:
    assert kept in interrupted(words)
    assert interrupted(words).endswith("; the same command continues")


def test_of_a_dry_run_nothing_is_paid_and_nothing_kept() -> None:
    assert interrupted(["synthesize", "--dry"]) == "interrupted: the same command continues"
