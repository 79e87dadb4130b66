"""What the nodes share: shards, a gather in order, and the calls that were asked for."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from agents.console import Console
from agents.models.client import Request
from agents.models.scripted import ScriptedModel
from agents.project import Project
from agents.records import Skipped
from graphs.context import Context, gather
from graphs.run import open_clients
from tests.conftest import client_of


@pytest.fixture
def context(project: Project, silent: Console) -> Context:
    client = client_of(ScriptedModel({"toy": lambda inputs: "x"}))
    return Context(project, {"extractor": client, "critic": client}, silent)


def ask(context: Context, prompt: str) -> None:
    asyncio.run(
        context.clients["critic"].ask(Request(role="toy", messages=[{"role": "user", "content": prompt}], max_tokens=1))
    )


def test_ids_are_cut_into_shards_of_the_configured_size(context: Context) -> None:
    assert [len(s) for s in context.shards(list(range(12)))] == [5, 5, 2]
    assert context.shards([]) == []


def test_gather_keeps_the_order_of_the_items_and_not_more_than_so_many_are_under_way() -> None:
    now, most = 0, 0

    async def work(n: int) -> int:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001 * (10 - n))
        now -= 1
        return n

    assert asyncio.run(gather(range(10), work, asyncio.Semaphore(3))) == list(range(10))
    assert most == 3


def test_the_first_error_ends_a_gather() -> None:
    async def work(n: int) -> None:
        if n == 1:
            raise ValueError("one")
        await asyncio.sleep(60)

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(asyncio.wait_for(gather([1, 2], work, asyncio.Semaphore(2)), 10))
    assert str(caught.value.exceptions[0]) == "one"


def test_a_stage_counts_its_seconds_and_notes_the_calls_asked_for(context: Context) -> None:
    context.begin("a run")
    with context.stage("toy") as stage:
        ask(context, "a")
        stage.count("done")
    assert context.seconds["toy"] > 0
    assert len((context.work_dir / "calls.txt").read_text().split()) == 1


def test_after_an_interruption_the_calls_of_finished_stages_are_known(
    context: Context, project: Project, silent: Console
) -> None:
    context.begin("a run")
    with context.stage("toy"):
        ask(context, "a")
    later = Context(project, {"critic": client_of(ScriptedModel({"toy": lambda inputs: "x"}))}, silent)
    ask(later, "b")
    assert later.begun() == "a run"
    assert len(later.asked()) == 2
    later.begin("another run")
    assert len(later.asked()) == 1


def test_roles_of_one_model_share_a_client(project: Project) -> None:
    clients = open_clients(project, client_of(ScriptedModel({})).store, replay=False, backend=ScriptedModel({}))
    assert len({id(c) for c in clients.values()}) == 1


def test_items_that_are_swapped_and_given_their_old_time_are_read_again(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "skipped.jsonl"
    path.write_text('{"path": "a.md", "reason": "empty"}\n')
    before = path.stat()
    assert context.items(path, Skipped)[0].path == "a.md"
    with path.open("r+") as file:
        file.write('{"path": "b.md", "reason": "empty"}\n')
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert context.items(path, Skipped)[0].path == "b.md"
