"""The page's application: its files, its routes, and serving it (aiohttp, which the model client needs as well).

Why no Gradio: docs/decisions/0016.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.errors import InputError, RagtunedError
from agents.terminal import say
from eval.ui.guard import LOOPBACK, MOST_BYTES, add_headers, guard

if TYPE_CHECKING:
    from aiohttp import web

WEB = Path(__file__).parent.parent / "web"
FIRST_PORT = 7860
PORTS_TRIED = 100
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PASSWORD = "RAGTUNED_PASSWORD"
Route = tuple[str, str, Callable[["web.Request"], Awaitable["web.StreamResponse"]]]
"""Method, path, handler."""


def build_app(routes: Sequence[Route], host: str = LOOPBACK[0], password: str = "") -> web.Application:
    """The application: the files of the page and `routes`, behind the guard.

    What a handler raises as `RagtunedError` is answered with 400, what happened and what to do.
    """
    from aiohttp import web

    @web.middleware
    async def told(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            return await handler(request)
        except RagtunedError as error:
            return web.json_response({"what": error.what, "do": error.do}, status=400)

    app = web.Application(middlewares=[guard(host, password), told], client_max_size=MOST_BYTES)
    app.on_response_prepare.append(add_headers)
    for path in sorted(WEB.rglob("*")):
        if path.suffix in TYPES:
            name = path.relative_to(WEB).as_posix()
            app.router.add_get("/" if name == "index.html" else f"/{name}", _file(path))
    app.router.add_get("/favicon.ico", _nothing)
    for method, path, handler in routes:
        app.router.add_route(method, path, handler)
    return app


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    from aiohttp import web

    async def served(_: web.Request) -> web.StreamResponse:
        return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8")

    return served


async def _nothing(_: web.Request) -> web.StreamResponse:
    from aiohttp import web

    return web.Response(status=204)


class Served:
    """An application that answers on an address, in a thread of its own."""

    def __init__(self, app: web.Application, host: str, port: int | None) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="page", daemon=True)
        self._thread.start()
        try:
            self.port = self._there(self._start(host, port))
        except OSError as error:
            self._end()
            raise InputError(
                f"{host}, port {port or FIRST_PORT} cannot be used: {error.strerror or error}",
                "name another with --port",
            ) from error
        self.address = f"http://{host}:{self.port}"

    def wait(self) -> None:
        """Until Ctrl-C."""
        self._thread.join()

    def close(self) -> None:
        """End it, and the answers under way."""
        self._there(self._runner.cleanup())
        self._end()

    def _there(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self, host: str, port: int | None) -> int:
        from aiohttp import web

        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        tried = [port] if port else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
        for number in tried:
            try:
                await web.TCPSite(self._runner, host, number).start()
            except OSError:
                if number == tried[-1]:
                    await self._runner.cleanup()
                    raise
            else:
                return number
        raise AssertionError("there is a port to try")


def password_for(host: str) -> str:
    """None on the loopback; elsewhere $RAGTUNED_PASSWORD, or one that is made up now and printed once."""
    if host in LOOPBACK:
        return ""
    if given := os.environ.get(PASSWORD, ""):
        return given
    made = secrets.token_urlsafe(12)
    say(f"password: {made}  (any user name; set ${PASSWORD} for one of your own)")
    return made


def json_of(value: Any) -> web.Response:
    """A value as a JSON answer."""
    from aiohttp import web

    return web.json_response(value)


async def body_of(request: web.Request, *names: str) -> dict[str, Any]:
    """The JSON object that was sent, with at least `names`. Raises `InputError`."""
    try:
        given = await request.json()
    except ValueError as error:
        raise InputError("the request holds no JSON", "use the page") from error
    if not isinstance(given, dict) or any(name not in given for name in names):
        raise InputError(f"the request must be an object with {', '.join(names)}", "use the page")
    return given
