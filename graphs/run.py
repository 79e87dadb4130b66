"""One synthesis from a config to run.json: clients, the graph with its checkpoints, and the record of it all."""

from __future__ import annotations

import asyncio
import importlib
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import BatchWritten, ConfigError, ReviewNeeded
from agents.files import read_jsonl, write_text
from agents.last_words import DRY
from agents.models.backends import backend_of
from agents.models.batch import Batch, refuse_embedded
from agents.models.budget import Budget, Caps
from agents.models.client import Client
from agents.models.endpoints import warnings
from agents.models.request import ModelBackend
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from agents.project import Project
from agents.records import Example
from agents.roles.registry import scripts
from graphs import event_loop
from graphs.checkpoints import PlainSerializer, position
from graphs.context import Context
from graphs.fingerprint import fingerprint, inputs, own_prompts, speaking
from graphs.outcome import hashes, record
from graphs.plan import plan
from graphs.review.decisions import decisions_hash, read_decisions, undecided, with_wordings
from graphs.run_record import RunRecord, last_record
from graphs.source import Corpus
from graphs.synthesis import build_synthesis


def synthesize(
    project: Project,
    console: Console,
    replay: bool = False,
    dry: bool = False,
    backend: ModelBackend | None = None,
    caps: Caps | None = None,
    fresh: bool = False,
    batch: Path | None = None,
) -> RunRecord:
    """Make the training set of `project` and return its record; that of a run that is finished and unchanged as it is.

    `replay` answers from the call store only; `dry` asks the scripted model, in a run of its own name; `backend`
    answers in place of the models of the config; `caps` end the run before it spends more; `fresh` forgets where an
    earlier start stood (its replies stay paid). With `batch` no model is called: what it would be asked goes into that
    file.

    Raises:
        RagtunedError: what the inputs, the config or the endpoint did; EmptyResult if nothing was kept; ReviewNeeded if
        the run waits for a person; BatchWritten if it waits for a batch.

    """
    if dry:
        project = replace(project, run=f"{project.run}{DRY}")
    corpus = Corpus(project)
    with project.locked():
        console.keep(project.run_dir)
        if not (replay or dry or fresh) and (finished := _finished(project, corpus)):
            console.say("nothing changed since the last synthesis: no call is made")
            return finished
        with at_work(project, console, replay, dry, backend, caps, batch) as clients:
            return event_loop.run(_run(Context(project, clients, console, corpus), replay, dry, fresh))


@contextmanager
def at_work(
    project: Project,
    console: Console,
    replay: bool,
    dry: bool,
    backend: ModelBackend | None,
    caps: Caps | None,
    batch: Path | None = None,
    keys: Sequence[str] | None = None,
) -> Iterator[dict[str, Client]]:
    """The client of each of these roles (a synthesis's if none is named) over the call store, closed at the end.

    The first error of a gather is raised alone.
    """
    store = CallStore(Path(":memory:") if dry else project.calls)
    try:
        if store.set_aside:
            console.say(f"{project.calls} was no call store: it is kept as {store.set_aside.name}, and a new one begun")
        clients = open_clients(project, store, replay, ScriptedModel(scripts()) if dry else backend, caps, batch, keys)
        told = (
            []
            if replay or dry or backend or batch
            else [line for config in speaking(project, keys).values() for line in warnings(config)]
        )
        for line in dict.fromkeys(told):  # a model of several roles is warned of once
            console.warn(line)
        for client in clients.values():
            client.tell = console.warn
        yield clients
    except BaseExceptionGroup as group:
        raise _first(group) from None
    finally:
        store.close()


def _finished(project: Project, corpus: Corpus) -> RunRecord | None:
    """The record of the last synthesis if its inputs and its files are as they were."""
    last = last_record(project)
    same = (
        last
        and last.decisions == decisions_hash(project.decisions)
        and last.fingerprint == fingerprint(inputs(project, corpus))
        and last.files == hashes(project.run_dir)
    )
    return last.model_copy(update={"unchanged": True}) if last and same else None


def open_clients(
    project: Project,
    store: CallStore,
    replay: bool,
    backend: ModelBackend | None = None,
    caps: Caps | None = None,
    batch: Path | None = None,
    keys: Sequence[str] | None = None,
) -> dict[str, Client]:
    """The client of each of these roles (a synthesis's if none is named): one a model, one budget and batch for all.

    Raises:
        ConfigError: a role names an unknown model, a prompt of the project is wrong, a cost is capped and a model has
        no price, or a batch is to reach an embedded model.
        InputError: `batch` is another file.

    """
    speaks, prompts = speaking(project, keys), own_prompts(project)
    budget = Budget(caps, priced=all(config.priced for config in speaks.values()))
    if batch:
        refuse_embedded(speaks)
    requests = Batch(batch, store, budget) if batch else None
    if budget.caps.cost is not None and (unpriced := sorted({c.model for c in speaks.values() if not c.priced})):
        raise ConfigError(
            f"--max-cost needs the price of {', '.join(unpriced)}",
            "set price_in and price_out (USD for a million tokens) of the model",
        )
    clients = {
        id(config): Client(backend or backend_of(config), store, config, replay, budget, prompts, requests)
        for config in speaks.values()
    }
    return {role: clients[id(config)] for role, config in speaks.items()}


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


async def _run(context: Context, replay: bool, dry: bool, fresh: bool) -> RunRecord:
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    project, started = context.project, time.monotonic()
    name = fingerprint(inputs(project, context.corpus))
    planned = plan(project, corpus=context.corpus)
    kept = project.run_dir / "checkpoints.sqlite"
    if fresh:  # where an earlier start stood is forgotten, whatever the file holds
        for path in project.run_dir.glob(f"{kept.name}*"):
            path.unlink()
    async with aiosqlite.connect(kept) as connection:
        checkpointer = AsyncSqliteSaver(connection, serde=PlainSerializer())
        graph = build_synthesis(context, checkpointer)
        thread: Any = {"configurable": {"thread_id": name}, "recursion_limit": 100}
        interrupted = (
            bool((await position(graph, name, connection, kept, context.work.path)).next)
            and context.work.begun() == name
        )
        if interrupted:
            context.corpus.forget()  # its stages have written what they made of it
        else:
            await checkpointer.adelete_thread(name)
        asyncio.get_running_loop().run_in_executor(None, _import_early)
        try:
            state = await _followed(graph, None if interrupted else {"fresh": fresh}, thread, context.console)
            if context.batch and context.batch.waits:
                raise BatchWritten(context.batch.write())
            if context.batch:  # all is answered
                context.batch.clear()
            if state.interrupts:
                state = await _followed(graph, _decided(context), thread, context.console)
        finally:
            context.console.close()
            await _end_tasks()
            # a write that was cancelled half-way would hold the file as long as its cursor lives
            await connection.rollback()
            await context.close_clients()
    told = record(context, state.values, replay, dry, started, planned)
    write_text(project.run_dir / "calls.json", json.dumps(sorted(context.asked())))
    told.write(project.run_dir / "run.json")
    shutil.rmtree(context.work.path)
    return told


def _import_early() -> None:
    """What the stages after extraction import, while the model reads the first chunks: later it would be idle."""
    for name in ("networkx", "graspologic_native", "rapidfuzz.distance"):
        importlib.import_module(name)


async def _followed(graph: Any, given: Any, thread: Any, console: Console) -> Any:
    """Run the graph on until it ends or stops, and return where it stands; the console follows its stream."""
    async for _, event in graph.astream(given, thread, stream_mode="custom", subgraphs=True):
        console.follow(event)
    return await graph.aget_state(thread)


def _decided(context: Context) -> Any:
    """What resumes a run that stopped for a review. Raises `ReviewNeeded` as long as a fact has no decision."""
    from langgraph.types import Command

    rows = read_jsonl(context.work.path / "kept.jsonl", Example)
    if left := undecided(rows, read_decisions(context.project.decisions)):
        raise ReviewNeeded(len(with_wordings(rows)), len(left))
    return Command(resume=True)


async def _end_tasks() -> None:
    """Cancel what an interrupted graph left running, which would write checkpoints while they are being closed."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
