"""One synthesis from a config to run.json: clients, the graph with its checkpoints, and the account of it all."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agents import community_summarizer, extractor, question_writer
from agents.community_summarizer import SUMMARIZER
from agents.console import Console
from agents.critic import GATES, SAME_QUESTION
from agents.extractor import EXTRACTOR
from agents.llm import Backend, Client, ModelConfig, ModelsConfig, RolesConfig, ScriptedModel, total_usage
from agents.project import Project
from agents.question_writer import GLOBAL_WRITER, LOCAL_WRITER, UNKNOWN_WRITER, WORDINGS_PROMPT
from agents.records import CONTRAST, FRAMING, PASSAGE, REFUSAL, Brief, Example, Rejected, Skipped, content_id, read_jsonl, write_text
from agents.store import CallStore
from agents.text import printable
from graphs.documents import DocumentsConfig, digest, document_files
from graphs.publish import reasons
from graphs.synthesis import build_synthesis
from graphs.workshop import ROLES, Workshop

WORDING_GATES = {"wordings", SAME_QUESTION.name}
LOCK_SECONDS = 60.0  # a run that was just interrupted may still be letting go of its checkpoints
FAILED = {"truncated reply", "refused reply", "unreadable reply"}
PACKAGES = ("langgraph", "langchain-openai", "networkx", "graspologic-native")
SCRIPTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "extractor": extractor.scripted,
    "community_summarizer": community_summarizer.scripted,
    "question_writer.local": question_writer.scripted_local,
    "question_writer.global": question_writer.scripted_global,
    "question_writer.unanswerable": question_writer.scripted_unknown,
    "question_writer.wordings": question_writer.scripted_wordings,
    **{f"critic.{gate.name}": lambda inputs: 1.0 for gate in (*GATES, SAME_QUESTION)},
    "critic.answerable": lambda inputs: 0.0 if inputs["answer"] == REFUSAL else 1.0,
}


def synthesize(project: Project, console: Console, replay: bool = False, dry: bool = False, backend: Backend | None = None) -> dict[str, Any]:
    """Make the training set of `project` and return its run.json.

    `replay` answers from the call store only; `dry` asks the scripted model, in a run of its own name; `backend`
    answers in place of the models of the config.

    Raises:
        RagtunedError: what the inputs, the config or the endpoint did; EmptyResult if nothing was kept.

    """
    if dry:
        project = replace(project, run=f"{project.run}-dry")
    store = CallStore(Path(":memory:") if dry else project.calls)
    clients = open_clients(project, store, replay, ScriptedModel(SCRIPTS) if dry else backend)
    workshop = Workshop(project, clients, console)
    try:
        return asyncio.run(_run(workshop, replay, dry))
    except BaseExceptionGroup as group:  # the errors of a gather: the first one is told
        raise _first(group) from None
    finally:
        store.close()


def open_clients(project: Project, store: CallStore, replay: bool, backend: Backend | None = None) -> dict[str, Client]:
    """One client a model, shared by its roles: {role: client}."""
    models, roles = project.section("models", ModelsConfig).root, project.section("roles", RolesConfig)
    clients: dict[str, Client] = {}
    for name in {roles.model_of(role) for role in ROLES}:
        config = models.get(name)
        if config is None:
            from agents.errors import ConfigError

            raise ConfigError(f"[roles] names the model {name!r}", "add [models." + name + f"], or use one of: {', '.join(models)}")
        clients[name] = Client(backend or _backend(config), store, config, replay)
    return {role: clients[roles.model_of(role)] for role in ROLES}


def _backend(config: ModelConfig) -> Backend:
    from agents.openai_backend import LocalBackend, OpenAIBackend

    return LocalBackend(config) if config.provider == "local" else OpenAIBackend(config)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


async def _run(workshop: Workshop, replay: bool, dry: bool) -> dict[str, Any]:
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    project, started, name = workshop.project, time.time(), fingerprint(workshop.project)
    project.run_dir.mkdir(parents=True, exist_ok=True)
    async with aiosqlite.connect(project.run_dir / "checkpoints.sqlite", timeout=LOCK_SECONDS) as connection:
        checkpointer = AsyncSqliteSaver(connection)
        graph = build_synthesis(workshop, checkpointer)
        thread: Any = {"configurable": {"thread_id": name}, "recursion_limit": 100}
        interrupted = bool((await graph.aget_state(thread)).next) and workshop.begun() == name
        if not interrupted:
            await checkpointer.adelete_thread(name)
            workshop.begin(name)
        try:
            state = await graph.ainvoke(None if interrupted else {"counts": {}, "drafts": []}, thread)
        finally:
            for client in {id(c): c for c in workshop.clients.values()}.values():
                await client.backend.close()
    record = _record(workshop, state, replay, dry, started)
    write_text(project.run_dir / "run.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    write_text(project.run_dir / "calls.json", json.dumps(sorted(workshop.asked())))
    shutil.rmtree(workshop.work_dir)
    return record


def fingerprint(project: Project) -> str:
    """Names what a synthesis depends on: the config, the prompts, and every document's path and bytes."""
    sections = {name: project.config[name].model_dump(mode="json") for name in ("documents", "knowledge", "synthesis", "models", "roles")}
    config = project.section("documents", DocumentsConfig)
    files = document_files(project.directory, config)
    documents = [(printable(Path(os.path.relpath(f, project.directory)).as_posix()), digest(f, config)) for f in files]
    prompts = [role.prompt_hash for role in (EXTRACTOR, SUMMARIZER, LOCAL_WRITER, GLOBAL_WRITER, UNKNOWN_WRITER)] + [WORDINGS_PROMPT]
    return content_id("run", sections, documents, prompts, [gate.ask for gate in (*GATES, SAME_QUESTION)])


def _record(workshop: Workshop, state: Mapping[str, Any], replay: bool, dry: bool, started: float) -> dict[str, Any]:
    rejected = read_jsonl(workshop.project.data_dir / "rejected.jsonl", Rejected)
    clients = list({id(c): c for c in workshop.clients.values()}.values())
    usage = total_usage(clients)
    return {
        "run": workshop.project.run,
        "teacher": {role: client.config.model for role, client in workshop.clients.items()} if not dry else "scripted",
        "recorded": replay,
        "dry": dry,
        "counts": account(workshop, rejected),
        "reasons": reasons(rejected),
        "items": state["counts"],
        "skipped": [item.model_dump() for item in workshop.graph("skipped", Skipped)],
        **state["result"],
        "calls": {k: usage[k] for k in ("asked", "from_store", "called")},
        "tokens": {"in": usage["tokens_in"], "out": usage["tokens_out"]},
        "seconds": {stage: round(seconds, 2) for stage, seconds in workshop.seconds.items()} | {"total": round(time.time() - started, 2)},
        "versions": {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}},
        "fingerprint": fingerprint(workshop.project),
    }


def account(workshop: Workshop, rejected: list[Rejected]) -> dict[str, Any]:
    """Planned = kept + rejected + failed, for briefs and, under `wordings`, for the further wordings of drafted facts."""
    briefs = [b for branch in ("local", "global") for b in read_jsonl(workshop.work_dir / f"briefs-{branch}.jsonl", Brief)]
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
