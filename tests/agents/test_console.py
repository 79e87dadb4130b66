"""Progress: pieces of one stage that run at once are one stage, and several stages share one terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agents import console
from agents.console import Console
from agents.progress import Event


def test_pieces_of_a_stage_that_run_at_once_add_up_and_end_once(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Console()
    with shown.stage("rows", 2) as first, shown.stage("rows", 3) as second:
        first.count("kept", 2)
        second.count("rejected", 3)
        assert (first is second, first.total) == (True, 5)
    assert capsys.readouterr().err.splitlines() == ["rows: 2 kept, 3 rejected, 0.0 s"]


def test_the_same_stage_again_counts_from_zero(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Console()
    for _ in range(2):
        with shown.stage("rows", 1) as stage:
            stage.count("kept")
    assert [line.partition(",")[0] for line in capsys.readouterr().err.splitlines()] == ["rows: 1 kept"] * 2


def test_a_line_tells_what_was_done_of_all_and_what_was_spent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.0)
    with Console().stage("rows", 4) as stage:
        stage.live = lambda: "12 tokens"
        stage.count("kept")
    assert capsys.readouterr().err.splitlines()[0] == "  rows: 1/4 (1 kept, 12 tokens), 0 s, about 0 s left"


@pytest.mark.parametrize(
    ("seconds", "total", "left"),
    [(60, 4, ", about 3 min left"), (20, 4, ", about 60 s left"), (60, None, ""), (60, 1, "")],
    ids=["minutes", "seconds", "no-total", "all-done"],
)
def test_a_line_tells_how_long_the_rest_takes(
    seconds: float, total: int | None, left: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.0)
    event = Event(stage="rows", state="under way", total=total, counts={"kept": 1}, note="", seconds=seconds)
    Console().follow(event)
    assert capsys.readouterr().err.rstrip().endswith(f"(1 kept), {seconds} s{left}")


@pytest.mark.parametrize("quiet", [{"quiet": True}, {"as_json": True}], ids=["quiet", "json"])
def test_a_quiet_console_prints_no_progress(capsys: pytest.CaptureFixture[str], quiet: dict[str, bool]) -> None:
    with Console(**quiet).stage("rows", 1) as stage:
        stage.count("kept")
    assert capsys.readouterr() == ("", "")


def test_two_stages_at_once_share_the_live_display_of_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    shown = Console()
    with shown.stage("local rows", 2) as one, shown.stage("reports", 1) as two:
        one.count("kept")
        two.count("done")
    text = capsys.readouterr().err
    assert "local rows" in text
    assert "reports" in text
    assert shown._progress is None


@pytest.mark.parametrize("quiet", [{"quiet": True}, {"as_json": True}], ids=["quiet", "json"])
def test_a_warning_is_seen_whatever_else_is_not(capsys: pytest.CaptureFixture[str], quiet: dict[str, bool]) -> None:
    Console(**quiet).warn("no encryption")
    assert capsys.readouterr() == ("", "warning: no encryption\n")


@pytest.mark.parametrize(
    ("directory", "run", "then", "told"),
    [
        (Path(), "main", "ragtuned tune", "next: ragtuned tune\n"),
        (Path("my notes"), "main", "ragtuned tune", "next: ragtuned tune -C 'my notes'\n"),
        (Path("notes"), "second", 'ragtuned chat "why?"', 'next: ragtuned chat -C notes --run second "why?"\n'),
        (Path("notes"), "b", "ragtuned calls import a.jsonl", "next: ragtuned calls import -C notes a.jsonl\n"),
        (Path("notes"), "second", "make demo", "next: make demo\n"),
    ],
    ids=["here", "a-folder", "a-run", "a-verb-of-a-group", "not-ours"],
)
def test_the_next_command_can_be_pasted(
    directory: Path, run: str, then: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Console(directory=directory, run=run).done({}, then=then)
    assert capsys.readouterr().out == told
