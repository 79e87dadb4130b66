"""A run's own critic asked about planted items, all gates of each, through the project's client and call store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from agents.console import Console
from agents.errors import ITEM_ERRORS
from agents.models.budget import total_usage
from agents.models.client import Client
from agents.models.request import ModelBackend
from agents.models.store import CallStore
from agents.roles.checks import Draft
from agents.roles.critic import GATES, Gate, judge
from agents.roles.role import fill
from bench.quality.finished_runs import Finished
from bench.quality.planted_faults import GOOD, Planted
from bench.quality.verdicts import Scored, report
from graphs.drafting.gates import threshold
from graphs.drafting.kinds import KINDS
from graphs.run import open_clients

Runs = Mapping[str, Finished]


def gates(run: Finished, item: Planted) -> list[Gate]:
    """The gates that a row of this kind had to pass in its run."""
    return [gate for gate, _ in KINDS[item.kind].gates(run.config.reasoning)]


def prompts(items: Sequence[Planted], asked: Mapping[str, Sequence[Gate]]) -> int:
    """How many different prompts the gates `asked` of each item (by its id) make: the most calls there can be."""
    return len(
        {
            (i.corpus, g.name, fill(g.ask, _inputs(i)), i.source if g.sees_source else "")
            for i in items
            for g in asked[i.id]
        }
    )


def most_calls(items: Sequence[Planted], runs: Runs) -> int:
    """The calls of all gates of all items, before any is made; what the store holds costs none."""
    return prompts(items, {item.id: gates(runs[item.corpus], item) for item in items})


def measure(
    items: Sequence[Planted], runs: Runs, console: Console, backend: ModelBackend | None = None
) -> dict[str, Any]:
    """Ask the critic of every run about its items and return all figures.

    `backend` answers in place of the models of the configs.

    Raises:
        RagtunedError: what the configs or the endpoint did; what was answered until then stays in the stores.

    """
    stores = {name: CallStore(run.project.calls) for name, run in runs.items()}
    try:
        clients = {
            name: open_clients(run.project, stores[name], replay=False, backend=backend)["critic"]
            for name, run in runs.items()
        }
        started = time.monotonic()
        scored = asyncio.run(_ask(items, runs, clients, console))
        seconds = round(time.monotonic() - started, 1)
        found = report(scored, lambda gate, corpus: _threshold(runs[corpus], gate))
        paid = {
            "tokens_in_out": _tokens(clients, stores),
            "this_start": {**total_usage(client.usage for client in clients.values()), "seconds": seconds},
        }
        return {**found, "calls": {**_calls(items, runs, scored), **paid}, "scores": [s.model_dump() for s in scored]}
    finally:
        for store in stores.values():
            store.close()


async def _ask(items: Sequence[Planted], runs: Runs, clients: Mapping[str, Client], console: Console) -> list[Scored]:
    """Items of one page together, so that a small server's prompt cache is used."""
    from graphs.concurrency import gather

    ordered = sorted(items, key=lambda item: (item.corpus, item.source, item.id))
    turn = asyncio.Semaphore(max(client.config.calls_at_once for client in clients.values()))
    with console.stage("critic", len(items)) as stage:

        async def one(item: Planted) -> Scored:
            scored = await _scored(item, gates(runs[item.corpus], item), clients[item.corpus])
            stage.count("good" if item.fault == GOOD else "faulty")
            return scored

        try:
            return await gather(ordered, one, turn)
        finally:
            for client in clients.values():
                await client.backend.close()


async def _scored(item: Planted, asked: Sequence[Gate], client: Client) -> Scored:
    """The checks and every gate, also after one that stops the row.

    A call that gives nothing to read is a failed gate, not a score.
    """
    p: dict[str, float] = {}
    failed: list[str] = []
    for gate in asked:
        try:
            p[gate.name] = await judge(client, gate, item.source, _inputs(item))
        except ITEM_ERRORS:
            failed.append(gate.name)
    draft = Draft(item.kind, item.question, item.reasoning, item.answer, item.evidence)
    check = KINDS[item.kind].check(draft, item.source)
    return Scored(
        id=item.id, corpus=item.corpus, half=item.half, fault=item.fault, check=check or "", p=p, failed=failed
    )


def _inputs(item: Planted) -> dict[str, str]:
    return {"question": item.question, "answer": item.answer, "reasoning": item.reasoning}


def _threshold(run: Finished, gate: str) -> float:
    return threshold(run.config, next(g for g in GATES if g.name == gate))


def _calls(items: Sequence[Planted], runs: Runs, scored: Sequence[Scored]) -> dict[str, int]:
    """Different prompts of all gates, and of a critic that stops at the first failure, whose verdict is the same."""
    asked = {item.id: gates(runs[item.corpus], item) for item in items}
    return {
        "all_gates": prompts(items, asked),
        "stopping_at_the_first_failure": prompts(items, {s.id: _until_failure(s, asked[s.id], runs) for s in scored}),
    }


def _until_failure(scored: Scored, asked: Sequence[Gate], runs: Runs) -> Sequence[Gate]:
    if scored.check:
        return []
    stops = (
        n
        for n, gate in enumerate(asked, 1)
        if scored.p.get(gate.name, 0.0) < _threshold(runs[scored.corpus], gate.name)
    )
    return asked[: next(stops, len(asked))]


def _tokens(clients: Mapping[str, Client], stores: Mapping[str, CallStore]) -> dict[str, list[int]]:
    """By role: the tokens in and out of all calls asked for, paid in this start or before."""
    sums: dict[str, list[int]] = {}
    for name, client in clients.items():
        for role, tokens in stores[name].tokens(client.keys).items():
            sums[role] = [a + b for a, b in zip(sums.get(role, [0, 0]), tokens, strict=True)]
    return sums
