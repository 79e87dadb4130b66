"""`synthesize --preview N`: some briefs through the whole loop, and everything that was said on the way.

The briefs are those of the coming run, spread over the corpus, so that their replies, kept in the call store, are not
paid again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import InputError
from agents.files import write_text
from agents.last_words import DRY
from agents.models.budget import Caps
from agents.models.client import Client
from agents.models.request import ModelBackend
from agents.project import Project
from agents.records import FRAMING, Brief
from agents.roles.checks import Draft
from agents.spread import spread
from graphs.concurrency import gather
from graphs.config import SynthesisConfig
from graphs.context import Context
from graphs.corpus.documents import tell_skipped
from graphs.drafting.gates import threshold
from graphs.drafting.kind import Knowledge
from graphs.drafting.kinds import KINDS, first_briefs, report_briefs
from graphs.drafting.loop import build_drafting
from graphs.fingerprint import fingerprint, inputs, synthesis_of
from graphs.graphrag.read import Index
from graphs.knowledge.sources import Sources
from graphs.preview.facts import followed_facts
from graphs.preview.followed import Followed, GateResult, Try
from graphs.preview.page import page
from graphs.run import at_work
from graphs.run_record import last_record
from graphs.source import Corpus


def preview(
    project: Project,
    count: int,
    console: Console,
    replay: bool = False,
    dry: bool = False,
    backend: ModelBackend | None = None,
    caps: Caps | None = None,
) -> tuple[list[Followed], Path]:
    """Put `count` briefs through the loop; return what happened and the page that shows it, runs/NAME/preview.html.

    Raises:
        RagtunedError: what `synthesize` raises. InputError: there is nothing to ask about.

    """
    corpus = Corpus(project)
    if synthesis_of(project, corpus).recipe == "paper":
        raise InputError(
            "recipe paper has no loop of writer and critic to show", "preview without it, or run `ragtuned synthesize`"
        )
    project = replace(project, run=f"{project.run}{DRY}") if dry else project
    with project.locked(), at_work(project, console, replay, dry, backend, caps) as clients:
        if synthesis_of(project, corpus).recipe == "facts":
            trials = asyncio.run(followed_facts(project, corpus, clients, console, count))
            return trials, _written(project, trials, clients, of_facts=True)
        sources, briefs = _coming(project, corpus, clients, console)
        if not briefs:
            raise InputError("no sentence of the documents names anything to ask about", "add documents")
        trials = asyncio.run(_trials(Context(project, clients, console), sources, spread(briefs, count)))
        return trials, _written(project, trials, clients)


def _written(
    project: Project, trials: Sequence[Followed], clients: Mapping[str, Client], of_facts: bool = False
) -> Path:
    path = project.run_dir / "preview.html"
    write_text(path, page(project.run, trials, clients, of_facts))
    return path


def _coming(
    project: Project, corpus: Corpus, clients: Mapping[str, Client], console: Console
) -> tuple[Sources, list[Brief]]:
    """The briefs of the coming run: those about single facts, which need no model.

    All kinds once a run has read the same documents.
    """
    config = synthesis_of(project, corpus)
    if corpus.folder or ((last := last_record(project)) and last.fingerprint == fingerprint(inputs(project, corpus))):
        read = _indexed(config, clients, corpus.index) if corpus.folder else None
        sources = read or Context(project, clients, console, corpus).sources()
        known = Knowledge([*sources.chunks.values()], [*sources.entities.values()], [*sources.reports.values()])
        return sources, [*first_briefs(known, config), *report_briefs(known, config)]
    console.say("until a run has read these documents, the preview asks about single facts only")
    tell_skipped(corpus.loaded.skipped, console.say)
    documents, chunks = corpus.loaded.documents, corpus.chunks
    sources = Sources(config, clients, {d.id: d for d in documents}, {c.id: c for c in chunks})
    return sources, first_briefs(Knowledge(chunks, []), config)


def _indexed(config: SynthesisConfig, clients: Mapping[str, Client], index: Index) -> Sources:
    """The sources of a GraphRAG index, which holds all that the other briefs need."""
    return Sources(
        config,
        clients,
        documents={d.id: d for d in index.documents},
        chunks={c.id: c for c in index.chunks},
        entities={e.id: e for e in index.entities},
        communities={c.id: c for c in index.communities},
        reports={r.id: r for r in index.reports},
    )


async def _trials(context: Context, sources: Sources, briefs: Sequence[Brief]) -> list[Followed]:
    drafting = build_drafting(sources)
    with context.console.stage("preview", len(briefs)) as stage:

        async def one(brief: Brief) -> Followed:
            trial = await _trial(drafting, sources, brief)
            stage.count(trial.outcome)
            return trial

        try:
            return await gather(briefs, one, context.turn("local"))
        finally:
            await context.close_clients()


async def _trial(drafting: Any, sources: Sources, brief: Brief) -> Followed:
    """Follow one brief through the writer–critic graph, update by update."""
    trial = Followed(
        brief,
        sorted({sources.documents[sources.chunks[cid].document_id].path for cid in brief.chunk_ids}),
        sources.page(brief),
    )
    async for update in drafting.astream({"brief": brief}, stream_mode="updates"):
        ((node, change),) = update.items()
        if node == "write":
            trial.tries.append(Try(change["reasons"], change["draft"], fault=change["fault"]))
        elif node in ("check", "judge"):
            trial.tries[-1].fault = change.get("fault")
        if node == "judge":
            trial.tries[-1].gates = _gates(sources, brief, trial.tries[-1].draft, change["heard"])
        if "examples" in change:
            trial.wordings = [e.question for e in change["examples"] if e.wording_of and e.source.role != FRAMING]
            trial.lost = [
                (r.question, f"{r.gate}: {r.reason}", r.raw) for r in change["rejected"] if change["examples"]
            ]
        trial.outcome = (
            "kept" if change.get("examples") else "failed" if change.get("failed") else trial.outcome or "rejected"
        )
    return trial


def _gates(sources: Sources, brief: Brief, draft: Draft | None, heard: Sequence[float]) -> list[GateResult]:
    assert draft is not None
    asked = zip_longest(KINDS[brief.kind].gate_checks(sources, brief, draft), heard)
    return [
        GateResult(trial.gate.name, p, threshold(sources.config, trial.gate), trial.wanted)
        for trial, p in asked
        if trial
    ]
