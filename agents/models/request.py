"""One call to a model: what is asked for, how, and who makes it.

A role hands in a `Request`, a `ModelBackend` answers it with a `Reply`, or says by an exception what came instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import Field, field_validator

from agents.errors import ModelError
from agents.models.dialect import Dialect, Rung
from agents.models.store import Reply
from agents.records import Item, Message
from agents.text.control_tokens import messages_as_text

BYTES_PER_TOKEN = 3  # the fewest of prose, a character each in Chinese: what a prompt may take is not guessed too low


class Request(Item):
    """One call: what decides its reply, and beside it who goes first and what the prompt was filled with.

    The lowest `rank` goes first when places are short; `inputs` are for the scripted model. `cut_is_reply`: what ran
    into the limit is of use as it is, so that one in the store is not asked for again.
    Its messages hold no mark of a chat template: the server's own tokenizer would take it for the control token.
    """

    role: str
    messages: list[Message]
    schema_name: str = ""
    json_schema: dict[str, Any] | None = None
    max_tokens: int
    temperature: float = 0.0
    logprobs: bool = False
    sample: int = 0
    rank: int = Field(default=0, exclude=True)
    inputs: dict[str, Any] = Field(default={}, exclude=True)
    cut_is_reply: bool = Field(default=False, exclude=True)

    @field_validator("messages")
    @classmethod
    def _are_text(cls, messages: list[Message]) -> list[Message]:
        return messages_as_text(messages)

    def followed_by(self, messages: Sequence[Message]) -> Request:
        """The same request with more turns."""
        return self.model_copy(update={"messages": [*self.messages, *messages_as_text(messages)]})

    def identity(self, model: str, rung: Rung) -> dict[str, Any]:
        """Everything the call store's key is made of."""
        return {"model": model, "rung": rung, **self.model_dump(exclude={"role"})}

    @property
    def most_tokens(self) -> tuple[int, int]:
        """The most tokens of the prompt and of the reply."""
        return estimated_tokens(
            *(m["content"] for m in self.messages), str(self.json_schema) if self.json_schema else ""
        ), self.max_tokens


def estimated_tokens(*texts: str) -> int:
    """The tokens of texts where nobody counted them: a third of their bytes as UTF-8, at least 1."""
    return sum(len(text.encode(errors="replace")) for text in texts) // BYTES_PER_TOKEN + 1


class ModelBackend(Protocol):
    """Makes one call. Raises `ModelError`s; `Unsupported` if the server does not take a part of it.

    `spare` calls beyond the config's calls_at_once may be handed in, so that one is ready when another ends; no more
    than calls_at_once go out.
    """

    identity: str
    spare: int

    async def call(self, request: Request, dialect: Dialect) -> Reply:
        """The reply to `request`, asked for as the model takes it."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Busy(Exception):
    """Worth another try after `after` seconds (the server's Retry-After), if it said so.

    `error` is raised when the tries are spent. `sent`: the prompt may have been read, and the reply written and billed,
    though it never came. `stays`: what keeps a call from the server (no such host, nothing on that port) will hardly
    pass in a moment.
    """

    def __init__(self, error: ModelError, after: float | None = None, sent: bool = False, stays: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.sent = sent
        self.stays = stays
