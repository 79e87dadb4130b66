"""Disks that fail a run: full in its middle, a project folder or a store that cannot be written.

And the run after they are mended.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.chaos.aftermath import accounted, committed, compare
from bench.processes import Ended, Server, Size, server, synthesize, write_project

FULL_AT = 0.6  # of the bytes an undisturbed run leaves behind
BLOCK = 4096


def diskfull(folder: Path, size: Size, slots: int, latency: float) -> dict[str, Any]:
    """A disk too small for the run: how it ends, what was paid and lost, and the run after the disk has grown.

    A small tmpfs where mounting is allowed; elsewhere no file may grow past a limit (RLIMIT_FSIZE), which is another
    fault: files fail one by one.
    """
    with server(folder, slots=slots, latency=latency) as serving:
        undisturbed = _undisturbed(folder, serving, size, slots)
        room = int(FULL_AT * _bytes(undisturbed))
        project = folder / "small"
        with _tmpfs(project, room) as grow:
            write_project(project, serving.url, size, slots)
            if grow:
                full = synthesize(project, log=folder / "full")
                grow()
            else:
                full = synthesize(project, log=folder / "full", preexec=lambda: _limit_files(room // 4))
            found = _after(folder, project, undisturbed, serving, full)
        return {"how": f"tmpfs of {room} bytes" if grow else f"RLIMIT_FSIZE of {room // 4} bytes", **found}


def readonly(folder: Path, size: Size, slots: int, latency: float) -> dict[str, Any]:
    """A project folder, then a store alone, that cannot be written: how the run ends, and the run after it can be."""
    with server(folder, slots=slots, latency=latency) as serving:
        undisturbed = _undisturbed(folder, serving, size, slots)
        found: dict[str, Any] = {}
        for what in ("project", "store"):
            serving.reset()
            project = write_project(folder / what, serving.url, size, slots)
            locked = project if what == "project" else project / "calls.sqlite"
            if what == "store":
                _empty_store(locked)
            with _read_only(locked) as how:
                ended = synthesize(project, log=folder / f"readonly-{what}")
            found[what] = {"how": how, **_after(folder, project, undisturbed, serving, ended)}
    return {**found, "ok": all(part["ok"] for part in found.values())}


def _undisturbed(folder: Path, serving: Server, size: Size, slots: int) -> Path:
    project = write_project(folder / "undisturbed", serving.url, size, slots)
    ended = synthesize(project)
    if ended.code:
        raise RuntimeError(f"the undisturbed run failed: {ended.last_word}")
    serving.reset()
    return project


def _after(folder: Path, project: Path, undisturbed: Path, serving: Server, ended: Ended) -> dict[str, Any]:
    """How the disturbed run ended, and the same command once the disk is mended."""
    asked = set(serving.log())
    lost = len(asked - committed(project))
    again = synthesize(project, log=folder / "mended")
    return {
        "exit": ended.code,
        "said": ended.last_word,
        "traceback": "Traceback" in ended.err,
        "calls_made": len(asked),
        "calls_paid_and_lost": lost,
        "then": {
            "exit": again.code,
            "said": again.last_word,
            **compare(undisturbed, project),
            "accounted": accounted(project),
        },
        "ok": ended.code != 0
        and "Traceback" not in ended.err
        and not again.code
        and compare(undisturbed, project)["identical"],
    }


def _bytes(project: Path) -> int:
    """What a project takes on a disk, in whole blocks."""
    return sum(-(-file.stat().st_size // BLOCK) * BLOCK for file in project.rglob("*") if file.is_file())


def _empty_store(path: Path) -> None:
    from agents.models.store import CallStore

    CallStore(path).close()


@contextmanager
def _tmpfs(place: Path, room: int) -> Iterator[Callable[[], object] | None]:
    """`place` as a file system of `room` bytes; yields what makes it large, or None where mounting is not allowed."""
    place.mkdir()
    if os.geteuid() or _mount("-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(place)):
        yield None
        return
    try:
        yield lambda: _mount("-o", "remount,size=1g", str(place))
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def _read_only(path: Path) -> Iterator[str]:
    """`path` without the right to write.

    By its mode, or for root, whom modes do not bind, by a read-only bind mount.
    """
    if os.geteuid():
        mode = path.stat().st_mode
        path.chmod(0o555 if path.is_dir() else 0o444)
        yield "mode"
        path.chmod(mode)
        return
    if not shutil.which("mount") or _mount("--bind", str(path), str(path)):
        raise RuntimeError(
            "root, and mounting is not allowed: nothing here can be made read-only; run this scenario as another user"
        )
    try:
        _mount("-o", "remount,ro,bind", str(path))
        yield "read-only bind mount"
    finally:
        subprocess.run(["umount", str(path)], check=True)


def _mount(*words: str) -> int:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode


def _limit_files(most: int) -> None:
    """In the child: no file past `most` bytes, as an error of the write rather than a signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
