"""A provider of batches for tests: takes the files of requests, answers each by its custom_id, and writes results."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agents.models.recorded import read_recording
from agents.models.store import Reply, StoredCall, call_key

LENGTH, REFUSED = "length", "content_filter"


def completion(reply: Reply, finish: str = "stop") -> dict[str, Any]:
    """A chat completion that says what the reply does."""
    tops = [{"token": token, "logprob": p, "bytes": None} for token, p in reply.top_logprobs.items()]
    logprobs = {"content": [{"token": "x", "logprob": 0.0, "top_logprobs": tops}]} if tops else None
    message = {"role": "assistant", "content": reply.text}
    usage = {"prompt_tokens": reply.tokens_in, "completion_tokens": reply.tokens_out}
    usage["total_tokens"] = sum(usage.values())
    choice = {"index": 0, "finish_reason": finish, "message": message, "logprobs": logprobs}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "toy", "choices": [choice], "usage": usage}


def result(custom_id: str, body: Any, status: int = 200, error: Any = None) -> dict[str, Any]:
    """A line of results."""
    response = {"status_code": status, "request_id": "r", "body": body}
    return {"id": f"batch_req_{custom_id[:8]}", "custom_id": custom_id, "response": response, "error": error}


def recorded_calls(path: Path) -> dict[str, StoredCall]:
    """The calls of a recording by their keys."""
    rows = [row for row in read_recording(path) if "rung" not in row]
    return {call_key(row["request"]): StoredCall(status=row["status"], reply=Reply(**row["reply"])) for row in rows}


def answered(call: StoredCall) -> dict[str, Any]:
    """The completion of a recorded call, as it ended."""
    finish = {"truncated": LENGTH, "refused": REFUSED}.get(call.status, "stop")
    return completion(call.reply, finish)


def requests_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def answer(requests: Path, results: Path, completion_of: Callable[[dict[str, Any]], Mapping[str, Any]]) -> int:
    """Answer every request of a file, the last one first; returns how many there were."""
    lines = [result(row["custom_id"], completion_of(row)) for row in reversed(requests_of(requests))]
    results.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return len(lines)
