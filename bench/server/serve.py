"""A scripted OpenAI-compatible server: latency, slots, injected errors, and replies shaped like each role's.

Loopback only.

python -m bench.server.serve --port 8300 --latency 0.2 --slots 16
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import random
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import web

from bench.server.books import Books
from bench.server.chat_request import ChatRequest, read_request, share
from bench.server.faults import PASSING, Faults, fault_response, kinds_of
from bench.server.habits import HABITS, answered, heeded, refused, unlimited
from bench.server.parameters import all_thought, not_taken
from bench.server.replies import Answer, answer, as_message

HOST = "127.0.0.1"
MOST_BYTES = 256 * 2**20  # of a request: a report over a whole corpus is large, and its size is counted
EMBEDDING_SIZE = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}  # by model; else 384


@dataclass
class Served:
    """How this server behaves, and its books."""

    latency: float = 0.2
    sigma: float = 0.0
    slots: int = 16
    logprobs: bool = True
    schemas: bool = True
    faults: Faults = field(default_factory=Faults)
    habits: tuple[str, ...] = ()
    """By the names of `bench.server.habits.HABITS` and of `bench.server.parameters.PARAMETERS`, and `thinks`."""

    def __post_init__(self) -> None:
        self.account = Books(self.slots)
        self.free = asyncio.Semaphore(self.slots)

    def seconds(self, key: str) -> float:
        """The latency of a body: constant, or log-normal of the same mean; decided by the body."""
        if not self.sigma:
            return self.latency
        return self.latency * math.exp(random.Random(key).gauss(-(self.sigma**2) / 2, self.sigma))


def application(served: Served) -> web.Application:
    """The routes."""
    app = web.Application(client_max_size=MOST_BYTES)

    async def chat(request: web.Request) -> web.StreamResponse:
        return await _counted(served, request)

    async def models(request: web.Request) -> web.Response:
        return web.json_response(
            {"object": "list", "data": [{"id": "scripted", "object": "model", "created": 0, "owned_by": "bench"}]}
        )

    async def embeddings(request: web.Request) -> web.Response:
        served.account.roles["embedding"] += 1
        return web.json_response(_embeddings(await request.json()))

    async def stats(request: web.Request) -> web.Response:
        return web.json_response(served.account.stats())

    async def log(request: web.Request) -> web.Response:
        return web.json_response(served.account.log[int(request.query.get("after", 0)) :])

    async def reset(request: web.Request) -> web.Response:
        served.account = Books(served.slots)
        return web.json_response({})

    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_get("/v1/models", models)
    app.router.add_post("/v1/embeddings", embeddings)
    app.router.add_get("/stats", stats)
    app.router.add_get("/log", log)
    app.router.add_post("/reset", reset)
    return app


async def _counted(served: Served, request: web.Request) -> web.StreamResponse:
    """One call in the books from its arrival to its end; a client that leaves cancels it."""
    body = await request.read()
    try:
        asked = read_request(heeded(served.habits, body))
    except ValueError as error:
        return _refuse(f"not a chat completion: {error}")
    if asked.form == "json_schema" and not served.schemas:
        return _refuse("response_format json_schema is not supported")
    if served.habits and (instead := refused(served.habits, asked.body)):
        return instead
    if refusal := not_taken(served.habits, asked.body):
        served.account.errors[refusal[0]] += 1
        return web.json_response(refusal[2], status=refusal[1])
    account, finished = served.account, False
    attempt = account.open(asked.key, asked.digest, asked.characters)
    try:
        response = await _served(served, account, request, asked, served.faults.draw(asked.key, attempt))
        finished = True
        return response
    finally:
        account.close(finished)


async def _served(
    served: Served, account: Books, request: web.Request, asked: ChatRequest, fault: str
) -> web.StreamResponse:
    account.errors.update([fault] if fault else [])
    if fault in ("429", "429-bare", "500", "502-html", "hang", "html"):  # refused at the door: no slot, no latency
        return await fault_response(fault, request, b"")
    seconds = served.seconds(asked.key)
    async with served.free:
        since = account.take_slot()
        try:
            await asyncio.sleep(seconds)
        finally:
            account.free_slot(since)
    said = answer(asked)
    completion = _completion(served, asked, said, fault)
    if "thinks" in served.habits:
        all_thought(completion, asked.body)
    completion = unlimited(served.habits, completion, asked.body)
    body = json.dumps(completion).encode()
    if fault == "cut-body":
        return await fault_response(fault, request, body)
    account.answer(asked.key, said.role, seconds)
    if served.habits:
        return answered(served.habits, completion, bool(asked.body.get("stream")))
    return web.Response(body=body, content_type="application/json")


def _completion(served: Served, asked: ChatRequest, said: Answer, fault: str) -> dict[str, Any]:
    """The protocol's object; under `cut` and `length` the text is its first half, without log-probabilities."""
    whole = fault not in ("cut", "length")
    text = said.text if whole else said.text[: len(said.text) // 2]
    choice = {
        "index": 0,
        "finish_reason": "length" if fault == "length" else "tool_calls" if asked.form == "tools" else "stop",
        "message": as_message(asked, text),
        "logprobs": _logprobs(said) if served.logprobs and asked.logprobs and whole else None,
    }
    usage = {"prompt_tokens": asked.characters // 4, "completion_tokens": max(1, len(text) // 4)}
    usage["total_tokens"] = sum(usage.values())
    return {
        "id": f"chatcmpl-{asked.key[:12]}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [choice],
        "usage": usage,
    }


def _logprobs(said: Answer) -> dict[str, Any]:
    """The first token with its alternatives: yes and no with P(yes), or the first word for certain."""
    p = said.p_yes
    pairs = [(said.text.split(" ")[0], 0.0)] if p is None else [("yes", math.log(p)), ("no", math.log(1 - p))]
    tops = [
        {"token": token, "logprob": logprob, "bytes": None}
        for token, logprob in sorted(pairs, key=lambda pair: -pair[1])
    ]
    return {"content": [{**tops[0], "top_logprobs": tops}], "refusal": None}


def _embeddings(request: dict[str, Any]) -> dict[str, Any]:
    """A vector of unit length a text, decided by its words: texts that share words lie near each other."""
    texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
    size = int(request.get("dimensions") or EMBEDDING_SIZE.get(request.get("model", ""), 384))
    rows = [_vector(str(text), size) for text in texts]
    encoded = [
        base64.b64encode(row.tobytes()).decode() if request.get("encoding_format") == "base64" else row.tolist()
        for row in rows
    ]
    data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(encoded)]
    return {
        "object": "list",
        "model": request.get("model", ""),
        "data": data,
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }


def _vector(text: str, size: int) -> array[float]:
    row = [0.0] * size
    for word in text.lower().split() or [""]:
        row[int(size * share(word, "place"))] += 1.0
    norm = math.sqrt(sum(x * x for x in row))
    return array("f", [x / norm for x in row])


def _refuse(message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "invalid_request_error", "code": None}}, status=400)


async def serve(served: Served, port: int, url_file: Path | None = None) -> None:
    """Serve until the process is ended; the URL goes to stdout and, whole, to `url_file`."""
    runner = web.AppRunner(application(served), access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port, backlog=4096)
    await site.start()
    url = f"http://{HOST}:{runner.addresses[0][1]}"
    if url_file:
        aside = url_file.with_suffix(".part")
        aside.write_text(url, encoding="utf-8")
        aside.replace(url_file)
    print(url, flush=True)
    await asyncio.Event().wait()


def main(
    port: Annotated[int, typer.Option(help="0: any free one; see --url-file.")] = 0,
    url_file: Annotated[Path | None, typer.Option(help="Where the server's URL is written once it listens.")] = None,
    latency: Annotated[float, typer.Option(min=0, help="Seconds of one call; under --sigma their mean.")] = 0.2,
    sigma: Annotated[float, typer.Option(min=0, help="Of the logarithm of a log-normal latency; 0: constant.")] = 0.0,
    slots: Annotated[
        int, typer.Option(min=1, help="Calls served at once; more wait, and are counted as in flight.")
    ] = 16,
    errors: Annotated[float, typer.Option(min=0, max=1, help="Share of the attempts that fail.")] = 0.0,
    kinds: Annotated[str, typer.Option(help="Kinds of error, with commas; or passing, or all.")] = ",".join(PASSING),
    most_errors: Annotated[int, typer.Option(min=0, help="Failures of one body in a row, at most.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the errors.")] = 0,
    logprobs: Annotated[bool, typer.Option(help="Give log-probabilities to those who ask.")] = True,
    habit: Annotated[list[str] | None, typer.Option(help=f"Of a server; any of: {', '.join(HABITS)}.")] = None,
    schemas: Annotated[bool, typer.Option(help="Know response_format json_schema; else answer 400 to it.")] = True,
) -> None:
    """Serve scripted replies on 127.0.0.1."""
    faults = Faults(errors, kinds_of(kinds), seed, most_errors)
    if unknown := set(habit or ()) - set(HABITS):
        raise typer.BadParameter(f"no habit {', '.join(sorted(unknown))}")
    served = Served(latency, sigma, slots, logprobs, schemas, faults, tuple(habit or ()))
    asyncio.run(serve(served, port, url_file))


if __name__ == "__main__":
    typer.run(main)
