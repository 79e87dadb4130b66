"""One synthesis from a config to run.json: clients, the graph with its checkpoints, and the account of it all."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents import community_summarizer, extractor, paper, question_writer
from agents.budget import Budget, Caps
from agents.console import Console
from agents.critic import GATES, SAME_QUESTION
from agents.errors import ConfigError
from agents.llm import Backend, Client
from agents.models import ModelConfig
from agents.project import Project
from agents.records import REFUSAL, write_text
from agents.scripted import ScriptedModel
from agents.store import CallStore
from graphs.account import hashes, record
from graphs.inputs import fingerprint, inputs, last_record, speaking
from graphs.plan import plan
from graphs.synthesis import build_synthesis
from graphs.workshop import Workshop

SCRIPTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "extractor": extractor.scripted,
    "community_summarizer": community_summarizer.scripted,
    "question_writer.local": question_writer.scripted_local,
    "question_writer.global": question_writer.scripted_global,
    "question_writer.multi_hop": question_writer.scripted_multi_hop,
    "question_writer.unanswerable": question_writer.scripted_unknown,
    "question_writer.wordings": question_writer.scripted_wordings,
    "extractor.paper": paper.scripted_described,
    "question_writer.paper_long": paper.scripted_long,
    "question_writer.paper_question": paper.scripted_question,
    "question_writer.paper_answer": paper.scripted_answer,
    **{f"critic.{gate.name}": lambda inputs: 1.0 for gate in (*GATES, SAME_QUESTION)},
    "critic.answerable": lambda inputs: 0.0 if inputs["answer"] == REFUSAL else 1.0,
}


def synthesize(
    project: Project, console: Console, replay: bool = False, dry: bool = False, backend: Backend | None = None, caps: Caps | None = None, fresh: bool = False
) -> dict[str, Any]:
    """Make the training set of `project` and return its run.json; a run that is finished and unchanged is returned as it is.

    `replay` answers from the call store only; `dry` asks the scripted model, in a run of its own name; `backend`
    answers in place of the models of the config; `caps` end the run before it spends more; `fresh` forgets where an
    earlier start stood (its replies stay paid).

    Raises:
        RagtunedError: what the inputs, the config or the endpoint did; EmptyResult if nothing was kept.

    """
    if dry:
        project = replace(project, run=f"{project.run}-dry")
    with project.locked():
        if not (replay or dry or fresh) and (finished := _finished(project)):
            console.say("nothing changed since the last synthesis: no call is made")
            return finished
        store = CallStore(Path(":memory:") if dry else project.calls)
        if store.set_aside:
            console.say(f"{project.calls} was no call store: it is kept as {store.set_aside.name}, and a new one begun")
        clients = open_clients(project, store, replay, ScriptedModel(SCRIPTS) if dry else backend, caps)
        try:
            return asyncio.run(_run(Workshop(project, clients, console), replay, dry, fresh))
        except BaseExceptionGroup as group:  # the errors of a gather: the first one is told
            raise _first(group) from None
        finally:
            store.close()


def _finished(project: Project) -> dict[str, Any]:
    """The account of the last synthesis if its inputs and its files are as they were."""
    last = last_record(project)
    same = last and last["fingerprint"] == fingerprint(inputs(project)) and last["files"] == hashes(project.run_dir)
    return {**last, "unchanged": True, "start": {}} if same else {}


def open_clients(project: Project, store: CallStore, replay: bool, backend: Backend | None = None, caps: Caps | None = None) -> dict[str, Client]:
    """One client a model, shared by its roles, and one budget for all: {role: client}.

    Raises:
        ConfigError: a role names an unknown model, or a cost is capped and a model has no price.

    """
    speaks, budget = speaking(project), Budget(caps)
    if budget.caps.cost is not None and (unpriced := sorted({c.model for c in speaks.values() if not c.priced})):
        raise ConfigError(f"--max-cost needs the price of {', '.join(unpriced)}", "set price_in and price_out (USD for a million tokens) of the model")
    clients = {id(config): Client(backend or _backend(config), store, config, replay, budget) for config in speaks.values()}
    return {role: clients[id(config)] for role, config in speaks.items()}


def _backend(config: ModelConfig) -> Backend:
    from agents.openai_backend import LocalBackend, OpenAIBackend

    return LocalBackend(config) if config.provider == "local" else OpenAIBackend(config)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


async def _run(workshop: Workshop, replay: bool, dry: bool, fresh: bool) -> dict[str, Any]:
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    project, started, name = workshop.project, time.monotonic(), fingerprint(inputs(workshop.project))
    planned = plan(project)
    async with aiosqlite.connect(project.run_dir / "checkpoints.sqlite") as connection:
        checkpointer = AsyncSqliteSaver(connection)
        graph = build_synthesis(workshop, checkpointer)
        thread: Any = {"configurable": {"thread_id": name}, "recursion_limit": 100}
        interrupted = bool((await graph.aget_state(thread)).next) and workshop.begun() == name and not fresh
        if not interrupted:
            await checkpointer.adelete_thread(name)
            workshop.begin(name, fresh)
        try:
            state = await graph.ainvoke(None if interrupted else {"counts": {}, "drafts": []}, thread)
        finally:
            await _end_tasks()
            await connection.rollback()  # a write that was cancelled half-way would hold the file as long as its cursor lives
            for client in {id(c): c for c in workshop.clients.values()}.values():
                await client.backend.close()
    told = record(workshop, state, replay, dry, started, planned)
    write_text(project.run_dir / "calls.json", json.dumps(sorted(workshop.asked())))
    write_text(project.run_dir / "run.json", json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    shutil.rmtree(workshop.work_dir)
    return told


async def _end_tasks() -> None:
    """Cancel what an interrupted graph left running, which would write checkpoints while they are being closed."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
