"""What every measurement is written with: the machine's facts, and a result as JSON."""

from __future__ import annotations

import json
import os
import platform
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from agents.versions import installed_versions

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
PACKAGES = (
    "langgraph",
    "langgraph-checkpoint-sqlite",
    "langchain-core",
    "langchain-openai",
    "openai",
    "aiohttp",
    "pydantic",
    "networkx",
    "graspologic-native",
)


def machine() -> dict[str, Any]:
    """Cores, memory and load, Python, and the versions of the packages that a run's speed hangs on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gib": round(memory / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": installed_versions(PACKAGES),
    }


def write_result(name: str, result: dict[str, Any], out: Path | None = None) -> Path:
    """Write bench/results/NAME.json (or `out`) with the machine and the day; print and return its path."""
    path = out or RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"bench": name, "day": time.strftime("%Y-%m-%d"), "machine": machine(), **result}
    text = re.sub(
        rf"{re.escape(tempfile.gettempdir())}/ragtuned-[a-z]+-\w+/",
        "FOLDER/",
        json.dumps(whole, indent=2, ensure_ascii=False),
    )
    path.write_text(text + "\n", encoding="utf-8")
    print(path)
    return path


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
