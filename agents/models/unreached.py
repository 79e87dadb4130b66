"""Why a server was not reached: a port without a server, a host without an address, a certificate, or time."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from errno import ECONNREFUSED, EHOSTUNREACH, ENETUNREACH

FIRST_CONNECT = 2.5  # seconds to a connection as long as there was none: a wrong host is told at once
CONNECT = 10.0  # seconds to one later, on a busy line


def unreached(error: BaseException, timeout: float) -> tuple[str, bool]:
    """(what kept a call from its server, whether a moment will hardly mend it).

    `timeout`: seconds that one call may take.
    """
    import httpx2

    causes = list(_causes(error))
    for cause in causes:  # a transport may call a refused port a time-out: what led to it decides
        if isinstance(cause, socket.gaierror):
            return f"its host name is not known ({cause.strerror or cause})", True
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})", True
        if isinstance(cause, ssl.SSLError):
            return "it does not speak TLS (https) on that port", True
        if isinstance(cause, OSError) and cause.errno == ECONNREFUSED:
            return "nothing listens on that port (connection refused)", True
        if isinstance(cause, OSError) and cause.errno in (EHOSTUNREACH, ENETUNREACH):
            return f"there is no way to that host ({cause.strerror})", True
    if any(isinstance(cause, httpx2.ConnectTimeout) for cause in causes):
        return f"no connection within {FIRST_CONNECT:g} to {CONNECT:g} s (time-out)", True
    if any(isinstance(cause, httpx2.TimeoutException) for cause in causes):
        return f"no answer within {timeout:g} s (time-out)", False
    return str(error.__cause__ or error), False


def was_sent(error: BaseException) -> bool:
    """Whether the server may have got the prompt: not where no connection came about."""
    import httpx2

    never = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    return not any(isinstance(cause, never) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, the groups of several addresses included; the innermost last."""
    seen: list[BaseException] = [error]
    for one in seen:
        inner = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        seen += [e for e in (one.__cause__, one.__context__, *inner) if e is not None and e not in seen]
    return iter(seen)
