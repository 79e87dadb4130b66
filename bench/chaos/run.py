"""Whole syntheses under kill -9, errors, full and read-only disks and a jumping clock.

Each compared with an undisturbed run.

python -m bench.chaos.run kills --count 100 --chunks 500
python -m bench.chaos.run errors --rate 0.3 --kinds all
python -m bench.chaos.run readonly | diskfull | clock
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.chaos.aftermath import accounted, compare
from bench.chaos.disks import diskfull, readonly
from bench.chaos.killed_runs import kills
from bench.measurement import write_result
from bench.processes import Size, server, synthesize, write_project
from bench.server.faults import KINDS, PASSING, kinds_of

MOST_STARTS = 30  # of a run that errors end: the same command continues
CHANGING = {"cut", "length"}  # what the model said is lost: rows may differ, and only the account must add up
JUMPS = (3600.0, -7200.0, 86_400.0 * 400, -86_400.0 * 800, 0.5)  # seconds added to the clock, one after the other
CLOCK = '''"""Shifts time.time and time.time_ns every {every} s by the next of {jumps} s.

The monotonic clock goes on, and so does datetime.
"""
import time

_time, _steady = time.time, time.monotonic
_started = _steady()
_jumps = {jumps}


def _shifted():
    count = int((_steady() - _started) / {every})
    return _time() + sum(_jumps[n % len(_jumps)] for n in range(count))


time.time = _shifted
time.time_ns = lambda: int(_shifted() * 1e9)
'''


def errors(
    folder: Path, size: Size, slots: int, latency: float, rate: float, kinds: tuple[str, ...], seed: int, timeout: float
) -> dict[str, Any]:
    """A server of which `rate` of the attempts fail: the starts it takes to the end, and what came out."""
    with server(folder, slots=slots, latency=latency) as serving:
        undisturbed = write_project(folder / "undisturbed", serving.url, size, slots, timeout)
        whole = synthesize(undisturbed)
        port = int(serving.url.rpartition(":")[2])  # the config is part of a run's fingerprint
    with server(
        folder, port=port, slots=slots, latency=latency, errors=rate, kinds=",".join(kinds), seed=seed
    ) as serving:
        project = write_project(folder / "disturbed", serving.url, size, slots, timeout)
        starts = []
        while not starts or (starts[-1].code and len(starts) < MOST_STARTS):
            starts.append(synthesize(project))
        stats = serving.stats()
    found = compare(undisturbed, project)
    return {
        "kinds": {kind: KINDS[kind] for kind in kinds},
        "undisturbed": {
            "exit": whole.code,
            "wall_s": round(whole.wall_s, 2),
            "accounted": accounted(undisturbed),
            "said": whole.last_word,
        },
        "starts": [
            {
                "exit": start.code,
                "wall_s": round(start.wall_s, 2),
                "traceback": "Traceback" in start.err,
                "said": start.last_word,
            }
            for start in starts
        ],
        "errors": stats["errors"],
        "requests": stats["requests"],
        "answered": stats["calls"],
        "repeated_after_an_answer": stats["repeated_after_an_answer"],
        **found,
        "accounted": accounted(project),
        "ok": len(starts) == 1
        and not starts[0].code
        and accounted(project)["adds_up"]
        and (found["identical"] or bool(CHANGING & {*kinds})),
    }


def clock(folder: Path, size: Size, slots: int, latency: float, every: float) -> dict[str, Any]:
    """A wall clock that jumps to and fro, in `time.time` by a sitecustomize: the same files must come out."""
    (folder / "clock").mkdir()
    (folder / "clock" / "sitecustomize.py").write_text(CLOCK.format(every=every, jumps=JUMPS), encoding="utf-8")
    with server(folder, slots=slots, latency=latency) as serving:
        undisturbed = write_project(folder / "undisturbed", serving.url, size, slots)
        whole = synthesize(undisturbed)
        serving.reset()
        project = write_project(folder / "disturbed", serving.url, size, slots)
        ended = synthesize(project, path_first=folder / "clock")
        stats = serving.stats()
    found = compare(undisturbed, project)
    return {
        "how": f"time.time and time.time_ns shifted every {every} s by {JUMPS}; time.monotonic and datetime are not",
        "undisturbed": {"exit": whole.code, "wall_s": round(whole.wall_s, 2)},
        "exit": ended.code,
        "said": ended.last_word,
        "wall_s": round(ended.wall_s, 2),
        "seconds_of_run_json": ended.result.get("start", {}).get("seconds"),
        "repeated_calls": stats["repeated_requests"],
        **found,
        "accounted": accounted(project),
        "ok": not ended.code and found["identical"] and not stats["repeated_requests"],
    }


def main(
    scenario: Annotated[str, typer.Argument(help="kills, errors, readonly, diskfull or clock.")],
    chunks: Annotated[int, typer.Option(min=1)] = 40,
    briefs_a_chunk: float = 1.0,
    wordings: Annotated[int, typer.Option(min=0, max=6)] = 1,
    slots: Annotated[int, typer.Option(min=1)] = 16,
    latency: Annotated[float, typer.Option(min=0, help="Seconds of one call.")] = 0.2,
    count: Annotated[int, typer.Option(min=1, help="kills: how many.")] = 100,
    rate: Annotated[float, typer.Option(min=0, max=1, help="errors: share of the attempts that fail.")] = 0.3,
    kinds: Annotated[
        str, typer.Option(help=f"errors: with commas, of {', '.join(KINDS)}; or passing, or all.")
    ] = ",".join(PASSING),
    timeout: Annotated[float, typer.Option(help="errors: the client's seconds for one call.")] = 5.0,
    every: Annotated[float, typer.Option(help="clock: seconds between two jumps.")] = 0.7,
    recipe: Annotated[str, typer.Option(help="ragtuned, or facts.")] = "ragtuned",
    seed: int = 0,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; bench/results/chaos-SCENARIO.json if not named.")
    ] = None,
) -> None:
    """Disturb whole syntheses and say what came of it; exit 1 if a promise was broken."""
    scenarios: dict[str, Callable[..., dict[str, Any]]] = {
        "kills": partial(kills, count=count, seed=seed),
        "errors": partial(errors, rate=rate, kinds=kinds_of(kinds), seed=seed, timeout=timeout),
        "readonly": readonly,
        "diskfull": diskfull,
        "clock": partial(clock, every=every),
    }
    if scenario not in scenarios:
        raise typer.BadParameter(f"{scenario}: known are {', '.join(scenarios)}")
    size = Size(chunks, briefs_a_chunk, wordings, seed, recipe)
    with tempfile.TemporaryDirectory(prefix="ragtuned-chaos-") as name:
        found = scenarios[scenario](Path(name), size, slots, latency)
    options = {
        "chunks": chunks,
        "briefs_a_chunk": briefs_a_chunk,
        "wordings": wordings,
        "recipe": recipe,
        "slots": slots,
        "latency_s": latency,
        "seed": seed,
    }
    write_result(f"chaos-{scenario}", {"options": options, **found}, out)
    print(
        "ok" if found["ok"] else "NOT ok",
        {k: v for k, v in found.items() if k in ("exit", "said", "differing_files", "errors", "accounted")},
    )
    raise typer.Exit(0 if found["ok"] else 1)


if __name__ == "__main__":
    typer.run(main)
