"""How many processor cores this process may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """The cores that this process may run on: fewer than the machine has under taskset or in a container.

    `os.process_cpu_count` of Python 3.13.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
