"""What a second start costs in calls and seconds: an unchanged run, a replay of the whole store, one document more.

python -m bench.speed.second_start --documents 30 --chunks 1000
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.corpus import CHUNKS_A_DOCUMENT
from bench.corpus import documents as corpus
from bench.measurement import write_result
from bench.processes import Ended, Server, Size, server, synthesize, write_project
from graphs.run_record import read_record


def start(project: Path, serving: Server, words: tuple[str, ...] = ()) -> dict[str, Any]:
    """One start: the calls that reached the server, the calls asked (stored ones too), wall and processor seconds."""
    serving.reset()
    ended = synthesize(project, words=words)
    if ended.code:
        raise SystemExit(f"synthesize {' '.join(words)} ended with {ended.code}: {ended.last_word}")
    return {"calls": serving.stats()["calls"], "asked": ended.result["start"].get("asked", 0), **_seconds(ended)}


def _seconds(ended: Ended) -> dict[str, float]:
    return {
        "wall_s": round(ended.wall_s, 2),
        "cpu_s": round(ended.cpu_s, 2),
        "peak_rss_mib": round(ended.peak_rss_mib, 1),
    }


def replay(folder: Path, size: Size, slots: int) -> dict[str, Any]:
    """A run, the same command again (by fingerprint), then `--fresh`: every call again, answered from the store."""
    with server(folder, slots=slots, latency=0.0) as serving:
        project = write_project(folder / "project", serving.url, size, slots)
        first, finished, stored = (
            start(project, serving),
            start(project, serving),
            start(project, serving, ("--fresh",)),
        )
    record = read_record(project / "runs" / "main" / "run.json")
    assert record is not None
    stored["calls_a_second"] = round(stored["asked"] / stored["wall_s"])
    prompts_ready = stored_calls(project)
    return {
        "chunks": size.chunks,
        "first": first,
        "finished_run_again": finished,
        "from_the_store": {**stored, "stages": record.start.seconds},
        "prompts_ready": prompts_ready,
    }


def stored_calls(project: Path) -> dict[str, Any]:
    """Every call of the store asked once more through the client, its prompts as they stand there: calls a second."""
    from agents.models.request import Request
    from agents.models.store import CallStore
    from agents.project import Project
    from graphs.run import open_clients
    from ragtuned import SECTIONS

    store = CallStore(project / "calls.sqlite")
    with sqlite3.connect(project / "calls.sqlite") as connection:
        rows = [(role, json.loads(request)) for role, request in connection.execute("SELECT role, request FROM calls")]
    clients = open_clients(Project.open(project, "main", SECTIONS), store, replay=True)
    requests = [
        Request(role=role, **{k: v for k, v in request.items() if k not in ("model", "rung")}) for role, request in rows
    ]

    async def ask_all() -> None:
        for request in requests:
            await clients[request.role.partition(".")[0]].ask(request)

    started = time.monotonic()
    asyncio.run(ask_all())
    seconds = time.monotonic() - started
    store.close()
    return {"calls": len(requests), "seconds": round(seconds, 3), "calls_a_second": round(len(requests) / seconds)}


def grown(folder: Path, documents: int, slots: int, seed: int) -> dict[str, Any]:
    """A run over `documents`, then one document more; beside it a run from nothing over all of them."""
    size = Size(documents * CHUNKS_A_DOCUMENT, seed=seed)
    name, text = list(corpus((documents + 1) * CHUNKS_A_DOCUMENT, seed))[-1]
    with server(folder, slots=slots, latency=0.0) as serving:
        project, anew = (write_project(folder / where, serving.url, size, slots) for where in ("project", "anew"))
        first = start(project, serving)
        (project / "documents" / name).write_text(text, encoding="utf-8")
        added = start(project, serving)
        by_role = serving.stats()["by_role"]
        (anew / "documents" / name).write_text(text, encoding="utf-8")
        whole = start(anew, serving)
    share = round(added["calls"] / whole["calls"], 3)
    return {
        "documents": documents,
        "first": first,
        "one_more": {**added, "by_role": by_role},
        "from_nothing": whole,
        "share_of_calls": share,
    }


def main(
    documents: Annotated[int, typer.Option(min=1, help="To which one is added.")] = 30,
    chunks: Annotated[
        list[int] | None, typer.Option(min=1, help="Of the corpus that is replayed; may be given several times.")
    ] = None,
    slots: Annotated[int, typer.Option(min=1)] = 16,
    seed: int = 0,
    out: Annotated[Path | None, typer.Option(help="The file to write; bench/results/again.json if not named.")] = None,
) -> None:
    """Measure second starts against the scripted server, which answers at once."""
    with tempfile.TemporaryDirectory(prefix="ragtuned-again-") as name:
        (Path(name) / "grown").mkdir()
        found: dict[str, Any] = {"grown": grown(Path(name) / "grown", documents, slots, seed), "replayed": []}
        print({k: found["grown"][k] for k in ("first", "one_more", "from_nothing", "share_of_calls")})
        for count in chunks or [1000]:
            folder = Path(name) / str(count)
            folder.mkdir()
            found["replayed"].append(replay(folder, Size(count, seed=seed), slots))
            print(found["replayed"][-1])
    write_result("again", found, out)


if __name__ == "__main__":
    typer.run(main)
