"""One page for one run: its parts put together, and served until Ctrl-C."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from agents.console import Console
from agents.last_words import DRY
from agents.project import Project
from agents.terminal import say
from eval.contestants.answering import Contestant
from eval.report import render_report
from eval.ui.chat import Chat
from eval.ui.documents import Documents
from eval.ui.graph import Graph
from eval.ui.guard import LOOPBACK
from eval.ui.panes import Panes
from eval.ui.rows import Desk
from eval.ui.run_files import RunFiles
from eval.ui.run_page import RunPage
from eval.ui.server import Route, Served, build_app, json_of, password_for
from graphs.review.decisions import read_decisions
from graphs.run import synthesize
from graphs.run_record import RunRecord, last_record

if TYPE_CHECKING:
    from aiohttp import web

REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
Openers = Mapping[str, Callable[[], Contestant]]


def site(project: Project, openers: Openers) -> tuple[list[Route], Panes]:
    """The routes of a run's page, and its contestants, none of them loaded."""
    files, panes = RunFiles(project), Panes(openers)

    async def told(_: web.Request) -> web.StreamResponse:
        return json_of({"run": project.run, "directory": project.directory.resolve().name})

    async def report(_: web.Request) -> web.StreamResponse:
        from aiohttp import web

        page = await asyncio.to_thread(render_report, project)
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})

    own: list[Route] = [("GET", "/api/project", told), ("GET", "/report", report)]
    parts = (Chat(panes, files), Documents(files), Desk(files, lambda: publish(project)), Graph(files), RunPage(files))
    return [*own, *(route for part in parts for route in part.routes())], panes


def publish(project: Project) -> RunRecord:
    """Make the data files of a run anew by what a person decided; replies that were paid for are not paid again.

    A run that was replayed from a recording stays so, unless an edit is to be read by its critic. Raises what
    `synthesize` raises.
    """
    last, decisions = last_record(project), read_decisions(project.decisions)
    edits = any(decision.decision == "edit" for decision in decisions.values())
    named = replace(project, run=project.run.removesuffix(DRY))
    replay = bool(last and last.recorded and not edits)
    return synthesize(named, Console(quiet=True), replay=replay, dry=project.run.endswith(DRY))


def open_site(project: Project, openers: Openers, host: str = LOOPBACK[0], port: int | None = None) -> Served:
    """Serve the page; its models load meanwhile. Raises `InputError` for a port that cannot be used."""
    return _open(*site(project, openers), host, port)


def _open(routes: list[Route], panes: Panes, host: str, port: int | None) -> Served:
    served = Served(build_app(routes, host, password_for(host)), host, port)
    panes.load_aside()
    return served


def serve(project: Project, openers: Openers, host: str, port: int | None, part: str) -> None:
    """Serve the page until Ctrl-C, and say where its `part` is."""
    routes, panes = site(project, openers)
    with closing(panes):
        served = _open(routes, panes, host, port)
        say(f"{served.address}/#{part}  (Ctrl-C ends it)")
        served.wait()
