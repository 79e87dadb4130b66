"""Contestants behind a server: any model of [models], asked through the same client, store and caps as a synthesis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from agents.errors import FailedCall, ModelError, RefusedReply, TruncatedReply, Waiting
from agents.models.client import Client
from agents.models.request import Request, estimated_tokens
from agents.models.store import Reply
from agents.records import Message

X = TypeVar("X")
ROLE = "contestant"


@dataclass
class Said:
    """What a served model wrote, and what it took in USD; `seconds` is 0 where nobody knows: it came in a batch."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    finished: bool
    usd: float


class Meter:
    """A client that counts what goes through it: for an answer that takes several calls; `seconds` of the slowest."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.tokens_in = 0
        self.tokens_out = 0
        self.usd = 0.0
        self.seconds = 0.0
        self.batched = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def ask(self, request: Request) -> Reply:
        """As `Client.ask`."""
        reply = await self._client.ask(request)
        self.tokens_in += reply.tokens_in
        self.tokens_out += reply.tokens_out
        self.usd += self._client.config.cost(reply.tokens_in, reply.tokens_out, reply.batched)
        self.seconds = max(self.seconds, reply.seconds)
        self.batched |= reply.batched
        return reply


class Served:
    """A model of [models] that completes conversations as a student does."""

    def __init__(self, client: Client, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.client = client
        self._run = run

    @property
    def window(self) -> int:
        """Tokens of a prompt and its reply."""
        return self.client.config.context

    def tokens(self, text: str) -> int:
        """Tokens of a text, counted by its bytes: rather too many than too few."""
        return estimated_tokens(text)

    def generate(
        self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int
    ) -> Sequence[Said | ModelError | Waiting]:
        """One reply a prompt, in order; in its place the error of a call that failed alone, or what waits for a batch.

        Raises what ends a run: `EndpointError`, `RateLimited`, `BudgetReached`, `UselessReplies`.
        """
        return self.together(self.say(prompt, max_new_tokens) for prompt in prompts)

    def together(self, work: Iterator[Coroutine[Any, Any, X]] | Sequence[Coroutine[Any, Any, X]]) -> list[X]:
        """Do all of it at once, under the client's limits; the first error ends the rest."""

        async def all_of_it() -> list[X]:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one) for one in work]
            return [task.result() for task in tasks]

        try:
            return self._run(all_of_it())
        except BaseExceptionGroup as group:
            raise _first(group) from None

    async def say(self, prompt: list[Message], max_new_tokens: int) -> Said | ModelError | Waiting:
        """One reply; what ran into the limit is a reply that is not finished."""
        request = Request(
            role=ROLE, messages=prompt, max_tokens=max_new_tokens, inputs={"messages": prompt}, cut_is_reply=True
        )
        try:
            reply = await self.client.ask(request)
        except TruncatedReply as error:
            if not error.raw:  # a model that only thought
                return error
            tokens_in, tokens_out = estimated_tokens(*(m["content"] for m in prompt)), max_new_tokens
            return Said(error.raw, tokens_in, tokens_out, 0.0, False, self.client.config.cost(tokens_in, tokens_out))
        except (FailedCall, RefusedReply, Waiting) as error:
            return error
        usd = self.client.config.cost(reply.tokens_in, reply.tokens_out, reply.batched)
        return Said(reply.text, reply.tokens_in, reply.tokens_out, reply.seconds, True, usd)


@contextmanager
def served(client: Client) -> Iterator[Served]:
    """The model on an event loop of its own, which its connections live on."""
    with asyncio.Runner() as runner:
        try:
            yield Served(client, runner.run)
        finally:
            runner.run(client.backend.close())


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
