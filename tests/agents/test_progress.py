"""Progress as events: each says where its stage stands, whoever listens."""

from __future__ import annotations

import pytest

from agents.console import Console
from agents.progress import Board


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
