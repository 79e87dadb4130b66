"""A server's answer, whatever its shape, as one chat completion: contents in parts, streams, errors under a 200."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from agents.models.replies import stated

THOUGHTS = ("reasoning_content", "reasoning")  # fields that servers put a model's thoughts into
TOO_LONG = "length"
LINE_END = re.compile(r"\r\n|\r|\n")  # of an event; other line ends of Unicode may stand in its JSON as they are


class AnsweredError(Exception):
    """A server answered 200, and the body is an error; `status` is the one that it names, 500 if it names none."""

    def __init__(self, body: Any) -> None:
        super().__init__(words_in(body))
        code = body.get("code") if isinstance(body, dict) else None
        code = int(code) if isinstance(code, str) and code.isdecimal() and len(code) == 3 else code
        self.status = code if type(code) is int and 400 <= code < 600 else 500
        self.body = body


class NoChoice(ValueError):
    """A chat completion without a single choice, as gateways and filters send it."""


def completion_of(answer: Any) -> dict[str, Any]:
    """The chat completion in a body: an object, or the text of a stream, put together from its pieces.

    Its message has a text as content (parts joined, thoughts left out), and the counts of its usage are numbers: text
    or a list in their place would be an error, though the reply is there and paid.

    Raises:
        AnsweredError: the body is an error. NoChoice: it holds no choice. ValueError: it is no chat completion.

    """
    body = _streamed(answer) if isinstance(answer, str) else answer
    if not isinstance(body, dict):
        raise ValueError(f"found {type(body).__name__}: {str(body)[:200]}")
    if body.get("error"):
        raise AnsweredError(body["error"])
    choices = body.get("choices", ...)
    if choices is None or choices == []:
        raise NoChoice("the answer holds no choice")
    if not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise ValueError(f"no list of choices: {str(body)[:200]}")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise ValueError(f"no message: {str(body)[:200]}")
    usage = body.get("usage")
    tokens = usage if isinstance(usage, dict) else {}
    counts = {name: stated(tokens.get(name)) for name in ("prompt_tokens", "completion_tokens")}
    choice = {**choices[0], "message": _message(message, choices[0].get("finish_reason"))}
    return {**body, "choices": [choice], "usage": {**counts, "total_tokens": sum(counts.values())}}


def _message(message: dict[str, Any], finish: Any) -> dict[str, Any]:
    """The message with a text as content; where only the thoughts hold one and nothing was cut off, it is theirs."""
    content = message.get("content")
    text, thoughts = _parts(content) if isinstance(content, list) else (content or "", "")
    apart = next((message[field] for field in THOUGHTS if isinstance(message.get(field), str)), "")
    if not text and finish != TOO_LONG and not message.get("tool_calls") and not _refusal(message):
        text, apart = apart, ""
    role = message.get("role") or "assistant"
    return {**message, "role": role, "content": text, "thoughts": thoughts + apart, "refusal": _refusal(message)}


def _parts(parts: list[Any]) -> tuple[str, str]:
    """(text, thoughts) of a content in parts."""
    text, thoughts = [], []
    for part in parts:
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, dict):
            inner = part.get("text") or part.get("thinking") or part.get("reasoning") or ""
            said = "".join(_parts(inner)) if isinstance(inner, list) else str(inner)
            (text if part.get("type", "text") in ("text", "output_text") else thoughts).append(said)
    return "".join(text), "".join(thoughts)


def _refusal(message: Mapping[str, Any]) -> str:
    parts = message["content"] if isinstance(message.get("content"), list) else []
    said = [part.get("refusal") for part in parts if isinstance(part, dict)]
    return str(message.get("refusal") or next(filter(None, said), ""))


def is_stream(text: str) -> bool:
    """Whether a body is a stream of server-sent events."""
    return text.lstrip().startswith(("data:", "event:", ": ", "id:"))


def _streamed(text: str) -> dict[str, Any]:
    """The chat completion that the events of a stream add up to. Raises ValueError if there are none."""
    if not is_stream(text):
        raise ValueError(f"found text: {text[:200]}")
    whole: dict[str, Any] = {}
    message: dict[str, Any] = {"content": "", "thoughts": "", "tool_calls": {}}
    choice: dict[str, Any] = {"finish_reason": None, "logprobs": None}
    found = False
    for event in _events(text):
        if event.get("error"):
            raise AnsweredError(event["error"])
        whole.update({name: event[name] for name in ("id", "model", "usage") if event.get(name)})
        for piece in event.get("choices") or []:
            if piece.get("index"):
                continue
            found = True
            choice["finish_reason"] = piece.get("finish_reason") or choice["finish_reason"]
            choice["logprobs"] = choice["logprobs"] or piece.get("logprobs")  # those of the first token are read
            _append(message, piece.get("delta") or piece.get("message") or {})
    if not found:
        raise NoChoice("the stream holds no choice")
    calls = [message["tool_calls"][n] for n in sorted(message["tool_calls"])]
    said = {"content": message["content"], "reasoning_content": message["thoughts"], "tool_calls": calls or None}
    return {**whole, "choices": [{**choice, "message": {**said, "refusal": message.get("refusal")}}]}


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in LINE_END.split(text):
        name, _, value = line.partition(":")
        if name == "data" and value.strip() != "[DONE]":
            event = json.loads(value)
            if isinstance(event, dict):
                yield event


def _append(message: dict[str, Any], delta: Mapping[str, Any]) -> None:
    content = delta.get("content")
    text, thoughts = _parts(content) if isinstance(content, list) else (content or "", "")
    message["content"] += text
    message["thoughts"] += thoughts + next((delta[field] for field in THOUGHTS if delta.get(field)), "")
    if refusal := delta.get("refusal"):
        message["refusal"] = message.get("refusal", "") + refusal
    for call in delta.get("tool_calls") or []:
        said = call.get("function") or {}
        whole = message["tool_calls"].setdefault(
            call.get("index", 0), {"id": call.get("id") or "0", "type": "function", "function": {"arguments": ""}}
        )
        whole["function"]["arguments"] += said.get("arguments") or ""
        whole["function"].setdefault("name", said.get("name"))


def words_in(value: Any) -> str:
    """The message in an error, however deep the server packs it."""
    for _ in range(4):
        if isinstance(value, dict):
            value = value.get("message") or value.get("error") or value.get("detail") or value.get("code") or ""
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            value = value[0].get("msg") or value[0]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value else ""
