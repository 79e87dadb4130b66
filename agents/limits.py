"""How fast one model may be asked: calls at once, requests and tokens a minute, and a rest for a server that is down.

Waiting never blocks the loop, and a call that waits for its next try holds no place of another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from agents.models import ModelConfig

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

OPEN_AFTER = 8  # failures in a row of a model's server, after which one call at a time tries it
BURSTS = 4  # a minute's limit is given out in quarters: a whole one at once could be twice the limit within a minute


class Limits:
    """The gates of one model's calls; `spare` places are for calls that are made ready while others are out."""

    def __init__(self, config: ModelConfig, spare: int = 0) -> None:
        self._slots = asyncio.Semaphore(config.calls_at_once + spare)
        self._requests = _a_minute(config.requests_per_minute)
        self._tokens = _a_minute(config.tokens_per_minute)
        self._probe = asyncio.Lock()
        self._rest_until = 0.0
        self.failures = 0
        self.successes = 0

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[None]:
        """A place for one try that takes at most `tokens`; while the server is down, one call at a time."""
        if self._requests:
            await self._requests.acquire()
        if self._tokens:
            await self._tokens.acquire(min(tokens, self._tokens.max_rate))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._slots)
            await self._rested()
            if self.failures >= OPEN_AFTER:
                await stack.enter_async_context(self._probe)
                if self.failures < OPEN_AFTER:  # the one before got through: no need to go one by one
                    await stack.pop_all().aclose()
                    await stack.enter_async_context(self._slots)
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


def _a_minute(most: int | None) -> AsyncLimiter | None:
    if most is None:
        return None
    from aiolimiter import AsyncLimiter

    burst = max(1.0, most / BURSTS)
    return AsyncLimiter(burst, 60.0 * burst / most)
