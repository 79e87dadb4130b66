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
