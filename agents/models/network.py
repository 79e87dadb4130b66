"""Which way a connection takes, in one place for every client: none to this machine goes through a proxy.

The libraries beneath (httpx, urllib, pip, the model hub's) read HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY and
SSL_CERT_FILE by themselves. Without a NO_PROXY they send 127.0.0.1 through the proxy too: so this machine is written
into it.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from agents.errors import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PROXY_SCHEMES = ("http", "https")  # aiohttp speaks to no other kind


def is_loopback(url: SplitResult) -> bool:
    """Whether the server is on this machine."""
    host = (url.hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def spare_loopback(*urls: str) -> None:
    """Let no connection to this machine, nor to those of `urls` that are on it, go through a proxy."""
    proxies = getproxies()
    if not proxies.keys() - {"no"}:
        return
    spared = [name.strip() for name in proxies.get("no", "").split(",")]
    own = [url.hostname for url in map(urlsplit, urls) if url.hostname and is_loopback(url)]
    for scheme, proxy in proxies.items():  # those of the system's settings count no more once the environment has one
        os.environ.setdefault(f"{scheme}_proxy", proxy)
    names = ["*"] if "*" in spared else [name for name in [*spared, *LOOPBACK, *own] if name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(dict.fromkeys(names))


def proxy_of(url: SplitResult) -> str:
    """The proxy that a connection to `url` goes through, without its password; empty where there is none."""
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all", "")
    if not found or is_loopback(url) or proxy_bypass(url.hostname or ""):
        return ""
    return re.sub(r"//[^/?#]*@", "//", found if "://" in found else f"http://{found}")


def check_way(url: SplitResult) -> None:
    """Whether a connection to `url` can be tried at all.

    Raises:
        ConfigError: its proxy is of a kind that is not spoken, or SSL_CERT_FILE names no file of certificates.

    """
    proxy = proxy_of(url)
    if proxy and urlsplit(proxy).scheme not in PROXY_SCHEMES:
        raise ConfigError(
            f"{url.hostname} would be reached through the proxy {proxy}, which is not one of http",
            f"set {url.scheme.upper()}_PROXY to an http:// proxy, or add {url.hostname} to NO_PROXY",
        )
    if url.scheme == "https" and (file := os.environ.get("SSL_CERT_FILE")):
        try:
            ssl.create_default_context(cafile=file)
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(
                f"SSL_CERT_FILE = {file} holds no certificates: {error.strerror or error}",
                "name a file in PEM format, or unset it",
            ) from error
