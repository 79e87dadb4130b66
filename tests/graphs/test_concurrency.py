"""Turns and the gathering of items under way."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

import pytest

from agents.errors import Waiting
from agents.models.config import ModelConfig
from agents.records import Community
from graphs.concurrency import ITEMS_A_CALL, BottomUp, Turns, gather


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
    async def work(n: int) -> int:
        if n == 1:
            raise ValueError("one")
        await asyncio.sleep(60)

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(asyncio.wait_for(gather([1, 2], work, asyncio.Semaphore(2)), 10))
    assert str(caught.value.exceptions[0]) == "one"


def test_items_that_wait_for_a_batch_stop_no_other_and_are_counted() -> None:
    done: list[int] = []

    async def work(n: int) -> int:
        if n % 2:
            raise Waiting
        await asyncio.sleep(0.001 * n)
        done.append(n)
        return n

    with pytest.raises(Waiting) as waiting:
        asyncio.run(gather(range(6), work, asyncio.Semaphore(2)))
    assert (done, waiting.value.items) == ([0, 2, 4], 3)


def test_another_error_ends_a_gather_in_which_items_wait() -> None:
    async def work(n: int) -> int:
        raise Waiting if n else ValueError("one")

    with pytest.raises(ExceptionGroup):
        asyncio.run(gather(range(2), work, asyncio.Semaphore(1)))


def places(semaphore: asyncio.Semaphore) -> int:
    return semaphore._value  # asyncio tells it in no other way


def test_each_branch_has_places_of_its_own_at_a_server_and_shares_the_slots_of_an_embedded_model() -> None:
    server = ModelConfig.model_validate({"provider": "openai", "model": "m", "calls_at_once": 3})
    embedded = ModelConfig.model_validate({"provider": "local", "model": "m", "calls_at_once": 2})
    turns = Turns()
    assert turns.of("local", [server]) is turns.of("local", [server]) is not turns.of("global", [server])
    assert places(turns.of("local", [server])) == 3 * ITEMS_A_CALL
    slots = Turns()
    assert slots.of("local", [embedded]) is slots.of("global", [embedded])
    assert places(slots.of("local", [embedded])) == 2


def test_a_parent_is_done_after_its_children_and_waits_for_a_batch_if_one_of_them_does() -> None:
    parents = {"root": None, "left": "root", "right": "root", "leaf": "left"}
    communities = [Community(id=i, level=0, parent=p, entity_ids=[], chunk_ids=[]) for i, p in parents.items()]
    done: list[str] = []

    async def all_of(waits: str) -> None:
        bottom_up = BottomUp(communities)

        async def one(community: Community) -> None:
            async with bottom_up.turn(community) as children:
                if community.id == waits:
                    raise Waiting
                assert {child.id for child in children} <= {*done}
                done.append(community.id)

        await gather(communities, one, nullcontext())

    asyncio.run(all_of("nobody"))
    assert (done[-1], done.index("leaf") < done.index("left")) == ("root", True)
    done.clear()
    with pytest.raises(Waiting) as waiting:
        asyncio.run(all_of("leaf"))
    assert (done, waiting.value.items) == (["right"], 3)  # the leaf, and all over it
