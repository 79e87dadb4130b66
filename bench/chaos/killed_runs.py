"""Kill -9 at random moments, many times over one run, then to the end.

What is lost, what is paid again, and whether the result is the same.
"""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.chaos.aftermath import accounted, committed, compare
from bench.processes import Server, Size, server, start_synthesize, synthesize, wait, write_project

POLL = 0.02  # seconds between two looks at the server's books
BY_CLOCK = (
    0.25  # of the kills come after a random time, so that starts, stages without a call and file writes are met too
)
EARLY = 6.0  # seconds within which those come
LONGEST_START = 600.0  # seconds a start may take to its kill


@dataclass
class Kill:
    """One kill: what it waited for, when it came, the calls it lost, and calls it found paid a second time."""

    waited_for: str
    seconds: float = 0.0
    asked: int = 0
    in_flight: int = 0
    paid_again: int = 0
    finished: bool = False


def kills(folder: Path, size: Size, slots: int, latency: float, count: int, seed: int) -> dict[str, Any]:
    """The scenario.

    In flight at a kill: asked since the start and not in the store; `paid_again`: in the store before, and asked all
    the same.
    """
    with server(folder, slots=slots, latency=latency) as serving:
        undisturbed = write_project(folder / "undisturbed", serving.url, size, slots)
        whole = synthesize(undisturbed)
        calls = serving.stats()["bodies_answered"]
        serving.reset()
        project = write_project(folder / "killed", serving.url, size, slots)
        rng = random.Random(seed)
        done = [
            _kill(
                project, serving, *_moment(rng, calls - serving.stats()["bodies_answered"], left, whole.wall_s, latency)
            )
            for left in range(count, 0, -1)
        ]
        before, asked = committed(project), len(serving.log())
        end = synthesize(project)
        again = len(before & set(serving.log(asked)))
        stats = serving.stats()
    same = compare(undisturbed, project)
    in_flight, paid_again = sum(kill.in_flight for kill in done), again + sum(kill.paid_again for kill in done)
    return {
        "undisturbed": {"exit": whole.code, "calls": calls, "wall_s": round(whole.wall_s, 2), "said": whole.last_word},
        "kills": sum(not kill.finished for kill in done),
        "ended_before_their_kill": sum(kill.finished for kill in done),
        "exit": end.code,
        "said": end.last_word,
        **same,
        "accounted": accounted(project),
        "in_flight_at_kills": in_flight,
        "repeated_calls": stats["repeated_requests"],
        "paid_again_though_stored": paid_again,
        "ok": not end.code
        and not any(kill.finished for kill in done)
        and stats["repeated_requests"] <= in_flight
        and not paid_again
        and same["identical"],
        "each": [vars(kill) for kill in done],
    }


def _moment(rng: random.Random, calls: int, left: int, wall: float, latency: float) -> tuple[str, float, float]:
    """(what is waited for, how much, seconds after it) of the next of `left` kills.

    So many further calls that the rest of them lasts, or seconds.
    """
    if calls <= 0 or rng.random() < BY_CLOCK:
        return "seconds", rng.uniform(0, min(EARLY, wall)), 0.0
    return "further calls", rng.uniform(1, max(1.0, 2 * calls / (left + 1))), rng.uniform(0, latency)


def _kill(project: Path, serving: Server, kind: str, mark: float, after: float) -> Kill:
    """One start of the run, stopped at its moment, looked at, and killed."""
    before, asked, answered = committed(project), len(serving.log()), serving.stats()["bodies_answered"]
    log, started = project / "synthesize", time.monotonic()
    process = start_synthesize(project, log)
    until = started + (mark if kind == "seconds" else LONGEST_START)
    while (
        process.poll() is None
        and time.monotonic() < until
        and not (kind != "seconds" and serving.stats()["bodies_answered"] >= answered + mark)
    ):
        time.sleep(POLL)
    time.sleep(after)
    finished = process.poll() is not None
    if not finished:
        os.kill(process.pid, signal.SIGKILL)  # a zombie still has its pid: never another process's
        wait(process, log, started)
    time.sleep(POLL)  # what was on its way to the server arrives
    new, stored = serving.log(asked), committed(project)
    again = before & set(new)
    return Kill(
        f"{mark:.2f} {kind}",
        round(time.monotonic() - started, 2),
        len(new),
        len(set(new) - stored),
        len(again),
        finished,
    )
