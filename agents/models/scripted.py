"""A model that answers from functions, one a role: tests and `--dry` runs drive the real path with it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from agents.models.dialect import Dialect
from agents.models.request import Request
from agents.models.store import Reply
from agents.text.words import CHARACTERS_PER_TOKEN


class ScriptedModel:
    """Answers each role by its function.

    A function takes the inputs its role's prompt was filled with and returns the object (or text, or
    `Reply`) to answer; an exception it returns is raised, so that faults can be scripted too.
    """

    spare = 0

    def __init__(self, scripts: dict[str, Callable[[dict[str, Any]], Any]], identity: str = "scripted") -> None:
        self.scripts = scripts
        self.identity = identity
        self.requests: list[Request] = []

    async def close(self) -> None:
        """Nothing to let go of."""

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        """Answer from the role's function."""
        self.requests.append(request)
        await asyncio.sleep(0)
        answer = self.scripts[request.role](request.inputs)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Reply):
            return answer
        if isinstance(answer, float):
            return Reply(
                text="yes" if answer >= 0.5 else "no",
                tokens_out=1,
                top_logprobs={"yes": math.log(answer + 1e-9), "no": math.log(1 - answer + 1e-9)},
            )
        text = answer.model_dump_json() if isinstance(answer, BaseModel) else str(answer)
        return Reply(
            text=text,
            tokens_in=sum(len(m["content"]) for m in request.messages) // CHARACTERS_PER_TOKEN,
            tokens_out=len(text) // CHARACTERS_PER_TOKEN,
        )
