"""The body of a chat completion: a request as one model takes it, by its config and its dialect."""

from __future__ import annotations

from typing import Any

from agents.models.config import ModelConfig
from agents.models.dialect import FEWER_LOGPROBS, Dialect
from agents.models.request import Request
from agents.records import Message

TOP_LOGPROBS = 10  # enough to find yes and no among the spellings of a first token
REASONING_TOKENS = 8_000  # on top of a role's limit where a model thinks; a limit costs nothing, only what is used does


def body(config: ModelConfig, request: Request, dialect: Dialect) -> dict[str, Any]:
    """All that a call sends, as a batch's line holds it; `[models.NAME] extra` goes before what stands here."""
    first_token = {}
    if request.logprobs and "logprobs" not in dialect.without:
        fewer = "many_logprobs" in dialect.without
        first_token = {"logprobs": True, "top_logprobs": FEWER_LOGPROBS if fewer else TOP_LOGPROBS}
    sent = {
        "model": config.model,
        "messages": _without_system(request.messages) if "system" in dialect.without else request.messages,
        dialect.limit: most_out(config, request, dialect),
        "temperature": request.temperature,
        **first_token,
        **_structured(request, dialect),
        **config.decides,
    }
    return {name: value for name, value in sent.items() if name and name not in dialect.without}


def most_out(config: ModelConfig, request: Request, dialect: Dialect) -> int:
    """The tokens that a reply may take: the role's limit, or the config's, with room to think where the model does."""
    own = None if request.logprobs else config.limit_of(request.role)
    return (own or request.max_tokens) + allowance(config, dialect)


def allowance(config: ModelConfig, dialect: Dialect) -> int:
    """The tokens that a model may think before its first word."""
    if config.reasoning_tokens is not None:
        return config.reasoning_tokens
    return REASONING_TOKENS if dialect.thinks else 0


def _without_system(messages: list[Message]) -> list[Message]:
    if messages[0]["role"] != "system":
        return messages
    system, first, *rest = messages
    return [{"role": first["role"], "content": f"{system['content']}\n\n{first['content']}"}, *rest]


def _structured(request: Request, dialect: Dialect) -> dict[str, Any]:
    """What a rung adds to a call that wants an object."""
    if not request.json_schema or dialect.rung == "prompt":
        return {}
    if dialect.rung == "json_object":
        return {"response_format": {"type": "json_object"}}
    if dialect.rung == "tools":
        function = {"name": request.schema_name, "parameters": request.json_schema}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": request.schema_name}},
        }
    strict = {} if "strict" in dialect.without else {"strict": True}
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": request.schema_name, "schema": request.json_schema, **strict},
        }
    }
