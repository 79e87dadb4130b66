"""Who may ask the page: its own browser tab, on this machine, or somebody with the password where it is served wider.

A page on 127.0.0.1 is within reach of every site that the same browser has open: by a form that posts to it, and by a
name of that site that is made to point to 127.0.0.1 (DNS rebinding). So Host and Origin must be the page's own.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Middleware

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK = ("127.0.0.1", "localhost")
MOST_BYTES = 65_536  # of a body: a question of 2000 characters is 24 kB as JSON at most
WRONG_PASSWORD_SECONDS = 1.0
STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-jtRRMYY2VbEXuBKbHvqM1/fPT8vazFrEooXdvwUK4y8=' "
    "'sha256-9xjtvxMT1ApHlgn9ohbh2FNfvK5Tqtzy94BjfXBeMSY='"
)
"""The two style sheets that force-graph 1.52.0 makes, and an empty one, which it makes first."""
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {STYLES}; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Scripts and styles are files of the page; what a model or a document says can be neither."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def guard(host: str, password: str) -> Middleware:
    """A middleware that passes on the requests of the page's own tab and refuses every other.

    `host` is the address that is listened on. An empty `password` is for the loopback only.
    """
    from aiohttp import web

    wrong = asyncio.Lock()  # one guess a second, however many ask at once

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if status := refused(request, host):
            return web.Response(status=status)
        if password and not _knows(request.headers.get("Authorization", ""), password):
            async with wrong:
                await asyncio.sleep(WRONG_PASSWORD_SECONDS if "Authorization" in request.headers else 0)
            asks = {"WWW-Authenticate": 'Basic realm="ragtuned", charset="UTF-8"'}
            return web.Response(status=401, text="The password, please.", headers=asks)
        return await handler(request)

    return guarded


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Give every response, errors too, the policy that it does not bring itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def refused(request: web.Request, host: str) -> int:
    """The status of a request that is not answered; 0 for one that is."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or (host in LOOPBACK and hosts[0].lower() not in _own(request)):
        return 421
    if request.headers.getall("Origin", [f"http://{hosts[0]}"]) != [f"http://{hosts[0]}"]:
        return 403
    if request.method in ("GET", "HEAD"):
        return 0
    if request.method != "POST":
        return 405
    if request.content_type != "application/json":  # a form of another site cannot send it
        return 415
    if request.content_length is None:
        return 411
    return 413 if request.content_length > MOST_BYTES else 0


def _own(request: web.Request) -> list[str]:
    assert request.transport is not None
    port = request.transport.get_extra_info("sockname")[1]
    return [f"{name}:{port}" for name in LOOPBACK]


def _knows(header: str, password: str) -> bool:
    """Whether an Authorization header holds the password, for any user name."""
    kind, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return kind.lower() == "basic" and hmac.compare_digest(given, password.encode())
