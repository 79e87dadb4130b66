"""nano-graphrag, LightRAG and ours on the same documents and the same scripted server, one after the other.

python -m bench.peers.run --cache .cache/peers

Each peer has an environment of its own under --cache, made at the first run. Peers build a graph (nano-graphrag with
reports); ours goes on to checked rows, so its calls by role and its seconds by stage stand beside the totals.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.corpus import CHUNKS_A_DOCUMENT
from bench.measurement import ROOT, write_result
from bench.processes import Server, Size, loopback_only, server, synthesize, write_project

LONGEST_RUN = 3600.0


@dataclass(frozen=True)
class Peer:
    """A peer: its packages, the module that runs it, and what is told to it beside the number of calls at once."""

    name: str
    environment: str
    packages: tuple[str, ...]
    module: str
    more: tuple[str, ...] = ()


def peers(slots: int) -> list[Peer]:
    """Every peer with its defaults; LightRAG, whose default is two documents at once, also with as many as calls."""
    nano, light = ("nano-graphrag==0.0.8.2", "setuptools<81"), ("lightrag-hku==1.5.7", "openai")
    return [
        Peer("nano-graphrag 0.0.8.2", "nano-graphrag", nano, "bench.peers.run_nano_graphrag"),
        Peer("LightRAG 1.5.7", "lightrag", light, "bench.peers.run_lightrag"),
        Peer(
            f"LightRAG 1.5.7, {slots} documents at once", "lightrag", light, "bench.peers.run_lightrag", (str(slots),)
        ),
    ]


def environment(peer: Peer, cache: Path) -> Path:
    """The Python of the peer's environment, made and filled at the first call.

    It is the least urgent work of the machine.
    """
    folder = cache / peer.environment
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.is_file() or ready.read_text(encoding="utf-8") != " ".join(peer.packages):
        subprocess.run(["nice", "-n", "19", sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run(["nice", "-n", "19", str(python), "-m", "pip", "install", "-q", *peer.packages], check=True)
        ready.write_text(" ".join(peer.packages), encoding="utf-8")
    return python.absolute()


def run_peer(peer: Peer, python: Path, documents: Path, folder: Path, slots: int, serving: Server) -> dict[str, Any]:
    """One peer's index of `documents`: what the server counted, its wall, what it printed last."""
    folder.mkdir()
    serving.reset()
    url = f"{serving.url}/v1"
    env = loopback_only(
        PYTHONPATH=str(ROOT), OPENAI_BASE_URL=url, OPENAI_API_BASE=url
    )  # LightRAG's embeddings read the second name, and else go to OpenAI
    words = [str(python), "-m", peer.module, str(documents), str(folder), str(slots), *peer.more]
    started = time.monotonic()
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=LONGEST_RUN, check=False)
    wall = time.monotonic() - started
    output = json.loads(done.stdout.strip().splitlines()[-1]) if done.returncode == 0 else {"said": done.stderr[-1500:]}
    return {
        "name": peer.name,
        "exit": done.returncode,
        **_counted(serving.stats(), slots),
        "process_wall_s": round(wall, 2),
        "output": output,
    }


def run_ours(project: Path, slots: int, serving: Server) -> dict[str, Any]:
    """Our whole synthesis of the same documents."""
    serving.reset()
    ended = synthesize(project, limit=LONGEST_RUN)
    output = (
        {key: ended.result.get(key) for key in ("items", "rows", "counts", "start")}
        if not ended.code
        else {"said": ended.last_word}
    )
    return {
        "name": "ragtuned",
        "exit": ended.code,
        **_counted(serving.stats(), slots),
        "process_wall_s": round(ended.wall_s, 2),
        "output": output,
    }


def _counted(stats: dict[str, Any], slots: int) -> dict[str, Any]:
    ideal = stats["service_s"] / slots
    return {
        "calls": stats["calls"],
        "embeddings": stats["by_role"].get("embedding", 0),
        "by_role": stats["by_role"],
        "peak_in_flight": stats["peak_in_flight"],
        "calls_wall_s": stats["span_s"],
        "service_over_slots_s": round(ideal, 2),
        "calls_wall_over_service": round(stats["span_s"] / ideal, 2) if ideal else None,
        "repeated_after_an_answer": stats["repeated_after_an_answer"],
    }


def main(
    cache: Annotated[Path, typer.Option(help="Where the peers' environments are kept.")] = Path(".cache/peers"),
    documents: Annotated[int, typer.Option(min=1, help="Of about 850 words.")] = 20,
    slots: Annotated[int, typer.Option(min=1)] = 16,
    latency: Annotated[float, typer.Option(min=0)] = 0.2,
    only: Annotated[str, typer.Option(help="Run only those whose name holds this; 'ragtuned' for ours alone.")] = "",
    out: Annotated[Path | None, typer.Option(help="The file to write; bench/results/peers.json if not named.")] = None,
) -> None:
    """Compare the systems."""
    rows: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="ragtuned-peers-") as name,
        server(Path(name), slots=slots, latency=latency) as serving,
    ):
        folder = Path(name)
        project = write_project(folder / "ours", serving.url, Size(documents * CHUNKS_A_DOCUMENT), slots)
        for number, peer in enumerate(peers(slots)):
            if only in peer.name:
                rows.append(
                    run_peer(
                        peer, environment(peer, cache), project / "documents", folder / f"peer-{number}", slots, serving
                    )
                )
        if only in "ragtuned":
            rows.append(run_ours(project, slots, serving))
    for row in rows:
        print(
            {
                key: row[key]
                for key in ("name", "exit", "calls", "embeddings", "peak_in_flight", "calls_wall_s", "process_wall_s")
            }
        )
    how = {
        "documents": documents,
        "slots": slots,
        "latency_s": latency,
        "tokens": "words, for the peers: tiktoken's tables are downloaded at run time",
    }
    write_result("peers", {"how": how, "systems": rows}, out)


if __name__ == "__main__":
    typer.run(main)
