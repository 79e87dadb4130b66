"""How much memory an answer takes: the most that the process held meanwhile, and the GPU beside it."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROCESS = Path("/proc/self")
PEAK = "VmHWM:"  # of /proc/self/status, in KB


@dataclass
class Memory:
    """`mb`: the most held, in MB; known when the block is left."""

    mb: int = 0


@contextmanager
def peak() -> Iterator[Memory]:
    """Measure the most memory that the process holds inside the block, that on the GPU included.

    Linux forgets its peak when asked to (proc(5), clear_refs); elsewhere it is the most since the process began.
    """
    cuda = _cuda()
    with contextlib.suppress(OSError):
        (PROCESS / "clear_refs").write_text("5")
    if cuda:
        cuda.reset_peak_memory_stats()
    memory = Memory()
    yield memory
    memory.mb = peak_memory_mb() + (cuda.max_memory_allocated() // 2**20 if cuda else 0)


def peak_memory_mb() -> int:
    """The most memory this process has held since the last `peak` began, in MB; since its start where none did."""
    with contextlib.suppress(OSError, StopIteration):
        lines = (PROCESS / "status").read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line for line in lines if line.startswith(PEAK)).split()[1]) // 2**10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (2**20 if sys.platform == "darwin" else 2**10)


def _cuda() -> Any:
    """torch.cuda where there is a GPU and somebody has imported torch; else None."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch and torch.cuda.is_available() else None
