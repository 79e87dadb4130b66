"""The review desk's routes: every kept and rejected row by filter and page, with its source, and what a person decides.

Filtering is done here, so that ten thousand rows cost a browser no more than fifty.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.errors import InputError, RagtunedError
from agents.project import Project
from agents.records import Example, Rejected
from agents.roles.critic import GATES, SAME_QUESTION
from eval.ui.documents import around
from eval.ui.run_files import RunFiles
from eval.ui.server import Route, body_of, json_of
from eval.votes import now, this_user
from graphs.config import SynthesisConfig
from graphs.review.decisions import Decision, add_decisions, read_decisions

if TYPE_CHECKING:
    from aiohttp import web

PAGE = 50  # rows of one answer
NEAR = 0.1  # P(yes): so near to the threshold of its gate a row is borderline
SCORE = re.compile(r"P\(yes\) = ([\d.]+)")
FILTERS = ("kind", "gate", "document")


@dataclass(frozen=True)
class Row:
    """One row as the desk lists it; `text` is what a search looks in, in small letters."""

    item: Example | Rejected
    state: str
    gate: str
    reason: str
    documents: tuple[str, ...]
    borderline: bool
    wordings: int
    text: str

    @property
    def split(self) -> str:
        """Of a kept row that is published."""
        return self.item.split or "" if isinstance(self.item, Example) else ""


class Desk:
    """The rows of a run and the decisions about them; `publish` makes the data files anew."""

    def __init__(self, files: RunFiles, publish: Callable[[], Any]) -> None:
        self.files = files
        self._publish = publish
        self.publishing: dict[str, Any] = {"state": "idle"}
        self._work: asyncio.Task[None] | None = None

    @property
    def project(self) -> Project:
        """The run."""
        return self.files.project

    def routes(self) -> Sequence[Route]:
        """Method, path and handler of each."""
        return [
            ("GET", "/api/rows", self.listed),
            ("GET", "/api/row", self.one),
            ("POST", "/api/rows/decide", self.decide),
            ("POST", "/api/rows/publish", self.publish),
        ]

    @property
    def rows(self) -> list[Row]:
        """All of them: kept first, then rejected."""
        folder, work, graph = self.project.data_dir, self.files.work, self.project.graph_dir
        paths = [folder / "examples.jsonl", folder / "rejected.jsonl", work / "kept.jsonl", work / "dropped.jsonl"]
        return self.files.made_of([*paths, graph / "facts.jsonl"], "rows", self._rows)

    def _rows(self) -> list[Row]:
        config = self.project.config.get("synthesis") or SynthesisConfig.model_validate({})
        return list(rows_of(self.files, {**config.thresholds}))

    async def listed(self, request: web.Request) -> web.StreamResponse:
        """One page of the rows that fit the filters, and how many there are of each."""
        return json_of(await asyncio.to_thread(self._listed, dict(request.query)))

    def _listed(self, asked: Mapping[str, str]) -> dict[str, Any]:
        decisions = self._decisions()
        found = self.matching(asked, decisions)
        page = int(asked["page"]) if asked.get("page", "").isdecimal() else 0
        shown = found[page * PAGE : (page + 1) * PAGE]
        return {
            "total": len(found),
            "all": len(self.rows),
            "page": page,
            "pages": -(-len(found) // PAGE),
            "rows": [self._short(row, decisions) for row in shown],
            "choices": self.files.made_of(
                [self.project.data_dir / "examples.jsonl", self.project.data_dir / "rejected.jsonl"],
                "choices",
                lambda: choices(self.rows, [entity.name for entity in self.files.entities]),
            ),
            "decided": len(decisions),
            "waiting": self.waiting(decisions),
            "publishing": self.publishing,
            "user": this_user(),
        }

    def waiting(self, decisions: Mapping[str, Decision]) -> int | None:
        """How many first rows a stopped run waits for; None if it does not wait."""
        if (self.project.data_dir / "examples.jsonl").is_file() or not self.files.examples:
            return None
        return sum(not row.wording_of and row.id not in decisions for row in self.files.examples)

    def matching(self, asked: Mapping[str, str], decisions: Mapping[str, Decision]) -> list[Row]:
        """The rows that all filters of a query let pass."""
        rows = self.rows
        if state := asked.get("state", ""):
            rows = [row for row in rows if _is(row, state, decisions)]
        for name in FILTERS:
            if wanted := asked.get(name, ""):
                rows = [row for row in rows if wanted in _values(row, name)]
        if asked.get("first"):
            rows = [row for row in rows if isinstance(row.item, Rejected) or not row.item.wording_of]
        if name := asked.get("entity", ""):
            names = next(([e.name, *e.aliases] for e in self.files.entities if e.name == name), [name])
            pattern = re.compile("|".join(rf"(?<!\w){re.escape(n.lower())}(?!\w)" for n in names))
            rows = [row for row in rows if pattern.search(row.text)]
        for word in asked.get("q", "").lower().split():
            rows = [row for row in rows if word in row.text]
        return rows

    def _decisions(self) -> dict[str, Decision]:
        path = self.project.decisions
        return self.files.made_of([path], "decisions", lambda: read_decisions(path))

    def _short(self, row: Row, decisions: Mapping[str, Decision]) -> dict[str, Any]:
        decision = decisions.get(row.item.id)
        return {
            "id": row.item.id,
            "kind": row.item.kind,
            "question": row.item.question,
            "answer": row.item.answer,
            "state": row.state,
            "split": row.split,
            "gate": row.gate,
            "reason": row.reason,
            "documents": list(row.documents),
            "borderline": row.borderline,
            "wordings": row.wordings,
            "wording_of": row.item.wording_of if isinstance(row.item, Example) else None,
            "decision": decision.model_dump() if decision else None,
        }

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Everything about one row."""
        return json_of(await asyncio.to_thread(self._one, request.query.get("id", "")))

    def _one(self, name: str) -> dict[str, Any]:
        row = next((row for row in self.rows if row.item.id == name), None)
        if row is None:
            raise InputError(f"the run has no row {name[:80]!r}", "reload the page")
        item, places = row.item, self.files.places
        if isinstance(item, Rejected):
            fact = next((fact for fact in self.files.facts if fact.id == item.brief), None)
            more: dict[str, Any] = {
                "raw": item.raw,
                "fact": fact.statement if fact else "",
                "evidence": [places.place(e) for e in fact.evidence] if fact else [],
            }
        else:
            of = item.wording_of or item.id
            more = {
                "reasoning": item.reasoning,
                "evidence": [places.place(e) for e in item.evidence],
                "source": item.source.model_dump(),
                "scores": item.verdict.gates,
                "others": [
                    {"id": other.id, "question": other.question, "split": other.split}
                    for other in self.files.examples
                    if other.id != item.id and (other.id == of or other.wording_of == of)
                ],
            }
        for place in more["evidence"]:
            text = places.by_id[place["document"]].text if place["document"] else ""
            place["before"], place["after"] = around(text, place["start"], place["end"])
        return {**self._short(row, self._decisions()), "round": item.round, **more, "drafts": self._drafts(item)}

    def _drafts(self, item: Example | Rejected) -> list[dict[str, Any]]:
        """What was written about the same fact or for the same brief, and the verdict on each, by round."""
        about = item.fact if isinstance(item, Example) else item.brief
        kept = [row for row in self.files.examples if row.fact == about and not row.wording_of]
        no_rows = [one.model_copy(update={"id": ""}) for one in self.files.sent_back]
        drafts: list[Example | Rejected] = [
            *kept,
            *(one for one in (*self.files.rejected, *no_rows) if one.brief == about),
        ]
        told = {"id", "round", "question", "answer", "gate", "reason"}  # a kept one has the first four
        by_round = sorted(drafts, key=lambda one: (one.round, isinstance(one, Example), one.question))
        return [draft.model_dump(include=told) for draft in by_round]

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Add a decision about some rows, or about all that fit a filter; each is on the disk before this answers."""
        given = await body_of(request, "decision")
        return json_of({"decided": await asyncio.to_thread(self._decide, given)})

    def _decide(self, given: Mapping[str, Any]) -> int:
        known = {row.item.id: row for row in self.rows}
        if isinstance(given.get("filter"), dict):
            ids = [row.item.id for row in self.matching(given["filter"], self._decisions())]
        else:
            ids = [str(name) for name in given.get("ids") or ()]
        if not ids or (unknown := [name for name in ids if name not in known]):
            raise InputError(f"no such row: {unknown[0][:80]!r}" if ids else "no row is chosen", "reload the page")
        words = {name: str(given.get(name) or "") for name in ("question", "answer")}
        try:
            made = [
                Decision(
                    id=name,
                    decision=given["decision"],
                    **(words if given["decision"] == "edit" else {}),
                    who=str(given.get("who") or this_user())[:80],
                    when=now(),
                )
                for name in ids
            ]
        except ValueError as error:
            raise InputError(
                f"{given['decision']!r} is no decision", "accept, reject, or edit with new words"
            ) from error
        add_decisions(self.project.decisions, made)
        return len(made)

    async def publish(self, _: web.Request) -> web.StreamResponse:
        """Make the data files anew by what was decided; how it goes is told with every list."""
        if self.publishing["state"] != "running":
            self.publishing = {"state": "running"}
            self._work = asyncio.create_task(self._published())
        return json_of(self.publishing)

    async def _published(self) -> None:
        try:
            record = await asyncio.to_thread(self._publish)
            self.publishing = {"state": "done", "what": record.account, "when": now()}
        except RagtunedError as error:
            self.publishing = {"state": "failed", "what": error.what, "do": error.do}
        except Exception as error:  # noqa: BLE001 - nobody waits for this task: the page must hear how it ended
            self.publishing = {"state": "failed", "what": str(error), "do": "ragtuned synthesize"}


def rows_of(files: RunFiles, thresholds: Mapping[str, float]) -> Iterator[Row]:
    """The rows of a run as the desk lists them."""
    asks = {gate.name: gate.threshold for gate in (*GATES, SAME_QUESTION)} | dict(thresholds)
    wordings = Counter(row.wording_of for row in files.examples)
    for row in files.examples:
        near = any(abs(p - asks.get(gate, 0.0)) < NEAR for gate, p in row.verdict.gates.items() if asks.get(gate))
        quotes = " ".join(e.quote for e in row.evidence)
        text = f"{row.question}\n{row.answer}\n{quotes}".lower()
        yield Row(row, "kept", "", "", tuple(row.source.documents), near or row.round > 1, wordings[row.id], text)
    facts = {fact.id: fact for fact in files.facts}
    for fault in files.rejected:
        fact = facts.get(fault.brief)
        places = [files.places.place(e)["path"] for e in fact.evidence] if fact else []
        said = SCORE.search(fault.raw)
        near = bool(said and asks.get(fault.gate) and abs(float(said[1]) - asks[fault.gate]) < NEAR)
        statement = fact.statement if fact else ""
        text = f"{fault.question}\n{fault.answer}\n{statement}".lower()
        reason = fault.reason.partition(":")[0]
        yield Row(fault, "rejected", fault.gate, reason, tuple(dict.fromkeys(places)), near, 0, text)


def choices(rows: Sequence[Row], entities: Sequence[str]) -> dict[str, list[list[Any]]]:
    """What each filter offers, the commonest first, with how many rows each has."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for name in FILTERS:
            counts[name].update(_values(row, name))
        counts["state"].update(filter(None, [row.state, row.split, "borderline" * row.borderline]))
    found = {name: [[value, n] for value, n in counts[name].most_common()] for name in (*FILTERS, "state")}
    return {**found, "entity": [[name, None] for name in sorted(entities)]}


def _values(row: Row, name: str) -> tuple[str, ...]:
    if name == "document":
        return row.documents
    return (row.item.kind if name == "kind" else f"{row.gate}: {row.reason}" if row.gate else "",)


def _is(row: Row, state: str, decisions: Mapping[str, Decision]) -> bool:
    if state == "borderline":
        return row.borderline
    if state in ("decided", "undecided"):
        return (row.item.id in decisions) is (state == "decided")
    return state in (row.state, row.split)
