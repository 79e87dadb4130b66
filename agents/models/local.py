"""Models that run in the process: llama.cpp behind the OpenAI protocol on a loopback port.

One server a process, model and setting, started at the first call for it and stopped at exit. Nothing else in the
program knows that the endpoint is not a remote one. Idle threads sleep (`poll = 0`), but working ones wait for each
other by spinning: with another busy process on the cores a call can take a hundred times as long, so never tune and
serve at once, or pass `threads=1`.
"""

from __future__ import annotations

import atexit
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.cores import usable_cores
from agents.errors import EndpointError, MissingExtra
from agents.models.network import spare_loopback
from agents.models.weights import find_weights

START_SECONDS = 180  # to load weights from a cold disk
PROMPT_CACHE_MB = 256  # prompts of idle slots kept in memory; llama.cpp's own default is 8192

_servers: dict[tuple[object, ...], tuple[Any, Endpoint]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Endpoint:
    """Where an embedded model listens, and the key of this start."""

    base_url: str
    api_key: str


@dataclass(frozen=True)
class Address:
    """Where a server listens for others than this process: port (0: any), key (empty: a new one), name of its model."""

    port: int = 0
    api_key: str = ""
    alias: str = ""


def serve(name: str, slots: int, context: int, threads: int | None = None, address: Address = Address()) -> Endpoint:
    """A healthy endpoint for the model `name` (of the table, or the path of a .gguf file).

    `slots` calls run at once, each with `context` tokens; `threads` defaults to the cores. The second call with the
    same arguments returns the same endpoint.

    Raises:
        WeightsError: the weights cannot be had or are not the right ones.
        EndpointError: llama.cpp cannot load them, or is not healthy after three minutes.

    """
    spare_loopback()
    key = (os.getpid(), name, slots, context, threads, address)
    with _lock:
        if key not in _servers:
            _servers[key] = _start(find_weights(name), name, slots, context, threads or usable_cores(), address)
        return _servers[key][1]


def stop(name: str) -> None:
    """Stop the servers of one model and free its memory; its file may be another one at the next start."""
    with _lock:
        for key in [key for key in _servers if key[:2] == (os.getpid(), name)]:
            del _servers[key]


def stop_all() -> None:
    """Stop every server of this process and free its memory."""
    with _lock:
        _servers.clear()  # the last reference: the server's threads end with the object


atexit.register(stop_all)


def _start(weights: Path, name: str, slots: int, context: int, threads: int, address: Address) -> tuple[Any, Endpoint]:
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingExtra('provider = "local" needs xllamacpp', "pip install xllamacpp") from error

    llama: Any = xllamacpp
    api_key = address.api_key or secrets.token_urlsafe(24)
    params = _settings(llama.CommonParams(), weights, address.alias or name, slots, context, threads, api_key)
    params.port = address.port
    try:
        server = llama.Server(params)
    except RuntimeError as error:
        raise EndpointError(
            f"llama.cpp cannot load {weights}: {error}", "is it a .gguf file, and is there memory for it?"
        ) from error
    endpoint = Endpoint(f"{server.listening_address}/v1", api_key)
    _await_health(server.listening_address)
    return server, endpoint


def _settings(params: Any, weights: Path, name: str, slots: int, context: int, threads: int, api_key: str) -> Any:
    params.model.path = str(weights)
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.api_keys = [api_key]
    params.n_parallel = slots
    params.n_ctx = context * slots
    params.cache_ram_mib = PROMPT_CACHE_MB
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 0
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = threads
        cpu.poll = 0
    return params


def _await_health(address: str) -> None:
    last = "no answer"
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError) as error:
            last = str(error)
        time.sleep(0.1)
    raise EndpointError(
        f"the embedded model was not healthy after {START_SECONDS} s: {last}",
        "is there memory for it? `ragtuned doctor`",
    )
