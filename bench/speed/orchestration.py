"""How near a whole synthesis comes to what its model calls alone would take.

Wall over ideal, slots kept busy, CPU a call, memory.

python -m bench.speed.orchestration --slots 16 --latency 0.2 --chunks 100 --chunks 1000
python -m bench.speed.orchestration --slots 256 --latency 3 --chunks 10000
python -m bench.speed.orchestration --recipe facts --slots 16 --latency 0.2 --chunks 100

The corpus is made, the server is a process of its own on the loopback, and `ragtuned synthesize` another. Its processor
seconds come from wait4 of that process; those of a run of 3 chunks are taken off, imports and all. The same calls are
then sent by ChatOpenAI alone (bench/speed/client_alone.py): a processor that idles between calls does each slower, so
the milliseconds of one machine and latency say little without those.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.measurement import write_result
from bench.processes import Ended, Size, chat_openai_alone, server, synthesize, write_project
from bench.speed.call_chain import ideal_seconds, longest_chain, longest_chain_of_facts

BASELINE_CHUNKS = 3
SHOWN = (
    "chunks",
    "slots",
    "calls",
    "calls_wall_s",
    "ideal_s",
    "wall_over_ideal",
    "cpu_ms_a_call",
    "chat_openai_alone",
    "peak_rss_mib",
)
UNLIMITED = 100_000  # slots: the same run with nothing to wait for but its own chain


def measure(folder: Path, size: Size, slots: int, latency: float, sigma: float, limit: float) -> dict[str, Any]:
    """One synthesis of `size` against a fresh server: its figures, or how it failed."""
    folder.mkdir(parents=True)
    with server(folder, slots=slots, latency=latency, sigma=sigma) as serving:
        project = write_project(folder, serving.url, size, slots)
        ended = synthesize(project, limit=limit)
        stats = serving.stats()
        bare = {} if ended.code else {"chat_openai_alone": chat_openai_alone(project, serving.url, slots)}
    found = {"chunks": size.chunks, "slots": slots, "latency_s": latency, "sigma": sigma, "exit": ended.code}
    return {**found, **_client(ended), **_figures(project, stats, size, slots, ended), **bare}


def _client(ended: Ended) -> dict[str, float]:
    return {
        "process_wall_s": round(ended.wall_s, 2),
        "client_cpu_s": round(ended.cpu_s, 2),
        "peak_rss_mib": round(ended.peak_rss_mib, 1),
    }


def _figures(project: Path, stats: dict[str, Any], size: Size, slots: int, ended: Ended) -> dict[str, Any]:
    """Calls, wall from the first to the last call, and the ideal.

    Without a chain (a failed run) only what the server counted.
    """
    counted = {
        "calls": stats["calls"],
        "calls_wall_s": stats["span_s"],
        "mean_slots_busy": stats["mean_slots_busy"],
        "server": stats,
    }
    if ended.code:
        return {**counted, "said": ended.last_word}
    run = project / "runs" / "main"
    chain = longest_chain_of_facts(run) if size.recipe == "facts" else longest_chain(run, size.wordings)
    ideal = ideal_seconds(stats, chain["total"], slots)
    record = ended.result
    return {
        **counted,
        **ideal,
        "chain": chain,
        "wall_over_ideal": round(stats["span_s"] / max(ideal["ideal_s"], 1e-9), 3),
        "process_over_ideal": round(ended.wall_s / max(ideal["ideal_s"], 1e-9), 3),
        "asked": record["start"]["asked"],
        "briefs": record["counts"],
        "rows": record["rows"],
        "seconds": record["start"]["seconds"],
    }


def add_cpu_a_call(row: dict[str, Any], baseline: dict[str, Any]) -> None:
    """Milliseconds of the client's processor a call beyond those of the baseline run."""
    calls = row["calls"] - baseline["calls"]
    row["cpu_ms_a_call"] = (
        round(1000 * (row["client_cpu_s"] - baseline["client_cpu_s"]) / calls, 2) if calls > 0 else None
    )


def main(
    slots: Annotated[int, typer.Option(min=1, help="Calls at once, of the client and of the server.")] = 16,
    latency: Annotated[float, typer.Option(min=0, help="Mean seconds of one call.")] = 0.2,
    sigma: Annotated[float, typer.Option(min=0, help="Of a log-normal latency; 0: constant.")] = 0.0,
    chunks: Annotated[
        list[int] | None, typer.Option(min=1, help="Size of the corpus; may be given several times.")
    ] = None,
    briefs_a_chunk: Annotated[
        float, typer.Option(help="Questions about single facts for each chunk: about 7 calls each.")
    ] = 1.0,
    wordings: Annotated[int, typer.Option(min=0, max=6)] = 1,
    unlimited: Annotated[
        bool, typer.Option(help="Measure each size without a limit on slots too: what the chain alone takes.")
    ] = False,
    recipe: Annotated[str, typer.Option(help="ragtuned, or facts.")] = "ragtuned",
    seed: int = 0,
    limit: Annotated[float, typer.Option(help="Seconds after which a run is ended.")] = 7200.0,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write; bench/results/orchestration-SLOTS.json if not named."),
    ] = None,
) -> None:
    """Measure whole syntheses against the scripted server."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="ragtuned-bench-") as name:
        smallest = Size(BASELINE_CHUNKS, briefs_a_chunk, wordings, seed, recipe)
        baseline = measure(Path(name) / "baseline", smallest, slots, latency, sigma, limit)
        for count in chunks or [100, 1000]:
            size = Size(count, briefs_a_chunk, wordings, seed, recipe)
            for width in [slots, UNLIMITED] if unlimited else [slots]:
                row = measure(Path(name) / f"{count}-{width}", size, width, latency, sigma, limit)
                add_cpu_a_call(row, baseline)
                rows.append(row)
                print({name: row.get(name) for name in SHOWN})
    how = {
        "baseline": "a run of the same slots over 3 chunks",
        "ideal": "the larger of service / slots and the longest chain of calls × mean latency",
    }
    which = "" if recipe == "ragtuned" else f"{recipe}-"
    write_result(
        f"orchestration-{which}{slots}", {"how": how, "recipe": recipe, "baseline": baseline, "runs": rows}, out
    )


if __name__ == "__main__":
    typer.run(main)
