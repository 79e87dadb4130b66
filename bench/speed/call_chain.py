"""The longest chain of calls that must wait for each other, read from what a run left behind.

No number of slots is faster than it.

A draft that was sent back is followed through the call store: the writer's next prompt holds the critic's reason, and a
reason its gate. Counted from below where no trace is left: a second look that found nothing, a repaired reply, the
first question of a global row, which a summary asks by rule.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.files import read_jsonl
from agents.records import MADE_BY_RULE, Community, Example, Rejected
from agents.roles.passage_writer import MORE_WRITER, PASSAGE_WRITER
from agents.roles.row_critic import ROW_CRITIC
from agents.roles.same_entity import SAME_ENTITY, SAME_PAIR
from graphs.config import SynthesisConfig
from graphs.drafting.kinds import KINDS
from graphs.drafting.loop import says_the_same

SENT_BACK = re.compile(r"An earlier draft was rejected: (.+)\. Write a better one\.")
# the benchmark's config teaches no reasoning, and none is judged
ASKED = [gate for gate, _ in KINDS["local"].open_gates(SynthesisConfig.model_validate({}))]


def longest_chain(run_dir: Path, wordings: int) -> dict[str, int]:
    """Calls of the longest chain by stage, and `total`.

    Extraction, names in doubt, then the longer of local rows and reports with global rows.
    """
    graph = run_dir / "graph"
    rows = [e for e in read_jsonl(run_dir / "data" / "examples.jsonl", Example) if e.source.role not in MADE_BY_RULE]
    store = run_dir.parent.parent / "calls.sqlite"
    extract, names, levels = len(_questions_of_the_extractor(store)), _names_in_doubt(store), _levels(graph)
    lost = read_jsonl(run_dir / "data" / "rejected.jsonl", Rejected)
    before = _gates_before(store)
    chains = [*_kept(rows, before, wordings), *_rejected(lost, before)]
    whole = max((calls for kind, calls in chains if kind == "global"), default=0)
    local = max((calls for kind, calls in chains if kind != "global"), default=0)
    return {
        "extract": extract,
        "names": names,
        "local": local,
        "report_levels": levels,
        "global": whole,
        "total": extract + names + max(local, levels + whole),
    }


def longest_chain_of_facts(run_dir: Path) -> dict[str, int]:
    """The same of recipe facts: a page's rounds, names in doubt, then rows over several facts or reports.

    Of the calls by which the critic reads a page in one round, one counts: they go out together.
    """
    store, levels = run_dir.parent.parent / "calls.sqlite", _levels(run_dir / "graph")
    roles = (PASSAGE_WRITER.name, MORE_WRITER.name, ROW_CRITIC.name)
    pages: dict[str, Counter[str]] = defaultdict(Counter)
    with sqlite3.connect(store) as connection:
        for role, request in connection.execute("SELECT role, request FROM calls WHERE role IN (?, ?, ?)", roles):
            pages[json.loads(request)["messages"][1]["content"].partition("</document>")[0]][role] += 1
    chains = [
        asked[PASSAGE_WRITER.name] + asked[MORE_WRITER.name] + min(asked[ROW_CRITIC.name], 1 + asked[MORE_WRITER.name])
        for asked in pages.values()
    ]
    names, page = _names_in_doubt(store), max(chains, default=0)
    reports = levels + (levels > 0)  # the critic reads the rows of the last one
    return {"page": page, "names": names, "several": 2, "reports": reports, "total": page + names + max(2, reports)}


def _names_in_doubt(store: Path) -> int:
    """1 if the model was asked whether two names are one thing: those calls go out together."""
    with sqlite3.connect(store) as connection:
        sql = "SELECT EXISTS (SELECT 1 FROM calls WHERE role IN (?, ?))"
        return connection.execute(sql, (SAME_ENTITY.name, SAME_PAIR.name)).fetchone()[0]


def _levels(graph: Path) -> int:
    return len({community.level for community in read_jsonl(graph / "communities.jsonl", Community)})


def _questions_of_the_extractor(store: Path) -> list[tuple[str]]:
    """Names, types of names left out, relations: what some chunk was asked, one after the other."""
    with sqlite3.connect(store) as connection:
        return connection.execute("SELECT DISTINCT role FROM calls WHERE role LIKE 'extractor%'").fetchall()


def _gates_before(store: Path) -> dict[str, int]:
    """By the question of a draft that was written anew: the gate calls of the drafts before it."""
    with sqlite3.connect(store) as connection:
        asked = connection.execute(
            "SELECT request, reply FROM calls WHERE role LIKE 'question_writer.%' AND request LIKE '%An earlier draft%'"
        ).fetchall()
    found: dict[str, int] = {}
    for request, reply in asked:
        sent_back, written = (
            SENT_BACK.search(json.loads(request)["messages"][-1]["content"]),
            json.loads(json.loads(reply)["text"]),
        )
        if sent_back:
            found[str(written.get("question", "")).strip()] = sum(_place(reason) for reason in sent_back[1].split("; "))
    return found


def _place(said: str) -> int:
    """How many gates were asked up to the one of this name or with this reason; 0 for a check without a model."""
    return next((n for n, gate in enumerate(ASKED, 1) if said in (gate.name, gate.reason)), 0)


def _kept(rows: Sequence[Example], before: Mapping[str, int], wordings: int) -> Iterator[tuple[str, int]]:
    """(kind, calls one after the other) of each kept fact.

    A writer's call a round, every gate, the wordings, the gates of those at once.
    """
    first = {row.id: row for row in rows if not row.wording_of}
    further = [
        (first[row.wording_of], row) for row in rows if row.wording_of in first
    ]  # the splits may leave out a first wording alone
    judged = {row.id for row, wording in further if not says_the_same(row.question, wording.question)}
    for row in first.values():
        asked = 1 + (row.id in judged) if KINDS[row.kind].reworded and wordings else 0
        yield row.kind, _written(row) + before.get(row.question, 0) + len(row.verdict.gates) + asked


def _written(row: Example | Rejected) -> int:
    return row.round - (row.kind == "global")


def _rejected(rows: Sequence[Rejected], before: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The same of each brief that came to nothing."""
    return ((row.kind, _written(row) + before.get(row.question, 0) + _place(row.gate)) for row in rows)


def ideal_seconds(stats: dict[str, Any], chain: int, slots: int) -> dict[str, float]:
    """Seconds that no client can go under.

    All service over all slots, the chain at the mean latency, and `ideal`, the larger.
    """
    latency = stats["service_s"] / max(1, stats["calls"])
    spread, waited = stats["service_s"] / slots, chain * latency
    return {
        "service_over_slots_s": round(spread, 3),
        "critical_path_s": round(waited, 3),
        "ideal_s": round(max(spread, waited), 3),
    }
