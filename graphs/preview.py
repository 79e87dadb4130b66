"""`synthesize --preview N`: some briefs through the whole loop, and everything that was said on the way.

The briefs are those of the coming run, spread over the corpus, so that their replies, kept in the call store, are not paid again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from agents.budget import Caps
from agents.console import Console
from agents.critic import Draft
from agents.errors import InputError
from agents.files import write_text
from agents.llm import Backend, Client
from agents.project import Project
from agents.records import FRAMING, Brief
from graphs.briefs import SynthesisConfig
from graphs.chunks import chunk_documents
from graphs.corpus import index_folder
from graphs.desk import Desk
from graphs.documents import DocumentsConfig, load_documents, tell_skipped
from graphs.drafting import build_drafting
from graphs.first_round import first_round
from graphs.global_briefs import global_briefs
from graphs.index import Index, read_index
from graphs.inputs import fingerprint, inputs, last_record
from graphs.run import DRY, at_work
from graphs.workshop import Workshop, gather

X = TypeVar("X")
NEAR = 240  # characters of the page shown on either side of a sentence
WEB = Path(__file__).parent / "web"


@dataclass(frozen=True)
class Asked:
    """One gate of a draft: P(yes) in 0–1, None if an earlier gate failed first; `wanted` is the verdict that passes."""

    name: str
    p: float | None
    threshold: float
    wanted: bool

    @property
    def passed(self) -> bool:
        """Whether the verdict is the wanted one."""
        return self.p is not None and (self.p >= self.threshold) is self.wanted


@dataclass
class Try:
    """One draft, the reasons its writer was told, the gates, and `fault`: (gate, reason, raw) if it failed."""

    told: list[str]
    draft: Draft | None
    gates: list[Asked] = field(default_factory=list)
    fault: tuple[str, str, str] | None = None


@dataclass
class Followed:
    """One brief through the loop: its source, every try, and what came of it."""

    brief: Brief
    documents: list[str]
    page: str
    tries: list[Try] = field(default_factory=list)
    outcome: str = ""
    wordings: list[str] = field(default_factory=list)
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    """(wording, gate and reason, raw) of the wordings that were rejected."""

    @property
    def passage(self) -> tuple[str, str, str]:
        """What stands before, the sentence that the brief is about, and what stands after it; all empty for a brief about more than one sentence."""
        before, focus, after = self.page.partition(self.brief.focus) if self.brief.kind == "local" else ("", "", "")
        if len(before) > NEAR:
            before = "… " + before[-NEAR:].partition(" ")[2]
        if len(after) > NEAR:
            after = after[:NEAR].rpartition(" ")[0] + " …"
        return before, focus, after


def preview(
    project: Project, count: int, console: Console, replay: bool = False, dry: bool = False, backend: Backend | None = None, caps: Caps | None = None
) -> tuple[list[Followed], Path]:
    """Put `count` briefs through the loop; return what happened and the page that shows it, runs/NAME/preview.html.

    Raises:
        RagtunedError: what `synthesize` raises. InputError: there is nothing to ask about.

    """
    if project.section("synthesis", SynthesisConfig).recipe == "paper":
        raise InputError("recipe paper has no loop of writer and critic to show", "preview without it, or run `ragtuned synthesize`")
    project = replace(project, run=f"{project.run}{DRY}") if dry else project
    with project.locked(), at_work(project, console, replay, dry, backend, caps) as clients:
        desk, briefs = _coming(project, clients, console)
        if not briefs:
            raise InputError("no sentence of the documents names anything to ask about", "add documents")
        trials = asyncio.run(_trials(Workshop(project, clients, console), desk, spread(briefs, count)))
        path = project.run_dir / "preview.html"
        write_text(path, page(project.run, trials, clients))
    return trials, path


def spread(items: Sequence[X], count: int) -> list[X]:
    """`count` of the items at equal distances, or all if there are not so many."""
    count = min(count, len(items))
    return [items[n * len(items) // count] for n in range(count)]


def _coming(project: Project, clients: Mapping[str, Client], console: Console) -> tuple[Desk, list[Brief]]:
    """The briefs of the coming run: those about single facts, which need no model; all kinds once a run has read the same documents."""
    config = project.section("synthesis", SynthesisConfig)
    folder = index_folder(project)
    if folder or last_record(project).get("fingerprint") == fingerprint(inputs(project)):
        desk = _indexed(config, clients, read_index(folder)) if folder else Workshop(project, clients, console).desk()
        entities, chunks = list(desk.entities.values()), list(desk.chunks.values())
        return desk, [*first_round(chunks, entities, config), *global_briefs(list(desk.reports.values()), entities, config)]
    console.say("until a run has read these documents, the preview asks about single facts only")
    documents = project.section("documents", DocumentsConfig)
    loaded = load_documents(project.directory, documents)
    tell_skipped(loaded.skipped, console.say)
    chunks = chunk_documents(loaded.documents, documents)
    desk = Desk(config, clients, {d.id: d for d in loaded.documents}, {c.id: c for c in chunks})
    return desk, first_round(chunks, [], config)


def _indexed(config: SynthesisConfig, clients: Mapping[str, Client], index: Index) -> Desk:
    """The desk of a GraphRAG index, which holds all that the other briefs need."""
    return Desk(
        config,
        clients,
        documents={d.id: d for d in index.documents},
        chunks={c.id: c for c in index.chunks},
        entities={e.id: e for e in index.entities},
        communities={c.id: c for c in index.communities},
        reports={r.id: r for r in index.reports},
    )


async def _trials(shop: Workshop, desk: Desk, briefs: Sequence[Brief]) -> list[Followed]:
    drafting = build_drafting(desk)
    with shop.console.stage("preview", len(briefs)) as stage:

        async def one(brief: Brief) -> Followed:
            trial = await _trial(drafting, desk, brief)
            stage.count(trial.outcome)
            return trial

        try:
            return await gather(briefs, one, shop.turn("local"))
        finally:
            for client in {id(c): c for c in shop.clients.values()}.values():
                await client.backend.close()


async def _trial(drafting: Any, desk: Desk, brief: Brief) -> Followed:
    """Follow one brief through the writer–critic graph, update by update."""
    trial = Followed(brief, sorted({desk.documents[desk.chunks[cid].document_id].path for cid in brief.chunk_ids}), desk.page(brief))
    async for update in drafting.astream({"brief": brief}, stream_mode="updates"):
        ((node, change),) = update.items()
        if node == "write":
            trial.tries.append(Try(change["reasons"], change["draft"], fault=change["fault"]))
        elif node in ("check", "judge"):
            trial.tries[-1].fault = change.get("fault")
        if node == "judge":
            trial.tries[-1].gates = _gates(desk, brief, trial.tries[-1].draft, change["heard"])
        if "examples" in change:
            trial.wordings = [e.question for e in change["examples"] if e.wording_of and e.source.role != FRAMING]
            trial.lost = [(r.question, f"{r.gate}: {r.reason}", r.raw) for r in change["rejected"] if change["examples"]]
        trial.outcome = "kept" if change.get("examples") else "failed" if change.get("failed") else trial.outcome or "rejected"
    return trial


def _gates(desk: Desk, brief: Brief, draft: Draft | None, heard: Sequence[float]) -> list[Asked]:
    assert draft is not None
    asked = zip_longest(desk.trials(brief, draft), heard)
    return [Asked(trial.gate.name, p, desk.threshold(trial.gate), trial.wanted) for trial, p in asked if trial]


def page(run: str, trials: Sequence[Followed], clients: Mapping[str, Client]) -> str:
    """The preview as one HTML file that asks for nothing from any network; what documents and models say is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    models = {role: clients[role].config.model for role in ("question_writer", "critic")}
    return environment.get_template("preview.html.j2").render(run=run, trials=trials, models=models)
