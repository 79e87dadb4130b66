"""Errors a server may answer with, drawn from (seed, body, attempt).

The same run errs the same way, and a later attempt succeeds.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from bench.server.chat_request import share

KINDS = {
    "429": "429 with Retry-After: 1",
    "429-bare": "429 without Retry-After",
    "500": "500 with an error object",
    "502-html": "502 with a page of HTML, as a gateway answers",
    "hang": "nothing, until the client gives up",
    "cut": "200, and the model's JSON ends in its middle",
    "length": "200, the same, and the server says so: finish_reason length",
    "cut-body": "200, and the connection closes in the middle of the body",
    "html": "200 with a page of HTML",
}
PASSING = (
    "429",
    "429-bare",
    "500",
    "502-html",
    "hang",
    "cut",
)  # those a client is expected to outlive without losing an item
HTML = "<html><body><h1>Welcome to the gateway</h1></body></html>"
LONGEST_HANG = 3600.0  # seconds


@dataclass(frozen=True)
class Faults:
    """How often and how a server errs; one body errs at most `most` times in a row."""

    rate: float = 0.0
    kinds: tuple[str, ...] = PASSING
    seed: int = 0
    most: int = 3

    def draw(self, key: str, attempt: int) -> str:
        """The kind of error for attempt number `attempt` (from 0) of the body `key`, or "" for an answer."""
        if attempt >= self.most or share(key, f"fault {self.seed} {attempt}") >= self.rate:
            return ""
        return self.kinds[int(len(self.kinds) * share(key, f"kind {self.seed} {attempt}"))]


def kinds_of(text: str) -> tuple[str, ...]:
    """Kinds from a list with commas; "passing" and "all" are short for many. Raises ValueError for an unknown one."""
    if text in ("passing", "all"):
        return PASSING if text == "passing" else tuple(KINDS)
    chosen = tuple(part.strip() for part in text.split(",") if part.strip())
    if not chosen or set(chosen) - set(KINDS):
        raise ValueError(f"error kinds {text!r}: known are {', '.join(KINDS)}, passing, all")
    return chosen


async def fault_response(kind: str, request: web.Request, body: bytes) -> web.StreamResponse:
    """The answer of one kind; `body` is what a good answer would have been.

    `cut` and `length` change the good answer itself (see server).
    """
    if kind in ("429", "429-bare"):
        headers = {"Retry-After": "1"} if kind == "429" else None
        return web.json_response(_error("rate limit reached"), status=429, headers=headers)
    if kind == "500":
        return web.json_response(_error("the server had an error"), status=500)
    if kind in ("502-html", "html"):
        return web.Response(text=HTML, content_type="text/html", status=502 if kind == "502-html" else 200)
    if kind == "hang":
        await asyncio.sleep(LONGEST_HANG)
    return await _half(request, body)


async def _half(request: web.Request, body: bytes) -> web.StreamResponse:
    """Half of `body` under a Content-Length of the whole, then a closed connection."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response


def _error(message: str) -> dict[str, dict[str, str]]:
    return {"error": {"message": message, "type": "scripted", "code": "scripted"}}
