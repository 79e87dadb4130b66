"""Why a server was not reached: a port without a server, a host without an address, a certificate, or time."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from errno import ECONNREFUSED, EHOSTUNREACH, ENETUNREACH
from typing import NamedTuple

from agents.models.config import ModelConfig
from agents.models.endpoints import proxied

OWN_AUTHORITY = "SSL_CERT_FILE names the file (PEM) of your own authority's certificates"

FIRST_CONNECT = 2.5  # seconds to a connection as long as there was none: a wrong host is told at once
CONNECT = 10.0  # seconds to one later, on a busy line


class Unreachable(NamedTuple):
    """What kept a call from its server, what to do about it, and whether a moment will hardly mend it."""

    why: str
    do: str
    stays: bool


def unreachable(error: BaseException, config: ModelConfig) -> Unreachable:
    """Tell it from what led to the error: a transport may call a refused port a time-out."""
    import httpx2

    found, start = list(causes(error)), "is the server running, and base_url right?"
    for cause in found:
        if isinstance(cause, ssl.SSLCertVerificationError):
            said = getattr(cause, "verify_message", cause)  # aiohttp's own kind has none
            return Unreachable(f"its certificate is not trusted here ({said})", OWN_AUTHORITY, True)
    if proxy := proxied(config):
        words = [str(cause) for cause in found if "Cannot connect" in str(cause)]
        do = f"is the proxy {proxy} right and up? NO_PROXY names the hosts that it is not for"
        answering = any(isinstance(cause, httpx2.ReadTimeout) for cause in found)
        return Unreachable(words[0] if words else str(found[-1]), do, not answering)
    for cause in found:
        if isinstance(cause, socket.gaierror):
            do = "mend base_url; is this machine on the network?"
            return Unreachable(f"its host name is not known ({cause.strerror or cause})", do, True)
        if isinstance(cause, ssl.SSLError):
            return Unreachable("it does not speak TLS (https) on that port", "write http:// or the port of https", True)
        if isinstance(cause, OSError) and cause.errno == ECONNREFUSED:
            do = "start the server, or mend base_url"
            return Unreachable("nothing listens on that port (connection refused)", do, True)
        if isinstance(cause, OSError) and cause.errno in (EHOSTUNREACH, ENETUNREACH):
            return Unreachable(f"there is no way to that host ({cause.strerror})", start, True)
    if any(isinstance(cause, httpx2.ConnectTimeout) for cause in found):
        return Unreachable(f"no connection within {FIRST_CONNECT:g} to {CONNECT:g} s (time-out)", start, True)
    if any(isinstance(cause, httpx2.TimeoutException) for cause in found):
        return Unreachable(f"no answer within {config.timeout:g} s (time-out)", "raise timeout of the model", False)
    return Unreachable(str(error.__cause__ or error), start, False)


def was_sent(error: BaseException) -> bool:
    """Whether the server may have got the prompt: not where no connection came about."""
    import httpx2

    never = (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.PoolTimeout,
        httpx2.ProxyError,
        httpx2.UnsupportedProtocol,
    )
    return not any(isinstance(cause, never) for cause in causes(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, the groups of several addresses included; the innermost last."""
    seen: list[BaseException] = [error]
    for one in seen:
        inner = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        seen += [e for e in (one.__cause__, one.__context__, *inner) if e is not None and e not in seen]
    return iter(seen)
