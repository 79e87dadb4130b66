"""Where a model's server is, and which key it may see: a key goes to the server it was made for, and to no other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, parse_qsl, urlsplit

from agents.errors import ConfigError
from agents.models.config import ModelConfig
from agents.models.masking import is_secret
from agents.models.network import check_way, is_loopback, proxy_of
from agents.models.providers import address, check_installed, entry_of, key_variable

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
KEY = re.compile(r"[!-~]+")  # what a header carries: no space, no line break


def key_of(config: ModelConfig) -> str:
    """The key for the model's server; empty where it gets none.

    Without an `api_key_env` of its own a server on this machine gets no key, and one of another host than the
    provider's is refused as long as the variable holds a key: it is not that server's.

    Raises:
        ConfigError: no key where one is needed; one that is for another server; one that no header can carry; a
            base_url that is none, or holds a password.

    """
    variable, provider = key_variable(config), entry_of(config)
    if not NAME.fullmatch(variable):
        raise ConfigError(
            "api_key_env is no name of an environment variable",
            "the key itself goes into the environment, its variable's name here",
        )
    key = os.environ.get(variable, "").strip()
    url = _split(config)
    if not key:
        if config.base_url is None and provider.needs_key:
            raise ConfigError(
                f"no key: the environment variable {variable} is empty",
                'export it, or set provider = "local"',
            )
        return ""
    if not (_is_named(config) or _is_provider(url, provider.hosts)):
        if not is_loopback(url) and is_secret(key):
            raise ConfigError(
                f"the key in {variable} is not sent to {shown(config)}: it may be another server's",
                (
                    "set api_key_env of the model to the variable that holds this server's key (one that is not set, "
                    "if it wants none)"
                ),
            )
        return ""
    if not KEY.fullmatch(key):
        raise ConfigError(
            f"the key in {variable} holds a space, a line break or a letter that no header carries",
            "export it again",
        )
    return key


def shown(config: ModelConfig) -> str:
    """The URL as messages name it: without user, password and query."""
    if not config.base_url and config.provider == "openai":
        return "the provider's endpoint"
    return re.sub(r"//[^/?#]*@", "//", address(config)).partition("?")[0]


def proxied(config: ModelConfig) -> str:
    """The proxy that the way to the model's server goes through, without its password; empty where there is none."""
    return proxy_of(_split(config))


def way(config: ModelConfig) -> str:
    """The URL with the proxy that the way there goes through."""
    proxy = proxied(config)
    return f"{shown(config)} (through the proxy {proxy})" if proxy else shown(config)


def secrets_in_url(config: ModelConfig) -> list[str]:
    """What of base_url may be a secret: the values of its query."""
    return [value for _, value in parse_qsl(_split(config).query)]


def headers_of(config: ModelConfig) -> dict[str, str]:
    """The config's headers, those that begin with "$" from the environment.

    Raises:
        ConfigError: such a variable is empty.

    """
    found = {}
    for name, value in config.headers.items():
        found[name] = os.environ.get(value[1:], "").strip() if value.startswith("$") else value
        if not found[name]:
            raise ConfigError(f"the header {name} is empty: {value}", "export the variable, or take the header out")
    return found


def secrets_of(config: ModelConfig) -> list[str]:
    """What may be a secret of a model's: its key, if the environment holds one, its headers, what its URL carries."""
    headers = (os.environ.get(v[1:], "").strip() if v.startswith("$") else v for v in config.headers.values())
    return [os.environ.get(key_variable(config), "").strip(), *headers, *secrets_in_url(config)]


def warnings(config: ModelConfig) -> Iterator[str]:
    """What a person should know before documents and keys are sent to the model's server, a line each.

    Raises:
        ConfigError: the way there cannot be tried: its proxy, or the file of certificates.
        MissingExtra: the package that speaks to the provider is not installed.

    """
    if config.provider == "local":
        return
    check_installed(config)
    url = _split(config)
    check_way(url)
    if url.scheme == "http" and not is_loopback(url):
        yield f"{shown(config)} is reached without encryption: documents and the key can be read on the way (use https)"
    found = os.environ.get(key_variable(config), "")
    if found != found.strip():
        yield f"the key in {key_variable(config)} has a space or a line break around it, which is left out"


def _is_named(config: ModelConfig) -> bool:
    """Whether the project itself says which variable holds the key."""
    return "api_key_env" in config.model_fields_set


def _is_provider(url: SplitResult, hosts: Sequence[str]) -> bool:
    """Whether the provider's key is for that server; one without hosts of its own has it for any."""
    host = url.hostname or ""
    return not hosts or url.scheme == "https" and any(host == own or host.endswith(f".{own}") for own in hosts)


def _split(config: ModelConfig) -> SplitResult:
    base = address(config)
    try:
        url = urlsplit(base)
        _ = url.port  # a wrong one is found out when it is asked for
    except ValueError:
        url = SplitResult("", "", "", "", "")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ConfigError(
            f"base_url = {shown(config)!r} is not the URL of a server", 'write it as "http://127.0.0.1:8000/v1"'
        )
    if url.username is not None or url.password is not None:  # the client refuses it too, in the middle of a run
        raise ConfigError(
            f"base_url of {shown(config)} holds a user or a password",
            "put it into the environment and name it as api_key_env",
        )
    return url
