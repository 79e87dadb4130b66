"""A provider of batches for tests: takes the files of requests, answers each by its custom_id, and writes results."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import BatchWritten, RefusedReply, TruncatedReply
from agents.models.batch import Batch
from agents.models.batch_results import import_results
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect, Rung
from agents.models.recorded import read_recording
from agents.models.request import ModelBackend, Request
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore, Reply, StoredCall, call_key
from agents.project import Project
from graphs.run import synthesize
from graphs.run_record import RunRecord

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


class BatchProvider:
    """Answers files of requests by a scripted model, which sees what each prompt was filled with."""

    def __init__(self, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.model = model
        self.asked: dict[str, tuple[Request, Rung]] = {}
        add = Batch.add

        def noted(
            batch: Batch, key: str, request: Request, identity: Mapping[str, Any], dialect: Dialect, config: ModelConfig
        ) -> None:
            self.asked[key] = (request, dialect.rung)
            add(batch, key, request, identity, dialect, config)

        monkeypatch.setattr(Batch, "add", noted)

    def completion(self, row: dict[str, Any]) -> dict[str, Any]:
        """What the model says to one request."""
        try:
            return completion(asyncio.run(self.model.call(*self.asked[row["custom_id"]])))
        except (TruncatedReply, RefusedReply) as error:
            return completion(Reply(text=error.raw), LENGTH if isinstance(error, TruncatedReply) else REFUSED)


def until_finished(
    project: Project,
    console: Console,
    backend: ModelBackend,
    completion_of: Callable[[dict[str, Any]], Mapping[str, Any]],
    most: int = 40,
    **options: Any,
) -> tuple[RunRecord, list[dict[str, Any]]]:
    """Synthesize in batches; returns the record and what was told of each round."""
    requests, results = project.directory / "requests.jsonl", project.directory / "results.jsonl"
    rounds: list[dict[str, Any]] = []
    while len(rounds) < most:
        try:
            return synthesize(project, console, backend=backend, batch=requests, **options), rounds
        except BatchWritten as written:
            rounds.append(dict(written.batch))
        answer(requests, results, completion_of)
        store = CallStore(project.calls)
        import_results(store, results)
        store.close()
    raise AssertionError(f"not finished in {most} rounds")
