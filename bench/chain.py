"""The longest chain of calls that must wait for each other, read from what a run left behind: no number of slots is faster than it.

Counted from below: of a draft that was sent back only the writer's call is counted, and a cut at the first look
of a chunk where no second look left a trace. So wall / ideal comes out too high rather than too low.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import here  # noqa: F401 - puts the repository on the import path

from agents.extractor import MOST_ENTITIES
from agents.records import CONTRAST, FRAMING, PASSAGE, Community, Entity, Example, read_jsonl


def longest_chain(run_dir: Path, wordings: int) -> dict[str, int]:
    """Calls of the longest chain by stage, and `total`: extraction, then the longer of local rows and reports with global rows."""
    graph = run_dir / "graph"
    rows = [e for e in read_jsonl(run_dir / "data" / "examples.jsonl", Example) if e.source.role not in (CONTRAST, PASSAGE, FRAMING)]
    extract = 2 if _had_a_second_look(read_jsonl(graph / "entities.jsonl", Entity)) else 1
    levels = len({community.level for community in read_jsonl(graph / "communities.jsonl", Community)})
    local = max(_drafts([e for e in rows if e.kind != "global"], wordings), default=0)
    whole = max(_drafts([e for e in rows if e.kind == "global"], wordings), default=0)
    return {"extract": extract, "local": local, "report_levels": levels, "global": whole, "total": extract + max(local, levels + whole)}


def _had_a_second_look(entities: Sequence[Entity]) -> bool:
    """Whether a chunk holds as many entities as a full first look, so that it was looked at again."""
    return max(Counter(cid for entity in entities for cid in entity.chunk_ids).values(), default=0) >= MOST_ENTITIES


def _drafts(rows: Sequence[Example], wordings: int) -> Iterator[int]:
    """Calls one after the other of each kept fact: a writer's call a round, the last round's gates, the wordings and a gate for each kept one."""
    further = Counter(row.wording_of for row in rows if row.wording_of)
    for row in rows:
        if not row.wording_of:
            asked = 0 if row.kind == "unanswerable" or not wordings else 1 + further[row.id]
            yield row.round + len(row.verdict.gates) + asked


def ideal_seconds(stats: dict[str, Any], chain: int, slots: int) -> dict[str, float]:
    """Seconds that no client can go under: all service over all slots, the chain at the mean latency, and `ideal`, the larger."""
    latency = stats["service_s"] / max(1, stats["calls"])
    spread, waited = stats["service_s"] / slots, chain * latency
    return {"service_over_slots_s": round(spread, 3), "critical_path_s": round(waited, 3), "ideal_s": round(max(spread, waited), 3)}
