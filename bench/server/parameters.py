"""What real servers refuse of a request, in their own words, and a model that spends its limit on thoughts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Body = Mapping[str, Any]
Refusal = tuple[Callable[[Body], bool], int, Any]
"""Whether a body is refused, by which status, and the answer."""
THOUGHTS = 600  # tokens that a model thinks before its first word


def _said(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}}


def _json_schema(body: Body) -> Body:
    return body.get("response_format", {}).get("json_schema", {})


EXTRA = {"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "Extra inputs are not permitted"}
PARAMETERS: dict[str, Refusal] = {
    "temperature": (  # OpenAI, gpt-5 and o-series
        lambda body: body.get("temperature", 1) != 1,
        400,
        _said(
            "Unsupported value: 'temperature' does not support 0.0 with this model. Only the default (1) is supported.",
            param="temperature",
            code="unsupported_value",
        ),
    ),
    "logprobs": (  # OpenAI, gpt-5
        lambda body: bool(body.get("logprobs")),
        403,
        _said("You are not allowed to request logprobs from this model"),
    ),
    "many-logprobs": (  # Fireworks
        lambda body: body.get("top_logprobs", 0) > 5,
        400,
        _said("Requested top_logprobs of 10, which is greater than the max allowed: 5"),
    ),
    "max_completion_tokens": (  # Mistral
        lambda body: "max_completion_tokens" in body,
        422,
        {"object": "error", "message": {"detail": [{**EXTRA, "input": 300}]}, "code": None},
    ),
    "max_tokens": (  # OpenAI, gpt-5
        lambda body: "max_tokens" in body,
        400,
        _said("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
    ),
    "reasoning_effort": (
        lambda body: "reasoning_effort" in body,
        400,
        _said("Unrecognized request argument supplied: reasoning_effort"),
    ),
    "seed": (lambda body: "seed" in body, 500, _said("seed is not implemented")),
    "strict": (  # OpenAI, where a schema is not closed
        lambda body: bool(_json_schema(body).get("strict")),
        400,
        _said(
            "Invalid schema for response_format 'X': 'additionalProperties' is required to be supplied and to be false"
        ),
    ),
    "json_schema": (lambda body: bool(_json_schema(body)), 400, _said("response_format json_schema is not supported")),
    "tools": (lambda body: "tools" in body, 404, _said("No endpoints found that support tool use.")),
    "bad-request": (lambda body: "response_format" in body, 400, {"detail": "Bad Request"}),
    "bare-logprobs": (lambda body: bool(body.get("logprobs")), 400, ""),
    "bare-temperature": (lambda body: "temperature" in body, 422, {"error": {"message": "Unprocessable Entity"}}),
    "response_format-500": (lambda body: "response_format" in body, 500, "Internal Server Error"),
    "system": (  # vLLM with Gemma's template
        lambda body: body["messages"][0]["role"] == "system",
        400,
        _said("System role not supported"),
    ),
    "system-500": (  # transformers serve with Gemma's template
        lambda body: body["messages"][0]["role"] == "system",
        500,
        "Internal Server Error",
    ),
}


def not_taken(habits: Sequence[str], body: Body) -> tuple[str, int, Any] | None:
    """(habit, status, answer) of the first habit that refuses `body`; None if none does."""
    for name in habits:
        if name in PARAMETERS and PARAMETERS[name][0](body):
            return name, *PARAMETERS[name][1:]
    return None


def all_thought(completion: dict[str, Any], body: Body) -> None:
    """Let a completion run into its limit before its first word, if the limit leaves no room to think."""
    if body.get("max_completion_tokens", body.get("max_tokens", 0)) < THOUGHTS:
        choice = completion["choices"][0]
        choice["message"] = {"role": "assistant", "content": "", "reasoning_content": "Okay, let me think …"}
        choice.update(finish_reason="length", logprobs=None)
