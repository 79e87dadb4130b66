"""How fast one model may be asked: calls at once, requests and tokens a minute, and a rest for a server that is down.

Waiting never blocks the loop, and a call that waits for its next try holds no place of another.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from agents.models.config import ModelConfig

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

OPEN_AFTER = 8  # failures in a row of a model's server, after which one call at a time tries it
BURSTS = 4  # a minute's limit is given out in quarters: a whole one at once could be twice the limit within a minute


class Limits:
    """The gates of one model's calls; `spare` places are for calls that are made ready while others are out."""

    def __init__(self, config: ModelConfig, spare: int = 0) -> None:
        self._places = Places(config.calls_at_once + spare)
        self._requests = _a_minute(config.requests_per_minute)
        self._tokens = _a_minute(config.tokens_per_minute)
        self._probe = asyncio.Lock()
        self._rest_until = 0.0
        self.failures = 0
        self.successes = 0

    @asynccontextmanager
    async def turn(self, tokens: int, rank: int = 0) -> AsyncIterator[None]:
        """A place for one try that takes at most `tokens`, the lowest rank first.

        While the server is down, one call at a time.
        """
        if self._requests:
            await self._requests.acquire()
        if self._tokens:
            await self._tokens.acquire(min(tokens, self._tokens.max_rate))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._places.one(rank))
            await self._rested()
            if self.failures >= OPEN_AFTER:
                await stack.enter_async_context(self._probe)
                if self.failures < OPEN_AFTER:  # the one before got through: no need to go one by one
                    await stack.pop_all().aclose()
                    await stack.enter_async_context(self._places.one(rank))
            yield

    def succeeded(self) -> None:
        """The server answered."""
        self.successes += 1
        self.failures = 0

    def failed(self) -> None:
        """The server did not answer, or with an error of its own."""
        self.failures += 1

    def rest(self, seconds: float) -> None:
        """The server asked for a pause: nothing new is sent before it is over."""
        self._rest_until = max(self._rest_until, asyncio.get_running_loop().time() + seconds)

    async def _rested(self) -> None:
        while (left := self._rest_until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)


class Places:
    """A semaphore that lets the lowest rank in first, and who came first among equals."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = itertools.count()

    @asynccontextmanager
    async def one(self, rank: int) -> AsyncIterator[None]:
        """A place for the time of the block."""
        if self._free:
            self._free -= 1
        else:
            await self._given(rank)
        try:
            yield
        finally:
            self._give_up()

    async def _given(self, rank: int) -> None:
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._came), place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # given in the moment it was no longer wanted
                self._give_up()
            raise

    def _give_up(self) -> None:
        while self._waiting:
            *_, place = heapq.heappop(self._waiting)
            if not place.done():
                return place.set_result(None)
        self._free += 1


def _a_minute(most: int | None) -> AsyncLimiter | None:
    if most is None:
        return None
    from aiolimiter import AsyncLimiter

    burst = max(1.0, most / BURSTS)
    return AsyncLimiter(burst, 60.0 * burst / most)
