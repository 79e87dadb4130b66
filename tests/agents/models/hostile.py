"""A client against a server that means it ill: the toy role, the key, and what cannot be read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from agents.models.budget import Budget, Caps
from agents.models.client import Client
from agents.models.config import ModelConfig
from agents.models.openai_backend import OpenAIBackend
from agents.models.request import Request
from agents.models.store import CallStore, Reply
from agents.roles.role import Role
from tests.agents.models.test_openai_backend import Server

KEY = "sk-test-Zq8/w+L2_vN6=rT0xB4yM9kD3hF7"


class Thing(BaseModel):
    """What the toy role answers."""

    word: str = ""
    number: int = 0
    share: float = 0.0
    items: list[int] = []


ROLE = Role("toy", Thing, "Name {{what}}.", max_tokens=40)
HI = Request(role="toy", messages=[{"role": "user", "content": "Hi, who keeps the light?"}], max_tokens=5)
JUNK = {
    "brackets": "[" * 10_000,
    "braces": '{"items":' * 10_000,
    "object-and-brackets": '{"items":' + "[" * 10_000,
    "many-thoughts": "<think>" * 70_000,
    "half-a-megabyte": '{"word": "' + "x" * 500_000 + '"}',
    "quotation-marks": '"' * 500_000,
    "nan": '{"share": NaN}',
    "infinity": '{"share": 1e999}',
    "huge-number": '{"number": ' + "9" * 5_000 + "}",
    "large-number": '{"number": 1' + "0" * 400 + "}",
    "empty": "",
    "nothing": "null",
    "prose": "I would rather not.",
}
ODD = {
    "lone-surrogate": '{"word": "a\ud800b"}',
    "nul": '{"word": "a\x00b"}',
    "escaped-surrogate": '{"word": "a\\ud800b"}',
    "escaped-nul": '{"word": "a\\u0000b"}',
    "escaped-control": '{"word": "a\\u001bb"}',
}


def client_at(server: Server, store: CallStore, caps: Caps | None = None, **config: Any) -> Client:
    told = {
        "provider": "openai",
        "model": "toy",
        "base_url": server.url,
        "api_key_env": "TOY_KEY",
        "retries": 0,
        "timeout": 20,
        **config,
    }
    model = ModelConfig.model_validate(told)
    return Client(OpenAIBackend(model), store, model, budget=Budget(caps))


def asked(client: Client, *requests: Request) -> list[Reply]:
    async def all_of_them() -> list[Reply]:
        try:
            return [await client.ask(request) for request in requests]
        finally:
            await client.backend.close()

    return asyncio.run(all_of_them())


def of_role(client: Client) -> Thing:
    async def once() -> Thing:
        try:
            return await ROLE.ask(client, what="it")
        finally:
            await client.backend.close()

    return asyncio.run(once())


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def holds_key(data: bytes) -> bool:
    """Whether any twelve characters of the key stand in the bytes, plain or percent-encoded."""
    return any(
        form[at : at + 12].encode() in data for form in (KEY, quote(KEY, safe="")) for at in range(len(form) - 11)
    )
