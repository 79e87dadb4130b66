"""The one path to every model: count, call store, limit, retry, call.

Roles hand in a `Request`; a backend makes the call (the OpenAI protocol, the embedded llama.cpp behind the
same protocol, or the scripted model); everything a run must not lose or pay twice happens here, once.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from pydantic import BaseModel, Field, RootModel, model_validator

from agents.config import Section
from agents.errors import EndpointError, MissingReply, ModelError, RateLimited, RefusedReply, TruncatedReply
from agents.records import Item, Message
from agents.store import CallStore, Reply, Status, StoredCall, call_key

Rung = Literal["json_schema", "prompt"]
FAILURES: dict[Status, type[ModelError]] = {"truncated": TruncatedReply, "refused": RefusedReply}


class ModelConfig(Section):
    """[models.NAME]: one model and how it is reached."""

    provider: Literal["local", "openai"] = Field("local", description="local: llama.cpp inside the process; openai: any server of that protocol")
    model: str = Field("qwen2.5-coder-1.5b-instruct", description="the server's name of the model, or a name of `ragtuned models list`")
    base_url: str | None = Field(None, description="URL of the server; none: the provider's own")
    api_key_env: str = Field("OPENAI_API_KEY", description="environment variable that holds the key")
    calls_at_once: int = Field(
        2,
        ge=1,
        description="calls; local: slots of the server. Two cores give one stream 17 and eight streams 21 tokens a second, and each slot reads a page anew",
    )
    timeout: float = Field(900.0, gt=0, description="seconds for one call")
    retries: int = Field(4, ge=0, description="further tries after 429, 5xx, time-out or a lost connection")
    context: int = Field(4096, ge=256, description="tokens a local slot holds")


class ModelsConfig(RootModel[dict[str, ModelConfig]]):
    """[models.*]: the models by the names that [roles] uses."""

    root: dict[str, ModelConfig] = {}

    @model_validator(mode="after")
    def _some(self) -> ModelsConfig:
        return self if self.root else ModelsConfig({"teacher": ModelConfig.model_validate({})})


class RolesConfig(Section):
    """[roles]: which model speaks for which role; `default` for those not named."""

    default: str = "teacher"
    extractor: str | None = None
    community_summarizer: str | None = None
    question_writer: str | None = None
    critic: str | None = None

    def model_of(self, role: str) -> str:
        """The name of the model that speaks for `role`."""
        return getattr(self, role, None) or self.default


class Request(Item):
    """One call: what decides its reply, and for the scripted model what the prompt was filled with."""

    role: str
    messages: list[Message]
    schema_name: str = ""
    json_schema: dict[str, Any] | None = None
    max_tokens: int
    temperature: float = 0.0
    logprobs: bool = False
    sample: int = 0
    inputs: dict[str, Any] = Field({}, exclude=True)

    def identity(self, model: str, rung: Rung) -> dict[str, Any]:
        """Everything the call store's key is made of."""
        return {"model": model, "rung": rung, **self.model_dump(exclude={"inputs", "role"})}


class Backend(Protocol):
    """Makes one call. Raises `ModelError`s; `SchemaUnsupported` if the server knows no JSON schema."""

    identity: str

    async def call(self, request: Request, rung: Rung) -> Reply:
        """The reply to `request`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class SchemaUnsupported(Exception):
    """The server refused `response_format: json_schema`."""


class Busy(Exception):
    """Worth another try after `after` seconds (the server's Retry-After), if it said so; `error` is raised when the tries are spent."""

    def __init__(self, error: ModelError, after: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


class Client:
    """Asks one model; every finished call is in the store before the caller sees it.

    With `replay`, only the store answers: recorded failures fail again, and a prompt without a reply is a
    `MissingReply`, never a call.
    """

    def __init__(self, backend: Backend, store: CallStore, config: ModelConfig, replay: bool = False) -> None:
        self.backend = backend
        self.store = store
        self.config = config
        self.replay = replay
        self.usage: Counter[str] = Counter()
        self.keys: set[str] = set()
        self._limit = asyncio.Semaphore(config.calls_at_once)
        self._pending: dict[str, asyncio.Lock] = {}
        self._rung: Rung = "prompt" if store.rung(backend.identity) == "prompt" else "json_schema"

    @property
    def rung(self) -> Rung:
        """How structured output is asked for, as found out so far."""
        return self._rung

    async def ask(self, request: Request) -> Reply:
        """The reply to `request`, from the store or the model.

        Raises:
            TruncatedReply, RefusedReply: what came is kept in the store as evidence.
            RateLimited, EndpointError: after every retry.
            MissingReply: in replay only.
            SchemaUnsupported: found out by this call; `rung` is `prompt` from now on, so that the role can put the schema into its prompt.

        """
        rung: Rung = self._rung if request.json_schema else "prompt"
        identity = request.identity(self.backend.identity, rung)
        key = call_key(identity)
        self.usage["asked"] += 1
        self.keys.add(key)
        lock = self._pending.setdefault(key, asyncio.Lock())
        async with lock:  # the same prompt twice at once is one call
            reply = self._stored(key, request) or await self._paid(key, request, identity, rung)
        return reply

    def _stored(self, key: str, request: Request) -> Reply | None:
        call = self.store.get(key)
        if call and call.status == "ok":
            self.usage["from_store"] += 1
            return call.reply
        if not self.replay:
            return None
        if call:
            self.usage["from_store"] += 1
            if call.status == "unreadable":  # parsed again, it fails again, and its re-ask is recorded too
                return call.reply
            raise FAILURES[call.status](f"{request.role}: recorded as {call.status}", raw=call.reply.text)
        prompt = request.messages[-1]["content"]
        raise MissingReply(
            f"the recording holds no reply for role {request.role}, prompt {prompt[:200]!r}",
            "record again (`make record`), or run with a live teacher (`make demo TEACHER=live`)",
        )

    async def _paid(self, key: str, request: Request, identity: dict[str, Any], rung: Rung) -> Reply:
        try:
            async with self._limit:
                reply = await self._retried(request, rung)
        except SchemaUnsupported:
            self._rung = "prompt"
            self.store.set_rung(self.backend.identity, "prompt")
            raise
        except (TruncatedReply, RefusedReply) as error:
            status: Status = "truncated" if isinstance(error, TruncatedReply) else "refused"
            self.store.put(key, request.role, identity, StoredCall(status=status, reply=Reply(text=error.raw)))
            raise
        self.store.put(key, request.role, identity, StoredCall(status="ok", reply=reply))
        self.usage["called"] += 1
        self.usage["tokens_in"] += reply.tokens_in
        self.usage["tokens_out"] += reply.tokens_out
        return reply

    async def _retried(self, request: Request, rung: Rung) -> Reply:
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        backoff = wait_random_exponential(multiplier=0.5, max=30)

        def wait(state: Any) -> float:
            error = state.outcome.exception()
            return error.after if error.after is not None else backoff(state)

        try:
            async for attempt in AsyncRetrying(retry=retry_if_exception_type(Busy), stop=stop_after_attempt(self.config.retries + 1), wait=wait, reraise=True):
                with attempt:
                    self.usage["tries"] += 1
                    return await self.backend.call(request, rung)
        except Busy as busy:
            raise busy.error from busy
        raise AssertionError("tenacity ends by a return or an exception")

    def mark_unreadable(self, request: Request, reply: Reply) -> None:
        """Keep a reply that could not be parsed as evidence only."""
        identity = request.identity(self.backend.identity, self._rung if request.json_schema else "prompt")
        self.store.mark_unreadable(call_key(identity), reply)


def p_yes(reply: Reply) -> float | None:
    """P(yes) in 0–1 from the first token's log-probabilities: yes over yes and no; None where the server gave none."""
    mass = {"yes": 0.0, "no": 0.0}
    for token, logprob in reply.top_logprobs.items():
        word = token.strip().strip('"').lower()
        if word in mass:
            mass[word] += math.exp(logprob)
    total = mass["yes"] + mass["no"]
    return mass["yes"] / total if total > 0 else None


class ScriptedModel:
    """A model that answers from functions, one a role: tests and `--dry` runs drive the real path with it.

    A function takes the inputs its role's prompt was filled with and returns the object (or text) to answer;
    an exception it returns is raised, so that faults can be scripted too.
    """

    def __init__(self, scripts: dict[str, Callable[[dict[str, Any]], Any]], identity: str = "scripted") -> None:
        self.scripts = scripts
        self.identity = identity
        self.requests: list[Request] = []

    async def close(self) -> None:
        """Nothing to let go of."""

    async def call(self, request: Request, rung: Rung) -> Reply:
        """Answer from the role's function."""
        self.requests.append(request)
        await asyncio.sleep(0)
        answer = self.scripts[request.role](request.inputs)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            return Reply(text="yes" if answer >= 0.5 else "no", tokens_out=1, top_logprobs={"yes": math.log(answer + 1e-9), "no": math.log(1 - answer + 1e-9)})
        text = answer.model_dump_json() if isinstance(answer, BaseModel) else str(answer)
        return Reply(text=text, tokens_in=sum(len(m["content"]) for m in request.messages) // 4, tokens_out=len(text) // 4)


def total_usage(clients: Sequence[Client]) -> dict[str, int]:
    """The counters of several clients added up: asked, from_store, called, tries, tokens_in, tokens_out."""
    total: Counter[str] = Counter({"asked": 0, "from_store": 0, "called": 0, "tokens_in": 0, "tokens_out": 0})
    for client in clients:
        total.update(client.usage)
    return dict(total)


__all__ = [
    "Backend",
    "Client",
    "EndpointError",
    "ModelConfig",
    "ModelsConfig",
    "RateLimited",
    "Request",
    "RolesConfig",
    "ScriptedModel",
    "p_yes",
    "total_usage",
]
