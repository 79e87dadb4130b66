"""The event loop of a synthesis."""

from __future__ import annotations

import asyncio
import gc
from typing import NoReturn

import pytest

from graphs import event_loop


async def collector() -> tuple[int, str]:
    return gc.get_threshold()[0], type(asyncio.get_running_loop()).__module__


def test_work_runs_on_uvloop_with_few_collections_and_the_collector_is_left_as_it_was() -> None:
    before = gc.get_threshold()
    assert event_loop.run(collector()) == (event_loop.COLLECT_AFTER, "uvloop")
    assert gc.get_threshold() == before


def test_an_error_of_the_work_is_raised_and_the_collector_is_left_as_it_was() -> None:
    async def failing() -> NoReturn:
        raise ValueError("no")

    before = gc.get_threshold()
    with pytest.raises(ValueError, match="no"):
        event_loop.run(failing())
    assert gc.get_threshold() == before


@pytest.mark.parametrize(("raised", "told"), [(KeyboardInterrupt, False), (ValueError, True)])
def test_a_task_that_was_interrupted_leaves_no_traceback_and_a_fault_does(
    raised: type[BaseException], told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def part() -> None:
        raise raised

    async def work() -> None:
        part_of_it = asyncio.ensure_future(part())
        await asyncio.sleep(0.01)
        del part_of_it
        gc.collect()

    if raised is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            event_loop.run(work())
    else:
        event_loop.run(work())
    gc.collect()
    assert ("never retrieved" in caplog.text) is told
