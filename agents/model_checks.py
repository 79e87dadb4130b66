"""Can the models of a config do what the recipes need? Each is asked once for each thing, and what it takes is learned.

What was learned (`agents.models.dialect`) and how long the calls took go into the project's call store: the next run
asks in the right way from its first call, and `plan` tells hours.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from agents.errors import EndpointError, FailedCall, ModelError, RagtunedError, TruncatedReply
from agents.models.backends import backend_of
from agents.models.client import Client
from agents.models.config import ModelConfig, RolesConfig
from agents.models.request import Busy, Request
from agents.models.store import CallStore, Reply
from agents.roles.critic import GATES, judge
from agents.roles.extractor import EXTRACTOR
from agents.roles.registry import ROLES, model_keys
from agents.roles.role import SYSTEM, fence

State = Literal["ok", "note", "fault"]
PATIENCE = 120.0  # seconds for one call at most: a wrong server is to be told soon
LONG_PROMPT = 12_000  # characters: what is shown for a report, the longest that a recipe makes
PAGE = "On 3 April 1870 Ann Hale sold 40 lanterns to Tom Brisk. Tom Brisk left Marrow in 1871 and became a ferryman."
WORD = "Kittiwake"
ANSWERABLE = next(gate for gate in GATES if gate.name == "answerable")


@dataclass(frozen=True)
class Check:
    """What was looked at, how it stands, and the value found."""

    name: str
    state: State
    found: str

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self)


def model_checks(
    models: Mapping[str, ModelConfig], ready: Set[str], roles: RolesConfig, calls: Path
) -> Iterator[Check]:
    """Ask every model that a role speaks through, if it is `ready` to be asked; `calls` is the project's call store."""
    speak: dict[str, list[str]] = {}
    for key in model_keys():
        speak.setdefault(roles.model_of(key), []).append(key)
    for name, keys in speak.items():
        if name not in models:
            yield Check(f"model {name}", "fault", f"[roles] names it for {', '.join(keys)}: add [models.{name}]")
            continue
        if name in ready:
            yield from asyncio.run(_asked(f"model {name}", models[name], keys, calls))


async def _asked(name: str, config: ModelConfig, keys: list[str], calls: Path) -> list[Check]:
    patient = config.model_copy(update={"timeout": min(config.timeout, PATIENCE), "retries": min(config.retries, 1)})
    with TemporaryDirectory() as folder:
        store = CallStore(Path(folder) / "calls.sqlite")  # not the project's, which would answer in the model's place
        try:
            client = Client(backend_of(patient), store, patient)
            client.plainest.tried = True  # here each thing is asked for by itself
            client.ignored.proof = 1
            try:
                found = [check async for check in _checks(name, client, keys)]
            finally:
                await client.backend.close()
            _keep(store, client, calls)
            return found
        except RagtunedError as error:
            return [Check(name, "fault", str(error))]
        finally:
            store.close()


async def _checks(name: str, client: Client, keys: list[str]) -> AsyncIterator[Check]:
    """One row for each need; nothing is asked of a model that gives no reply."""
    try:
        reply = await _word(client)
        yield Check(f"{name}: reply", "ok", f"{reply.text.strip()[:40]!r} in {reply.seconds:.1f} s")
    except TruncatedReply as error:  # as small models do: they are asked for the rest all the same
        yield Check(f"{name}: reply", "note", f"{error.raw.strip()[:40]!r} …: it was to say one word, and goes on")
    except ModelError as error:
        yield Check(f"{name}: reply", "fault", str(error))
        return
    longest = max(
        client.config.limit_of(role.name) or role.max_tokens for role in ROLES.values() if role.model_key in keys
    )
    yield await _object(f"{name}: object", client, longest)
    yield await _verdict(f"{name}: yes or no", client)
    if client.config.provider != "local":  # which takes what its `context` says
        yield await _length(f"{name}: length", client, longest)
    instead = "; ".join(client.dialect.words())
    yield Check(f"{name}: takes", "note" if instead else "ok", instead or "all that is sent")
    price = f"{client.config.price_in} and {client.config.price_out} USD for a million tokens in and out"
    if client.config.provider == "local":
        price = "nothing"
    unknown = "? USD: set price_in and price_out of the model, for plan and --max-cost"
    yield Check(f"{name}: price", *(("ok", price) if client.config.priced else ("note", unknown)))


async def _word(client: Client) -> Reply:
    """A word; where a server's own error comes in its place, without a system role, which a chat template may lack."""
    request, known = _request("Say: ready", 20), client.dialect
    try:
        return await client.ask(request)
    except EndpointError as error:
        cause = error.__cause__
        if not (isinstance(cause, Busy) and cause.sent) or _too_slow(error):
            raise
        client.dialect = known.knowing("system")
        try:
            return await client.ask(request)
        except EndpointError:
            client.dialect = known
            raise error from cause


async def _object(name: str, client: Client, longest: int) -> Check:
    """An object by the surest way that it takes: a plain question was answered, so that a bare 400 is about it."""
    role = replace(EXTRACTOR, name="doctor.object", max_tokens=longest)
    while True:
        try:
            told = await role.ask(client, document=fence(PAGE), types="person, place, event", known="")
            return Check(name, "ok", f"{len(told.entities)} names found, by {client.dialect.rung}")
        except (EndpointError, FailedCall) as error:
            if _too_slow(error) or client.dialect.rung == "prompt":
                return _failed(name, error)
            client.dialect = client.dialect.knowing(client.dialect.rung)
        except ModelError as error:
            return _failed(name, error)


async def _verdict(name: str, client: Client) -> Check:
    asked = len(client.keys)
    try:
        p = await judge(client, ANSWERABLE, PAGE, {"question": "Who sold lanterns to Tom Brisk?", "answer": "Ann Hale"})
    except ModelError as error:
        return _failed(name, error)
    if client.dialect.probabilities and len(client.keys) > asked + 1:  # none came, and nothing was said
        client.dialect = client.dialect.knowing("logprobs")
    if p < ANSWERABLE.threshold:
        return Check(name, "note", f"P(yes) {p:.2f} where yes is right: too weak to check rows")
    how = "by probability" if client.dialect.probabilities else "by a reasoned verdict"
    return Check(name, "ok", f"P(yes) {p:.2f} {how}")


async def _length(name: str, client: Client, longest: int) -> Check:
    """Whether a long prompt with room for the longest reply is taken, and read from its beginning."""
    line = "The ferry went out in the morning and came back at night. "
    page = f"The ferry is called {WORD}. {line * (LONG_PROMPT // len(line))}"
    try:
        reply = await client.ask(_request(f"{fence(page)}\n\nWhat is the ferry called? Answer with its name.", longest))
    except TruncatedReply:
        return Check(name, "note", f"it answers in {longest:,} tokens where a name was asked for, and does not stop")
    except ModelError as error:
        return _failed(name, error, f"a prompt of {LONG_PROMPT:,} characters: ")
    size = f"{reply.tokens_in:,} tokens in, room for {longest:,} out"
    if WORD.lower() in reply.text.lower():
        return Check(name, "ok", size)
    return Check(
        name, "note", f"{size}; its first sentence was not seen: does the server cut prompts (Ollama: num_ctx)?"
    )


def _too_slow(error: ModelError) -> bool:
    """Whether the doctor's patience ended, and nothing was refused."""
    return isinstance(getattr(error.__cause__, "__cause__", None), TimeoutError)


def _failed(name: str, error: ModelError, of: str = "") -> Check:
    """A fault; a note where a run, which is more patient, may get an answer."""
    if _too_slow(error):
        return Check(name, "note", f"{of}{error.what}: too slow for many pages")
    return Check(name, "fault", f"{of}{error}")


def _request(prompt: str, tokens: int) -> Request:
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": prompt}]
    return Request(role="doctor", messages=messages, max_tokens=tokens)


def _keep(found: CallStore, client: Client, calls: Path) -> None:
    """Bring what was learned and what the calls took into the project's store."""
    found.set_dialect(client.backend.identity, client.dialect)
    path = found.path.with_name("doctor.jsonl")
    found.export(path)
    project = CallStore(calls)
    try:
        project.load(path)
    finally:
        project.close()
