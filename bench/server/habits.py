"""What servers of the OpenAI protocol do to an answer, or in its place: each habit by its name in docs/servers.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

FORBIDDEN = "Gatsby"  # the word that the filter of this server stops
MOST_PROMPT = 400  # characters that a server of a short context takes
Body = dict[str, Any]


def _content(change: Callable[[str], Any]) -> Callable[[Body], Body]:
    """The body with another content."""

    def changed(body: Body) -> Body:
        message = body["choices"][0]["message"]
        return _with_message(body, content=change(message.get("content") or ""))

    return changed


def _with_message(body: Body, **fields: Any) -> Body:
    choice = body["choices"][0]
    return {**body, "choices": [{**choice, "message": {**choice["message"], **fields}}]}


def _without(body: Body, *names: str) -> Body:
    return {name: value for name, value in body.items() if name not in names}


def _single(text: str) -> str:
    return repr(json.loads(text)) if text.startswith("{") else text


SHAPES: dict[str, Callable[[Body], Body]] = {
    "content in parts": _content(lambda text: [{"type": "text", "text": text}]),
    "thoughts in parts": _content(
        lambda text: [
            {"type": "thinking", "thinking": [{"type": "text", "text": 'Is it {"word": "no"}?'}]},
            {"type": "text", "text": text},
        ]
    ),
    "thoughts in the text": _content(lambda text: f'<think>Is it {{"word": "no"}}?</think>\n\n{text}'),
    "end of a thought": _content(lambda text: f'Is it {{"word": "no"}}?\n</think>\n\n{text}'),
    "reasoning_content": lambda body: _with_message(body, reasoning_content="Well, now."),
    "answer among the thoughts": lambda body: _with_message(
        body, content=None, reasoning_content=body["choices"][0]["message"]["content"]
    ),
    "code fence": _content(lambda text: f"Here is the JSON:\n```json\n{text}\n```\nI hope this helps!"),
    "trailing commas": _content(lambda text: re.sub(r"([}\]])", r",\1", text)),
    "single quotes": _content(_single),
    "smart quotes": _content(lambda text: re.sub(r'"([^"]*)"', "“\\1”", text)),
    "full-width punctuation": _content(
        lambda text: re.sub(r'"\s*:\s*', '"：', re.sub(r'",\s*"', '"，"', text)).replace("{", "｛").replace("}", "｝")
    ),
    "half an object": _content(lambda text: text[: len(text) * 3 // 4]),
    "no content": _content(lambda text: None),
    "no choice": lambda body: {**body, "choices": []},
    "null for choices": lambda body: {**body, "choices": None},
    "no usage": lambda body: _without(body, "usage"),
    "no finish_reason": lambda body: {**body, "choices": [_without(body["choices"][0], "finish_reason")]},
}
"""What becomes of the body of an answer."""


def _error(message: str, **more: Any) -> str:
    return json.dumps({"error": {"message": message, **more}})


PAGE = "<html><head><title>Forbidden</title></head><body><h1>Forbidden</h1><p>ray 99</p></body></html>"
REFUSALS: dict[str, tuple[int, str, dict[str, str]]] = {
    "wrong key": (401, _error("Incorrect API key provided: sk-…", code="invalid_api_key"), {}),
    "a page for a 403": (403, PAGE, {"Content-Type": "text/html"}),
    "plain text": (401, "no", {"Content-Type": "text/plain"}),
    "no such model": (404, _error('model "toy" not found, try pulling it first'), {}),
    "exhausted quota": (429, _error("You exceeded your current quota", code="insufficient_quota"), {}),
    "no balance": (402, _error("Insufficient Balance"), {}),
    "a refusal without a reason": (400, json.dumps({"detail": "Bad Request"}), {}),
    "error under a 200": (200, _error("Provider returned error", code=502), {}),
    "quota under a 200": (200, _error("Insufficient credits", code=402), {}),
    "long pause": (429, _error("Rate limit reached"), {"Retry-After": "3600"}),
    "pause until a date": (429, _error("Rate limit reached"), {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}),
}
"""What comes in place of every answer."""
FILTER = (
    400,
    _error(f"The response was filtered ({FORBIDDEN}) by the content management policy.", code="content_filter"),
)
CONTEXT = (400, _error("This model's maximum context length is 100 tokens. However, you requested 3000 tokens."))
STREAM = (400, _error("This model only supports streaming: set stream to true."))
SOMETIMES = ("filter", "short context", "streams only", "streams unasked")
PASSED_OVER = {
    "passes over schemas": ("response_format", "tools"),
    "passes over log-probabilities": ("logprobs", "top_logprobs"),
    "passes over max_completion_tokens": ("max_completion_tokens",),
}
"""What a server takes and does not heed: `transformers serve` all of it."""
OWN_LIMIT = 1024  # tokens of a reply whose limit is not heeded
HABITS = (*SHAPES, *REFUSALS, *SOMETIMES, *PASSED_OVER)


def refused(habits: tuple[str, ...], asked: Body) -> web.Response | None:
    """What a server of these habits answers in place of a completion; None: it answers."""
    prompt = json.dumps(asked["messages"], ensure_ascii=False)
    answers = [REFUSALS[habit] for habit in habits if habit in REFUSALS]
    if "filter" in habits and FORBIDDEN in prompt:
        answers.append((*FILTER, {}))
    if "short context" in habits and len(prompt) > MOST_PROMPT:
        answers.append((*CONTEXT, {}))
    if "streams only" in habits and not asked.get("stream"):
        answers.append((*STREAM, {}))
    for status, text, headers in answers:
        return web.Response(status=status, text=text, headers={"Content-Type": "application/json", **headers})
    return None


def heeded(habits: tuple[str, ...], body: bytes) -> bytes:
    """The body of a request as a server of these habits reads it."""
    if not (names := {name for habit in habits for name in PASSED_OVER.get(habit, ())}):
        return body
    return json.dumps({name: value for name, value in json.loads(body).items() if name not in names}).encode()


def unlimited(habits: tuple[str, ...], completion: Body, asked: Body) -> Body:
    """The completion that runs on to the server's own limit where none was heeded."""
    if "passes over max_completion_tokens" not in habits or "max_tokens" in asked:
        return completion
    choice = completion["choices"][0]
    said = _with_message(completion, content=choice["message"]["content"] + " And so on." * (OWN_LIMIT // 4))
    choice = {**said["choices"][0], "finish_reason": "length"}
    return {**said, "choices": [choice], "usage": {**completion["usage"], "completion_tokens": OWN_LIMIT}}


def answered(habits: tuple[str, ...], body: Body, streamed: bool) -> web.Response:
    """The completion as a server of these habits sends it; `streamed`: it was asked for as a stream."""
    for habit in habits:
        body = SHAPES[habit](body) if habit in SHAPES else body
    if streamed or "streams unasked" in habits:
        return web.Response(text=_events(body), content_type="text/event-stream")
    return web.json_response(body)


def _events(body: Body) -> str:
    """The completion as a stream: three pieces, the end with its usage."""
    choice = body["choices"][0]
    text, third = choice["message"]["content"] or "", max(1, len(choice["message"]["content"] or "") // 3)
    pieces = [text[:third], text[third : 2 * third], text[2 * third :]]
    deltas: list[Body] = [{"delta": {"role": "assistant", "content": piece}, "finish_reason": None} for piece in pieces]
    events = [{**_without(body, "usage"), "choices": [{"index": 0, **delta}]} for delta in deltas]
    events += [{**body, "choices": [{"index": 0, "delta": {}, "finish_reason": choice.get("finish_reason")}]}]
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
