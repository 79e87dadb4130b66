"""The one path to every model: count, call store, retry, limit, budget, call.

Roles hand in a `Request`; a backend makes the call (the OpenAI protocol, the embedded llama.cpp behind the
same protocol, or the scripted model); everything a run must not lose or pay twice happens here, once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from agents.errors import (
    EndpointError,
    FailedCall,
    LongPrompt,
    MissingReply,
    ModelError,
    RateLimited,
    RefusedPrompt,
    RefusedReply,
    TruncatedReply,
    UnexplainedRefusal,
    Waiting,
)
from agents.models.batch import Batch
from agents.models.body import body, most_out
from agents.models.budget import Budget
from agents.models.config import ModelConfig
from agents.models.dialect import LADDER, Dialect, Rung, Unsupported
from agents.models.ignored_parameters import IgnoredParameters
from agents.models.limits import Limits
from agents.models.request import Busy, ModelBackend, Request
from agents.models.retries import tries
from agents.models.retry_after import at_the_clock
from agents.models.store import CallStore, Reply, Status, StoredCall, call_key
from agents.models.unexplained_refusals import PlainestForm
from agents.models.useless_replies import UselessStreak

FAILURES: dict[Status, type[ModelError]] = {
    "truncated": TruncatedReply,
    "refused": RefusedReply,
    "filtered": RefusedPrompt,
    "too long": LongPrompt,
}
STATUS: dict[type[ModelError], Status] = {error: status for status, error in FAILURES.items()}
TOLD_PAUSE = 10.0  # seconds: a longer pause that a server asks for is told
MOST_REFUSALS = 3  # batches in which a server answers 4xx to the same request before it is given up


class Client:
    """Asks one model; every finished call is in the store before the caller sees it.

    `prompts` are the project's own words, by role. With `replay`, only the store answers: recorded failures fail again,
    and a prompt without a reply is a `MissingReply`, never a call. With `batch` the same, but that such a prompt goes
    into the batch and raises `Waiting`.
    """

    def __init__(
        self,
        backend: ModelBackend,
        store: CallStore,
        config: ModelConfig,
        replay: bool = False,
        budget: Budget | None = None,
        prompts: Mapping[str, str] | None = None,
        batch: Batch | None = None,
    ) -> None:
        self.backend = backend
        self.store = store
        self.config = config
        self.replay = replay
        self.budget = budget or Budget()
        self.prompts = prompts or {}
        self.batch = batch
        self.usage: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.tell: Callable[[str], None] = lambda line: None
        """Who is told of a long pause, or of a server that is not there, while the run goes on."""
        self._told: set[str] = set()
        self.plainest = PlainestForm()
        self.ignored = IgnoredParameters()
        self._useless = UselessStreak(config)
        self._limits = Limits(config, backend.spare)
        self._pending: dict[str, asyncio.Lock] = {}
        self.dialect: Dialect = store.dialect(backend.identity)  # what the model takes, as found out so far

    async def ask(self, request: Request) -> Reply:
        """The reply to `request`, from the store or the model.

        Raises:
            TruncatedReply, RefusedReply: what came is kept in the store as evidence.
            RefusedPrompt: the server does not answer this prompt.
            FailedCall: this call alone fails, at once where the server refuses it as it is.
            RateLimited, EndpointError: the server did, after every retry, or asks for too long a pause.
            UselessReplies: so many replies in a row were of no use.
            BudgetReached: the next call may not fit under a cap.
            MissingReply: in replay only.
            Waiting: for a batch only.
            Unsupported: `dialect` knows from now on that the role has to ask in another way.

        """
        rung: Rung = self.dialect.rung if request.json_schema else "prompt"
        identity = self._identity(request, rung)
        key = call_key(identity)
        self.usage["asked"] += 1
        self.keys.add(key)
        lock = self._pending.setdefault(key, asyncio.Lock())
        try:
            async with lock:  # the same prompt twice at once is one call
                if stored := self._stored(key, request):
                    return stored
                if self.batch:
                    self._put_into(self.batch, key, request, identity, rung)
                return await self._paid(key, request, identity, rung)
        except Unsupported:  # it will be asked under another key
            self.keys.discard(key)
            raise
        finally:
            if not lock.locked():
                self._pending.pop(key, None)

    def _stored(self, key: str, request: Request) -> Reply | None:
        call = self.store.get(key)
        cut = call and call.status == "truncated" and request.cut_is_reply and call.reply.text
        if call and (call.status == "ok" or self.replay or self.batch or cut):
            self.usage["from_store"] += 1
            # an unreadable one fails again when it is parsed, and its re-ask is recorded too
            if call.status in ("ok", "unreadable"):
                return call.reply
            raise FAILURES[call.status](f"{request.role}: recorded as {call.status}", raw=call.reply.text)
        if not self.replay:
            return None
        prompt = request.messages[-1]["content"]
        raise MissingReply(
            f"the recording holds no reply for role {request.role}, prompt {prompt[:200]!r}",
            "record again (`make record`), or run with a live teacher (`make demo TEACHER=live`)",
        )

    def _put_into(self, batch: Batch, key: str, request: Request, identity: dict[str, Any], rung: Rung) -> NoReturn:
        """Write the request for a batch; one that the server refused as it is often enough fails alone."""
        known = self.store.pending.get(key)
        if known and known.refusals >= MOST_REFUSALS:
            raise FailedCall(f"{request.role}: refused in {known.refusals} batches", raw=known.said)
        batch.add(key, request, identity, self.dialect.on(rung), self.config)
        raise Waiting

    async def _paid(self, key: str, request: Request, identity: dict[str, Any], rung: Rung) -> Reply:
        try:
            reply = await self._understood(request, rung)
        except (TruncatedReply, RefusedReply) as error:
            call = StoredCall(status=STATUS[type(error)], reply=Reply(text=error.raw))
            self.store.put(key, request.role, identity, call)
            raise
        except FailedCall as error:
            self._useless.bad(error.what, never=not self._limits.successes)
            raise
        self.store.put(key, request.role, identity, StoredCall(status="ok", reply=reply))
        self.usage["called"] += 1
        self.usage["tokens_in"] += reply.tokens_in
        self.usage["tokens_out"] += reply.tokens_out
        if reply.estimated:
            self.usage["estimated"] += 1
        if not request.json_schema:  # of an object the role tells whether it could be read
            self._useless.good() if reply.text.strip() else self._useless.bad(reply.text)
        return reply

    async def _understood(self, request: Request, rung: Rung) -> Reply:
        """The reply; the request goes out once more for all in it that is not taken, each time with less to refuse."""
        while True:
            asked = self.dialect.on(rung) if request.json_schema else self.dialect
            sent = body(self.config, request, asked)
            try:
                reply = await self._retried(request, asked)
            except UnexplainedRefusal:
                self.dialect, again = self.plainest.refused(self.dialect, sent)
                if not again:
                    raise
                if request.json_schema or request.logprobs:  # the role asks in another way
                    raise Unsupported("without a word") from None
            except Unsupported as found:
                known = self.dialect  # another call may have found it out in the meantime
                self._learn(known.knowing(found.name))
                if self.dialect == known == asked:  # it was left out, and yet it went out
                    what = f"{self.config.model} does not take {found.name}"
                    raise EndpointError(what, "take it out of extra of the model in ragtuned.toml") from None
                if found.name in (*LADDER, "logprobs"):  # the role asks in another way
                    raise
            else:
                known, refused = self.plainest.answered(self.dialect, sent)
                self._learn(self.ignored.answered(known, sent, reply), tried=bool(refused))
                if refused:
                    said = f"{self.config.model} refused a call without a word, and takes it without "
                    self._tell_once(f"{said}{', '.join(sorted(refused))}; `ragtuned doctor` finds out which of it")
                return reply

    async def _retried(self, request: Request, dialect: Dialect) -> Reply:
        answered = self._limits.successes
        try:
            async for attempt in tries(self.config.retries, self._limits):
                with attempt:
                    return await self._tried(request, dialect)
        except Busy as busy:
            if self._limits.successes != answered:
                raise FailedCall(f"{request.role}: {busy.error.what}", raw=str(busy.error)) from busy
            raise busy.error from busy
        raise AssertionError("tenacity ends by a return or an exception")

    async def _tried(self, request: Request, dialect: Dialect) -> Reply:
        """One try under the limits and the budget.

        Whatever came of it, it counts as a request. One that was sent and not answered (time-out, lost connection, 5xx,
        a page) is charged the most it can take, since a provider bills what it wrote whether it arrived or not; one
        that was turned away (429, 4xx, no connection) is charged nothing.
        """
        most_in, most = request.most_tokens[0], most_out(self.config, request, dialect)
        worst = most_in + most, self.config.cost(most_in, most)
        async with self._limits.turn(most_in + most, request.rank), self.budget.request(*worst) as bill:
            self.usage["tries"] += 1
            try:
                async with asyncio.timeout(self.config.timeout):
                    reply = await self.backend.call(request, dialect)
            except TimeoutError as error:
                self._limits.failed()
                bill.charge(*worst)
                what = f"{self.config.model} did not answer within {self.config.timeout:g} s"
                raise Busy(EndpointError(what, "raise timeout of the model, or lower calls_at_once")) from error
            except (Busy, Unsupported) as error:
                if isinstance(error, Busy):
                    self._note(error)
                if error.sent:
                    bill.charge(*worst)
                raise
            except RefusedPrompt:
                self._limits.succeeded()  # the server is in order
                raise
            except (TruncatedReply, RefusedReply):  # read and paid, but nobody says how much it took
                self._limits.succeeded()
                bill.charge(*worst)
                raise
            self._limits.succeeded()
            bill.charge(reply.tokens_in + reply.tokens_out, self.config.cost(reply.tokens_in, reply.tokens_out))
            return reply

    def _note(self, busy: Busy) -> None:
        """A 429 asks for a pause of all calls; anything else is a failure of the server.

        Raises `RateLimited` for a longer pause than the config lets it take.
        """
        pause = busy.after or 0.0
        if pause > self.config.longest_wait:
            raise RateLimited(
                f"{busy.error.what}\n  it asks for a pause of {at_the_clock(pause)}; all replies so far are kept",
                f"start the same command then, or raise longest_wait of the model ({self.config.longest_wait:g} s)",
            ) from busy
        if pause >= TOLD_PAUSE:
            self._tell_once(f"{busy.error.what}: it asks for a pause of {at_the_clock(pause)}")
        if busy.stays and not self._limits.successes:
            self._tell_once(f"{busy.error.what}; trying once more")
        if not isinstance(busy.error, RateLimited):
            self._limits.failed()
        elif busy.after is not None:
            self._limits.rest(busy.after)

    def _tell_once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.tell(line)

    def mark_unreadable(self, request: Request, reply: Reply, rung: Rung, fields: Iterable[str] = ()) -> bool:
        """Keep a reply that could not be parsed as evidence only; whether the role is to ask in another way.

        `fields` of the schema: this was the first reply to the prompt. Raises `UselessReplies` after so many in a row.
        """
        self.store.mark_unreadable(call_key(self._identity(request, rung)), reply)
        if self.replay:
            return False
        self._useless.bad(reply.text)
        if fields and not self.batch:
            self._learn(self.ignored.unreadable(self.dialect, rung, reply.text, fields))
        return LADDER.index(self.dialect.rung) > LADDER.index(rung)

    def mark_readable(self, first: bool = False) -> None:
        """A reply could be parsed; `first`: the first one to its prompt."""
        self._useless.good()
        if first:
            self.ignored.readable()

    def _learn(self, known: Dialect, tried: bool = False) -> None:
        """Keep what is known now; `tried`: it was sent already, to find out whether it is taken."""
        if tried or known != self.dialect:
            self.dialect = known
            self.store.set_dialect(self.backend.identity, known)

    def _identity(self, request: Request, rung: Rung) -> dict[str, Any]:
        """Everything the call store's key is made of; what the config adds only where it adds something."""
        own = self.config.decides
        return {**request.identity(self.backend.identity, rung), **({"extra": own} if own else {})}
