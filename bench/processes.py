"""Processes of a measurement.

The scripted server, a project to synthesize, and `ragtuned synthesize` with what it cost the system.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.corpus import write_corpus
from bench.measurement import ROOT

START_SECONDS = 300.0
LONGEST = 24 * 3600.0
CONFIG = """[documents]
paths = ["documents"]

[models.teacher]
provider = "openai"
model = "scripted"
base_url = "{url}/v1"
calls_at_once = {slots}
timeout = {timeout}
retries = 4

[synthesis]
recipe = "{recipe}"
local.briefs = {local}
global.briefs_per_report = 1
unanswerable.briefs = {unknown}
unanswerable.contrast_rows = {unknown}
wordings.per_question = {wordings}
seed = {seed}
"""


@dataclass(frozen=True)
class Size:
    """How much a synthesis does: chunks, questions a chunk, further wordings of each (not of recipe facts)."""

    chunks: int
    briefs_a_chunk: float = 1.0
    wordings: int = 1
    seed: int = 0
    recipe: str = "ragtuned"


@dataclass
class Ended:
    """How a client process ended.

    Exit code (minus the signal), seconds, processor seconds of user and system, peak memory.
    """

    code: int
    wall_s: float
    cpu_s: float
    peak_rss_mib: float
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """What --json printed; empty for a failed run."""
        return json.loads(self.out) if not self.code else {}

    @property
    def last_word(self) -> str:
        """The last lines of stderr."""
        return "\n".join(self.err.strip().splitlines()[-3:])


@dataclass
class Server:
    """A scripted server at work."""

    url: str

    def stats(self) -> dict[str, Any]:
        """The server's books."""
        return self._get("stats")

    def log(self, after: int = 0) -> list[str]:
        """The digests of the requests that came, but for the first `after`."""
        return self._get(f"log?after={after}")

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=60) as reply:
            return json.load(reply)

    def reset(self) -> None:
        """Empty books."""
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/reset", method="POST"), timeout=60).close()


@contextmanager
def server(folder: Path, **options: object) -> Iterator[Server]:
    """bench/server/serve.py as a process of its own, its options by name (`most_errors=2`); ended at the end."""
    url_file = folder / "server.url"
    url_file.unlink(missing_ok=True)
    words = [word for name, value in options.items() for word in _option(name, value)]
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "bench.server.serve", "--url-file", str(url_file.absolute()), *words]
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
        )
    try:
        yield Server(_url(url_file, process, folder / "server.log"))
    finally:
        process.terminate()
        process.wait()


def _option(name: str, value: object) -> list[str]:
    dashed = name.replace("_", "-")
    return [f"--{dashed}" if value else f"--no-{dashed}"] if isinstance(value, bool) else [f"--{dashed}", str(value)]


def _url(url_file: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while not url_file.is_file():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
    return url_file.read_text(encoding="utf-8")


def write_project(folder: Path, url: str, size: Size, slots: int, timeout: float = 900.0) -> Path:
    """A project of `size` whose teacher is the server at `url`; returns its folder."""
    write_corpus(folder / "documents", size.chunks, size.seed)
    local, unknown = max(2, round(size.chunks * size.briefs_a_chunk)), max(1, size.chunks // 10)
    wanted = {"url": url, "slots": slots, "timeout": timeout, "local": local, "unknown": unknown}
    (folder / "ragtuned.toml").write_text(
        CONFIG.format(**wanted, wordings=size.wordings, seed=size.seed, recipe=size.recipe), encoding="utf-8"
    )
    return folder


def loopback_only(**more: str) -> dict[str, str]:
    """The environment with `more`, without proxies and keys: nothing that a measured process does needs the network."""
    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**plain, "OPENAI_API_KEY": "none", **more}


def start_synthesize(
    project: Path,
    log: Path,
    path_first: Path | None = None,
    preexec: Callable[[], None] | None = None,
    words: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    """`ragtuned synthesize` of this checkout as a process with `words`.

    Its output goes to `log`.out and `log`.err; `path_first` leads its import path.
    """
    command = [
        sys.executable,
        "-m",
        "ragtuned",
        "synthesize",
        "-C",
        str(project.absolute()),
        "--json",
        "--quiet",
        *words,
    ]
    paths = [str(path) for path in (path_first, ROOT) if path]
    env = loopback_only(LANGSMITH_TRACING="false", OMP_NUM_THREADS="1", PYTHONPATH=os.pathsep.join(paths))
    with log.with_suffix(".out").open("wb") as out, log.with_suffix(".err").open("wb") as err:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=err, preexec_fn=preexec)


def wait(process: subprocess.Popen[bytes], log: Path, started: float, limit: float = LONGEST) -> Ended:
    """How `process` ended, with its own resource usage (wait4); killed after `limit` seconds."""
    until = time.monotonic() + limit
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > until:
            os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    texts = [log.with_suffix(suffix).read_text(encoding="utf-8", errors="replace") for suffix in (".out", ".err")]
    return Ended(
        process.returncode, time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, *texts
    )


def chat_openai_alone(project: Path, url: str, slots: int) -> dict[str, Any]:
    """What bench/speed/client_alone.py says of the calls of a finished project: calls, wall_s, cpu_ms_a_call."""
    env = loopback_only(LANGSMITH_TRACING="false", OMP_NUM_THREADS="1", PYTHONPATH=str(ROOT))
    command = [sys.executable, "-m", "bench.speed.client_alone", str(project.absolute()), url, "--slots", str(slots)]
    return json.loads(subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout)


def synthesize(
    project: Path,
    limit: float = LONGEST,
    log: Path | None = None,
    path_first: Path | None = None,
    preexec: Callable[[], None] | None = None,
    words: Sequence[str] = (),
) -> Ended:
    """One whole `ragtuned synthesize` with the options `words`, to its end or to `limit` seconds."""
    log = log or project / "synthesize"
    started = time.monotonic()
    return wait(start_synthesize(project, log, path_first, preexec, words), log, started, limit)
