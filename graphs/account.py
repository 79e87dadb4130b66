"""The account of a synthesis, run.json: what was planned and kept, what it took against the plan, and from which inputs."""

from __future__ import annotations

import hashlib
import platform
import time
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agents.critic import SAME_QUESTION
from agents.llm import total_usage
from agents.records import CONTRAST, FRAMING, PASSAGE, Example, Rejected, Skipped, read_jsonl
from graphs.inputs import fingerprint, inputs
from graphs.plan import StagePlan, total
from graphs.publish import reasons
from graphs.workshop import Workshop

WORDING_GATES = {"wordings", SAME_QUESTION.name}
FAILED = {"failed call", "truncated reply", "refused reply", "unreadable reply"}
PACKAGES = ("langgraph", "langchain-openai", "networkx", "graspologic-native")


def record(workshop: Workshop, state: Mapping[str, Any], replay: bool, dry: bool, started: float, planned: list[StagePlan]) -> dict[str, Any]:
    """What run.json holds. All but `start`, which tells of the last start alone, is the same however often the run was interrupted."""
    rejected = read_jsonl(workshop.project.data_dir / "rejected.jsonl", Rejected)
    clients = list({id(c): c for c in workshop.clients.values()}.values())
    usage, asked = total_usage(clients), workshop.asked()
    took = clients[0].store.tokens(asked)
    now = inputs(workshop.project)
    return {
        "run": workshop.project.run,
        "teacher": {role: client.config.model for role, client in workshop.clients.items()} if not dry else "scripted",
        "recorded": replay,
        "dry": dry,
        "counts": account(workshop, rejected, state["rounds"]),
        "reasons": reasons(rejected),
        "items": state["counts"],
        "coverage": state["coverage"],
        "skipped": [item.model_dump() for item in workshop.graph("skipped", Skipped)],
        **state["result"],
        "calls": len(asked),
        "tokens": {"in": sum(t for t, _ in took.values()), "out": sum(t for _, t in took.values())},
        "cost": round(sum(workshop.clients[role.partition(".")[0]].config.cost(*tokens) for role, tokens in took.items()), 6),
        "plan": total(planned),
        "start": {
            **{k: usage[k] for k in ("asked", "from_store", "called", "tokens_in", "tokens_out")},
            "requests": workshop.budget.spent.calls,
            "cost": round(workshop.budget.spent.cost, 6),
            "seconds": {stage: round(seconds, 2) for stage, seconds in workshop.seconds.items()} | {"total": round(time.monotonic() - started, 2)},
        },
        "versions": {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}},
        "inputs": now,
        "fingerprint": fingerprint(now),
        "files": hashes(workshop.project.run_dir),
    }


def hashes(run_dir: Path) -> dict[str, str]:
    """The SHA-256 of every file under graph/ and data/, by its path in the run."""
    files = sorted(f for folder in ("graph", "data") for f in (run_dir / folder).glob("[!.]*") if f.is_file())
    return {f.relative_to(run_dir).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def account(workshop: Workshop, rejected: list[Rejected], rounds: int) -> dict[str, Any]:
    """Planned = kept + rejected + failed, for briefs and, under `wordings`, for the further wordings of drafted facts."""
    briefs = workshop.briefs(rounds)
    rows = [e for e in read_jsonl(workshop.project.data_dir / "examples.jsonl", Example) if e.source.role not in (CONTRAST, PASSAGE, FRAMING)]
    first = Counter(e.kind for e in rows if not e.wording_of)
    of_briefs = [r for r in rejected if r.gate not in WORDING_GATES]
    of_wordings = [r for r in rejected if r.gate in WORDING_GATES]
    return {
        "planned": len(briefs),
        "kept": first.total(),
        **_split(of_briefs),
        "by_kind": {
            k: {"planned": n, "kept": first[k], **_split([r for r in of_briefs if r.kind == k])} for k, n in sorted(Counter(b.kind for b in briefs).items())
        },
        "wordings": {"kept": sum(1 for e in rows if e.wording_of), **_split(of_wordings)},
    }


def _split(rejected: list[Rejected]) -> dict[str, int]:
    failed = sum(r.reason in FAILED for r in rejected)
    return {"rejected": len(rejected) - failed, "failed": failed}
