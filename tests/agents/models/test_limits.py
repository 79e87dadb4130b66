"""How fast a model is asked: a minute's limit, a pause the server asks for, and a server that is down."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.models.config import ModelConfig
from agents.models.limits import BURSTS, OPEN_AFTER, Limits, Places
from agents.roles.registry import ROLES


class Clocked:
    """Runs tries under limits and notes when each began and how many were under way."""

    def __init__(self, **config: Any) -> None:
        self.limits = Limits(ModelConfig(**{"calls_at_once": 50, **config}))
        self.began: list[float] = []
        self.now = self.most = 0

    async def one(self, tokens: int = 1, good: bool = True) -> None:
        async with self.limits.turn(tokens):
            self.began.append(asyncio.get_running_loop().time())
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.001)
            self.now -= 1
            self.limits.succeeded() if good else self.limits.failed()

    async def many(self, count: int, **kind: Any) -> None:
        await asyncio.gather(*(self.one(**kind) for _ in range(count)))

    def run(self, count: int, **kind: Any) -> Clocked:
        asyncio.run(self.many(count, **kind))
        return self


@pytest.mark.parametrize(
    ("config", "tokens"),
    [({"requests_per_minute": 2400}, 1), ({"tokens_per_minute": 240_000}, 100)],
    ids=["requests", "tokens"],
)
def test_beyond_the_first_burst_calls_come_at_the_pace_of_the_limit(config: dict[str, int], tokens: int) -> None:
    burst = 2400 // BURSTS
    clocked = Clocked(**config).run(burst + 12, tokens=tokens)
    assert clocked.began[-1] - clocked.began[0] >= 0.8 * 12 / (2400 / 60)


def test_a_request_larger_than_the_burst_is_let_through() -> None:
    assert len(Clocked(tokens_per_minute=100).run(1, tokens=5000).began) == 1


def test_a_pause_holds_all_new_tries() -> None:
    clocked = Clocked()

    async def paused() -> float:
        clocked.limits.rest(0.1)
        asked = asyncio.get_running_loop().time()
        await asyncio.gather(clocked.one(), clocked.one())
        return min(clocked.began) - asked

    assert asyncio.run(paused()) >= 0.09


def test_a_server_that_is_down_is_tried_by_one_call_at_a_time_and_by_all_again_once_it_answers() -> None:
    clocked = Clocked()
    clocked.limits.failures = OPEN_AFTER

    async def down_and_up() -> None:
        await clocked.many(20, good=False)
        assert clocked.most == 1
        await clocked.many(20)

    asyncio.run(down_and_up())
    assert clocked.most > 5


def test_no_place_is_lost_when_a_server_comes_back() -> None:
    clocked = Clocked(calls_at_once=3)
    clocked.limits.failures = OPEN_AFTER
    clocked.run(30)
    assert (len(clocked.began), clocked.most) == (30, 3)


def entered(ranks: list[int], cancel: tuple[()] | list[int] = ()) -> list[Any]:
    """In which order waiters of these ranks get the one place.

    Those at the places `cancel` are cancelled while they wait or as they are let in.
    """
    order = []

    async def one(places: Places, n: int, rank: int) -> None:
        async with places.one(rank):
            order.append(n)

    async def all_of_them() -> list[Any]:
        places = Places(1)
        async with places.one(0):
            tasks = [asyncio.create_task(one(places, n, rank)) for n, rank in enumerate(ranks)]
            await asyncio.sleep(0)
            for n in cancel:
                tasks[n].cancel()
        tasks[
            min(range(len(ranks)), key=lambda n: (n in cancel, ranks[n], n))
        ].cancel() if cancel else None  # the place is its own, and it has not woken yet
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        async with asyncio.timeout(5), places.one(9):
            return order

    return asyncio.run(all_of_them())


def test_the_lowest_rank_goes_first_and_who_came_first_among_equals() -> None:
    assert entered([3, 1, 2, 1, 0]) == [4, 1, 3, 2, 0]


def test_a_waiter_that_is_cancelled_also_as_it_is_let_in_takes_no_place_along() -> None:
    assert entered([1, 0, 2, 2], cancel=[0]) == [2, 3]


def test_rows_of_reports_and_new_drafts_go_before_further_wordings() -> None:
    ranks = [
        ROLES[role].rank
        for role in ("extractor", "question_writer.local", "critic.faithful", "question_writer.wordings")
    ]
    assert ranks == sorted(set(ranks))
