"""How many items of a stage are under way at once, and the gathering of what they come to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from agents.errors import Waiting
from agents.models.config import ModelConfig
from agents.records import Community

X = TypeVar("X")
Y = TypeVar("Y")
# items under way for each call at once: the longest ways can go first, and all end together; more would hold memory
ITEMS_A_CALL = 4


@dataclass
class Turns:
    """A semaphore a branch, so that the rows of reports, the longest way, wait for none.

    It has four places for each call at once. With an embedded model all branches together have as many as it has
    slots, each of which keeps a page.
    """

    _by_branch: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def of(self, branch: str, models: Iterable[ModelConfig]) -> asyncio.Semaphore:
        """The places of `branch`; `models` are those that all branches speak to, each once."""
        models = list(models)
        embedded = any(model.provider == "local" for model in models)
        places = sum(model.calls_at_once * (1 if model.provider == "local" else ITEMS_A_CALL) for model in models)
        return self._by_branch.setdefault("all" if embedded else branch, asyncio.Semaphore(places))


async def gather(
    items: Iterable[X], work: Callable[[X], Awaitable[Y]], turn: AbstractAsyncContextManager[Any]
) -> list[Y]:
    """`work` of every item that has its turn, in the order of `items`; the limit on calls sits in the client.

    An item makes one call after the other, so as many items as calls keep the model busy; more would only hold memory,
    and leave each item's page, and a small server's prompt cache, for another's. The first error cancels the rest:
    their finished calls are in the store already. Items that wait for a batch stop no other: all go as far as they can.

    Raises:
        Waiting: some of the items do. An ExceptionGroup of every other error.

    """

    async def one(item: X) -> Y | Waiting:
        async with turn:
            try:
                return await work(item)
            except Waiting as waiting:
                return waiting

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    results = [task.result() for task in tasks]
    done = [result for result in results if not isinstance(result, Waiting)]
    if len(done) < len(results):
        raise Waiting(len(results) - len(done))
    return done


class BottomUp:
    """The order of communities: a parent waits for its children, and for a batch if one of them does.

    All of them are under way at once (`gather` without a limit): a parent with a turn would keep one from its children.
    """

    def __init__(self, communities: Iterable[Community]) -> None:
        self._children: dict[str | None, list[Community]] = defaultdict(list)
        self._done: dict[str, asyncio.Event] = {}
        self._waiting: set[str] = set()
        for community in communities:
            self._children[community.parent].append(community)
            self._done[community.id] = asyncio.Event()

    @asynccontextmanager
    async def turn(self, community: Community) -> AsyncIterator[Sequence[Community]]:
        """Its children, once all of them are done; it is done at the end of the block.

        Raises:
            Waiting: the block does, or one of the children.

        """
        children = self._children[community.id]
        try:
            for child in children:
                await self._done[child.id].wait()
            if any(child.id in self._waiting for child in children):
                raise Waiting
            yield children
        except Waiting:
            self._waiting.add(community.id)
            raise
        finally:
            self._done[community.id].set()
