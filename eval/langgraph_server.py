"""What `langgraph dev` serves (langgraph.json): the synthesis and the chat of the project in $RAGTUNED_PROJECT.

The server brings its own checkpointer and refuses blocking calls on its loop: a project is opened in a thread, nodes
that read and write files are plain functions, which LangGraph runs in threads, and the call store is asked through one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from agents import privacy
from agents.commands import sections as agents_sections
from agents.console import DEFAULT_RUN, Console
from agents.last_words import DRY
from agents.models.dialect import Dialect
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply, StoredCall
from agents.project import Project
from agents.roles.registry import scripts
from eval.chat import Panel
from eval.chat_graph import build_chat
from eval.commands import sections as eval_sections
from eval.session import load_panel
from graphs.commands import sections as graphs_sections
from graphs.context import Context
from graphs.run import open_clients
from graphs.synthesis import build_synthesis
from tuning.commands import sections as tuning_sections

privacy.seal()  # before the first call imports the libraries
X = TypeVar("X")
RUN = "studio"
EXECUTES = "__is_for_execution__"  # what langgraph-api tells a factory
SECTIONS = (agents_sections, graphs_sections, tuning_sections, eval_sections)


class ServedStore(CallStore):
    """A call store whose SQLite runs in a thread of its own; a caller waits for it, microseconds a call."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, "call-store")
        super().__init__(path)

    def _there(self, work: Callable[..., X], *args: Any) -> X:
        return self._thread.submit(work, *args).result()

    def get(self, key: str) -> StoredCall | None:
        """See `CallStore.get`."""
        return self._there(super().get, key)

    def put(self, key: str, role: str, request: Any, call: StoredCall) -> None:
        """See `CallStore.put`."""
        self._there(super().put, key, role, request, call)

    def mark_unreadable(self, key: str, reply: Reply) -> None:
        """See `CallStore.mark_unreadable`."""
        self._there(super().mark_unreadable, key, reply)

    def set_dialect(self, model: str, dialect: Dialect) -> None:
        """See `CallStore.set_dialect`."""
        self._there(super().set_dialect, model, dialect)

    def close(self) -> None:
        """Close the file and end the thread."""
        super().close()
        self._thread.shutdown()


@asynccontextmanager
async def synthesis(config: dict[str, Any]) -> AsyncIterator[Any]:
    """The synthesis graph of one run, with its clients open as long as the server uses it.

    Start it with `{"fresh": false}`.

    The context may name the `run` (studio) and ask for `dry`: the scripted model, in a run of its own name.
    """
    chosen = config.get("configurable", {})
    run = chosen.get("run") or RUN
    if not chosen.get(EXECUTES, True):  # the server reads its forms or a state: no model and no store is opened
        yield build_synthesis(Context(await asyncio.to_thread(_project, run), {}, Console(quiet=True)))
        return
    context, store = await asyncio.to_thread(_context, run, bool(chosen.get("dry")))
    try:
        yield build_synthesis(context)
    finally:
        await context.close_clients()
        await asyncio.to_thread(store.close)


def _context(run: str, dry: bool) -> tuple[Context, CallStore]:
    project = _project(run)
    project = replace(project, run=f"{run}{DRY}") if dry else project
    store = ServedStore(Path(":memory:") if dry else project.calls)
    clients = open_clients(project, store, replay=False, backend=ScriptedModel(scripts()) if dry else None)
    return Context(project, clients, Console(quiet=True)), store


def _project(run: str) -> Project:
    """A run of the served project.

    Raises `ConfigError` without its ragtuned.toml, `InputError` for a run that is no plain name.
    """
    return Project.open(Path(os.environ.get("RAGTUNED_PROJECT", "examples/demo")), run, SECTIONS)


def chat(config: dict[str, Any]) -> Any:
    """The chat graph of a tuned run (`run` in the context, main).

    The students are loaded with the first question and stay.
    """
    run = config.get("configurable", {}).get("run") or DEFAULT_RUN
    return build_chat(lambda: _panel(run))


@lru_cache(maxsize=1)
def _panel(run: str) -> Panel:
    return load_panel(_project(run), lambda line: None)
