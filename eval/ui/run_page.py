"""The run's route: where it stands, its funnel, spending, loss and facts, from its files, while it goes on too."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.errors import InputError
from agents.project import PROGRESS
from agents.records import CONTRAST, FRAMING, PASSAGE, Example
from eval.improve.rounds import STATE, Improved
from eval.ui.run_files import RunFiles
from eval.ui.server import Route, json_of
from graphs.review.decisions import PERSON
from graphs.run_record import RunRecord, last_record
from tuning.curve import TABLE

if TYPE_CHECKING:
    from aiohttp import web

QUIET_SECONDS = 90  # without a change of its files: a run under way was probably ended
PAGE = 40  # facts of one answer
COLUMNS = {"step": "step", "train": "train_loss", "validation": "validation_loss"}  # of losses.csv
AFTER = ("filter", "selection", "splits", "review")  # gates behind the critic
WRITTEN = "questions written"
BY_RULE = {CONTRAST: "refusals by rule", FRAMING: "set phrases", PASSAGE: "quotes of the documents", "rule": "by rule"}


class RunPage:
    """What a run has come to."""

    def __init__(self, files: RunFiles) -> None:
        self.files = files

    def routes(self) -> Sequence[Route]:
        """Method, path and handler of each."""
        return [("GET", "/api/run", self.run), ("GET", "/api/facts", self.facts)]

    async def run(self, _: web.Request) -> web.StreamResponse:
        """Everything but the facts."""
        return json_of(await asyncio.to_thread(self._run))

    def _run(self) -> dict[str, Any]:
        project = self.files.project
        try:
            record, fault = last_record(project), ""
        except InputError as error:  # another version wrote it
            record, fault = None, str(error)
        return {
            "state": self._state(record),
            "fault": fault,
            "changed": self._changed(),
            "stages": stages(project.run_dir / PROGRESS),
            "counts": funnel(self.files),
            "rows": by_origin([row for row in self.files.examples if row.split in ("train", None)]),
            "splits": dict(Counter(row.split or "waiting" for row in self.files.examples)),
            "calls": calls(project.calls),
            "record": self._told(record) if record else None,
            "rounds": rounds(project.run_dir / "improve" / STATE),
            "losses": losses(project.run_dir / "checkpoints" / TABLE) or losses(project.adapter_dir / TABLE),
            "adapter": (project.adapter_dir / "adapter_model.safetensors").is_file(),
            "evaluated": (project.eval_dir / "metrics.json").is_file(),
        }

    def _state(self, record: RunRecord | None) -> str:
        """`working`, `waiting` for a person, `stopped` half-way, `finished` or `none`."""
        if self.files.work.is_dir():
            kept = self.files.work / "kept.jsonl"
            if kept.is_file() and not (self.files.work / "reviewed.jsonl").is_file() and self._asks_for_review():
                return "waiting"
            return "working" if self._changed() < QUIET_SECONDS else "stopped"
        return "finished" if record else "none"

    def _asks_for_review(self) -> bool:
        synthesis = self.files.project.config.get("synthesis")
        return bool(synthesis and synthesis.review)

    def _changed(self) -> int:
        """Seconds since something of the run was written."""
        folder = self.files.project.run_dir
        within = (folder, self.files.work, self.files.project.graph_dir, self.files.project.adapter_dir)
        paths = [path for where in within if where.is_dir() for path in where.iterdir()]
        paths += list(folder.parent.parent.glob("calls.sqlite*"))
        newest = 0.0
        for path in paths:
            try:
                newest = max(newest, path.stat().st_mtime)
            except OSError:  # gone meanwhile
                continue
        return int(time.time() - newest) if newest else 0

    def _told(self, record: RunRecord) -> dict[str, Any]:
        return {
            "teacher": record.teachers,
            "recorded": record.recorded,
            "account": record.account,
            "counts": record.counts.model_dump(include={"planned", "kept", "rejected", "failed", "by_kind"}),
            "acceptance": {n: round_.model_dump() for n, round_ in record.acceptance.items()},
            "reasons": record.reasons,
            "coverage": record.coverage.model_dump()["kept"],
            "calls": record.calls,
            "tokens": record.tokens.model_dump(),
            "cost": record.cost,
            "per_fact": record.per_fact.model_dump(),
            "plan": record.plan.model_dump(),
            "seconds": record.start.seconds,
        }

    async def facts(self, request: web.Request) -> web.StreamResponse:
        """One page of the facts, those with the fewest questions first, and how many have how many."""
        page = request.query.get("page", "")
        found = await asyncio.to_thread(
            self._facts, int(page) if page.isdecimal() else 0, request.query.get("q", "").lower()
        )
        return json_of(found)

    def _facts(self, page: int, wanted: str) -> dict[str, Any]:
        questions: Counter[str] = Counter()
        first: dict[str, Example] = {}
        for row in self.files.examples:
            questions[row.fact] += row.split in ("train", None)
            first.setdefault(row.fact, row)
        told = {fact.id: fact.statement for fact in self.files.facts} or {
            name: f"{row.question} {row.answer}" for name, row in first.items()
        }
        listed = sorted(
            ((questions[name], said, name) for name, said in told.items() if wanted in said.lower()),
            key=lambda one: (one[0], one[1]),
        )
        spread = Counter(min(n, 10) for n, _, _ in listed)
        return {
            "total": len(listed),
            "page": page,
            "pages": -(-len(listed) // PAGE),
            "spread": [spread[n] for n in range(11)],
            "facts": [
                {"statement": said, "questions": n, "row": first[name].id if name in first else ""}
                for n, said, name in listed[page * PAGE : (page + 1) * PAGE]
            ],
        }


def funnel(files: RunFiles) -> list[tuple[str, int]]:
    """What each stage has written so far: first what was read, then the questions from `WRITTEN` on."""
    kept = [row for row in files.examples if row.source.role != PASSAGE]
    left = Counter("check" if r.gate == "check" else "after" if r.gate in AFTER else "critic" for r in files.rejected)
    written = len(kept) + len(files.rejected)
    found = [
        ("documents", len(files.documents)),
        ("chunks", len(files.chunks)),
        ("facts", len(files.facts)),
        ("names", len(files.entities)),
        ("relations", len(files.relations)),
        ("reports", len(files.reports)),
        (WRITTEN, written),
        ("passed the checks", written - left["check"]),
        ("passed the critic", written - left["check"] - left["critic"]),
        ("kept by the filters", len(kept)),
        ("in training", sum(row.split in ("train", None) for row in files.examples)),
    ]
    return [(name, n) for name, n in found if n]


def stages(path: Path) -> list[dict[str, Any]]:
    """What the stages of a command under way have done; none once all have ended or nothing was written for long."""
    try:
        if time.time() - path.stat().st_mtime > QUIET_SECONDS:
            return []
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return found if any(stage["state"] != "ended" for stage in found) else []


def by_origin(rows: Sequence[Example]) -> dict[str, int]:
    """Training rows by who stands for them: the critic, a person, a rule, or the document that is quoted."""
    found: Counter[str] = Counter()
    for row in rows:
        role = row.source.role
        found["by a person" if role == PERSON else BY_RULE.get(role, "passed the critic")] += 1
    return dict(found.most_common())


def rounds(path: Path) -> list[dict[str, Any]]:
    """The facts that the student knew after each round of `ragtuned improve`; none of another version's file."""
    if not path.is_file():
        return []
    try:
        found = Improved.model_validate_json(path.read_bytes())
    except ValueError:
        return []
    return [{"number": one.number, "rows": one.rows, **one.known.model_dump()} for one in found.rounds]


def calls(path: Path) -> list[dict[str, Any]]:
    """The calls of the project's store so far, by role: how many, and their tokens; none while it cannot be read."""
    if not path.is_file():
        return []
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1) as store:
            rows = store.execute(
                "SELECT role, count(*), sum(json_extract(reply, '$.tokens_in')), "
                "sum(json_extract(reply, '$.tokens_out')) FROM calls GROUP BY role ORDER BY 2 DESC"
            ).fetchall()
    except sqlite3.Error:  # being made, or of another program
        return []
    return [{"role": role, "calls": n, "tokens_in": i or 0, "tokens_out": o or 0} for role, n, i, o in rows]


def losses(path: Path) -> list[dict[str, float | None]]:
    """Step, training and validation loss of losses.csv; what is half-written is left out."""
    if not path.is_file():
        return []
    found = []
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            try:
                found.append({key: float(line[name]) if line.get(name) else None for key, name in COLUMNS.items()})
            except ValueError:
                continue
    return found
