"""Progress as events: each says where its stage stands, whoever listens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.console import Console
from agents.progress import SECONDS_BETWEEN, Board, Kept


def test_an_event_tells_the_whole_state_of_its_stage() -> None:
    told = []
    with Board(told.append).stage("rows", 3) as stage:
        stage.live = lambda: "12 tokens"
        stage.count("kept")
        stage.count("rejected", 2)
    assert [event["state"] for event in told] == ["begun", "under way", "under way", "ended"]
    assert [event["counts"] for event in told] == [
        {},
        {"kept": 1},
        {"kept": 1, "rejected": 2},
        {"kept": 1, "rejected": 2},
    ]
    assert {(event["stage"], event["total"]) for event in told} == {("rows", 3)}
    assert told[-1]["note"] == "12 tokens"
    assert told[-1]["seconds"] >= 0


def test_pieces_that_run_at_once_are_one_stage_that_ends_once() -> None:
    told = []
    board = Board(told.append)
    with board.stage("rows", 2) as first, board.stage("rows", 3) as second:
        assert first is second
    assert [(event["state"], event["total"]) for event in told] == [("begun", 2), ("begun", 5), ("ended", 5)]


def test_a_console_that_follows_events_shows_what_its_own_stages_show(capsys: pytest.CaptureFixture[str]) -> None:
    own, follower = Console(), Console()
    with Board(follower.follow).stage("rows", 1) as stage:
        stage.count("kept")
    with own.stage("rows", 1) as stage:
        stage.count("kept")
    told, shown = capsys.readouterr().err.splitlines()
    assert told == shown == "rows: 1 kept, 0.0 s"


def test_a_stream_that_breaks_off_leaves_nothing_open(capsys: pytest.CaptureFixture[str]) -> None:
    follower, told = Console(), []
    with Board(told.append).stage("rows", 9) as stage:
        stage.count("kept", 4)
    for event in told[:-1]:
        follower.follow(event)
    follower.close()
    follower.close()
    assert capsys.readouterr().err.splitlines() == ["rows: 4 kept, 0.0 s"]


def test_stages_are_kept_in_a_file_at_most_once_a_second_and_when_all_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    path = tmp_path / "progress.json"

    def kept() -> list[tuple[str, str, dict[str, int]]]:
        return [(one["stage"], one["state"], one["counts"]) for one in json.loads(path.read_text())]

    with Board(Kept(path).tell).stage("rows", 3) as stage:
        assert kept() == [("rows", "begun", {})]
        stage.count("kept")
        assert kept() == [("rows", "begun", {})]
        now += SECONDS_BETWEEN
        stage.count("kept")
        assert kept() == [("rows", "under way", {"kept": 2})]
    assert kept() == [("rows", "ended", {"kept": 2})]


def test_a_file_that_cannot_be_written_stops_no_stage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Board(Kept(tmp_path / "file" / "progress.json").tell).stage("rows") as stage:
        stage.count("kept")
    assert stage.counts == {"kept": 1}


def test_a_quiet_console_keeps_its_stages_too(tmp_path: Path) -> None:
    console = Console(quiet=True)
    console.keep(tmp_path)
    with console.stage("rows"):
        assert "begun" in (tmp_path / "progress.json").read_text()
