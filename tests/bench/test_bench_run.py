"""A whole synthesis against the server as two processes, as every benchmark runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.chaos.aftermath import committed, compare
from bench.processes import Ended, Size, server, synthesize, write_project
from bench.speed.call_chain import ideal_seconds, longest_chain

SIZE = Size(chunks=3, briefs_a_chunk=2.0, wordings=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended, dict[str, Any], list[str]]:
    folder = tmp_path_factory.mktemp("bench")
    with server(folder, slots=4, latency=0.01) as serving:
        project = write_project(folder / "project", serving.url, SIZE, slots=4)
        ended = synthesize(project)
        return project, ended, serving.stats(), serving.log()


def test_a_synthesis_against_the_server_keeps_most_rows_and_adds_up(
    run: tuple[Path, Ended, dict[str, Any], list[str]],
) -> None:
    _, ended, stats, _ = run
    assert ended.code == 0, ended.err
    counts = ended.result["counts"]
    assert counts["planned"] == counts["kept"] + counts["rejected"] + counts["failed"]
    assert counts["kept"] > counts["planned"] / 2
    assert counts["by_kind"]["unanswerable"]["kept"] == 1
    assert stats["calls"] == ended.result["start"]["called"] == sum(stats["by_role"].values())
    assert (stats["repeated_requests"], stats["errors"], stats["in_flight"]) == (0, {}, 0)
    assert stats["peak_in_flight"] <= 4


def test_the_books_of_the_server_and_the_store_name_the_same_calls(
    run: tuple[Path, Ended, dict[str, Any], list[str]],
) -> None:
    project, _, _, log = run
    assert committed(project) == set(log)


def test_the_ideal_is_under_the_wall_and_a_run_is_the_same_as_itself(
    run: tuple[Path, Ended, dict[str, Any], list[str]],
) -> None:
    project, ended, stats, _ = run
    chain = longest_chain(project / "runs" / "main", SIZE.wordings)
    assert chain["total"] >= 1 + 1 + 4 + 1  # extraction, writer, four gates, wordings
    assert ideal_seconds(stats, chain["total"], 4)["ideal_s"] <= ended.wall_s
    assert compare(project, project)["identical"]
