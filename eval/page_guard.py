"""Who may ask the chat page, and for what: its own browser tab, and only what its two panes need.

A page on 127.0.0.1 is within reach of every site that the same browser has open: by a form that posts to it, and by a
name of that site that is made to point to 127.0.0.1 (DNS rebinding). And Gradio brings routes for uploads, files,
proxies and histories, which a chat in text boxes has no use for.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

Scope = MutableMapping[str, Any]
Asgi = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]

READ = re.compile(
    r"/|/(config|theme\.css|favicon\.ico|manifest\.json|robots\.txt)|/(assets|static)/[\w./@+~-]+"
    r"|/gradio_api/(startup-events|queue/data|heartbeat/\w+)"
)
SENT = re.compile(r"/gradio_api/(queue/join|cancel|reset)/?")
MOST_BYTES = 65_536  # of a question with what Gradio sends beside it: 2000 characters are 8 kB at most, 24 kB as JSON


class PageGuard:
    """An ASGI application that answers the requests of its own page and refuses every other."""

    def __init__(self, app: Asgi) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass on, or refuse."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":  # Gradio streams by plain HTTP
            return await send({"type": "websocket.close", "code": 1008})
        if status := refused(scope):
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
            return await send({"type": "http.response.body"})
        return await self.app(scope, receive, send)


def refused(scope: Scope) -> int:
    """The status of a request that is not answered; 0 for one that is."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    own = [f"{host}:{scope['server'][1]}" for host in ("127.0.0.1", "localhost")]
    host = headers.get("host", [])
    if len(host) != 1 or host[0].lower() not in own:
        return 421
    if headers.get("origin", [f"http://{host[0]}"]) != [f"http://{host[0]}"]:
        return 403
    if scope["method"] in ("GET", "HEAD"):
        return 0 if READ.fullmatch(scope["path"]) and ".." not in scope["path"] else 404
    if scope["method"] != "POST" or not SENT.fullmatch(scope["path"]):
        return 404
    length = headers.get("content-length", [""])
    if len(length) != 1 or not length[0].isdecimal():
        return 411
    return 413 if int(length[0]) > MOST_BYTES else 0


@asynccontextmanager
async def guarded(app: Any) -> AsyncIterator[None]:
    """A lifespan that puts the guard before everything that the application has, before its first request."""
    app.middleware_stack = PageGuard(app.middleware_stack)
    yield
