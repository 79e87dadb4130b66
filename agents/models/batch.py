"""The requests of one start that wait for a batch's results, written in the form of the OpenAI Batch API.

A request is named by its key in the call store (custom_id), so that its reply is stored as a live call's would be.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from agents.errors import BatchWritten, BudgetReached, ConfigError, InputError, Waiting
from agents.files import write_jsonl
from agents.models.body import body, most_out
from agents.models.budget import Budget
from agents.models.config import ModelConfig
from agents.models.dialect import Dialect
from agents.models.providers import BATCHED
from agents.models.request import Request
from agents.models.store import CallStore

URL = "/v1/chat/completions"
FIELDS = {"custom_id", "method", "url", "body"}
MOST_LINES = 50_000  # that the Batch API takes in one file, and
MOST_BYTES = 190_000_000  # of 200 MB


@dataclass(frozen=True)
class BatchRequest:
    """One line to be, with the most it can take: tokens in and out, and USD at the price of a batch."""

    key: str
    role: str
    identity: Mapping[str, Any]
    body: Mapping[str, Any]
    most_tokens: tuple[int, int]
    cost: float | None

    @property
    def line(self) -> dict[str, Any]:
        """What the file holds of it."""
        return {"custom_id": self.key, "method": "POST", "url": URL, "body": self.body}


class Batch:
    """The requests that wait, each once; one for all models of a start, whose caps bound what is written.

    Raises:
        InputError: there is something else at `path`.

    """

    def __init__(self, path: Path, store: CallStore, budget: Budget) -> None:
        self.path = path
        self.store = store
        self.budget = budget
        self.requests: dict[str, BatchRequest] = {}
        self.held_back: dict[str, str] = {}
        """The caps that a request would go above, by key: it is written another time."""
        if path.exists() and not holds_requests(path):
            raise InputError(f"{path} is there, and is no file of requests", "name another file with --batch")

    @property
    def waits(self) -> bool:
        """Whether something that this start needs has no reply yet."""
        return bool(self.requests or self.held_back)

    def add(
        self, key: str, request: Request, identity: Mapping[str, Any], dialect: Dialect, config: ModelConfig
    ) -> None:
        """Take a request in, unless a cap forbids it."""
        if key in self.requests:
            return
        most_in, most = request.most_tokens[0], most_out(config, request, dialect)
        cost = config.cost(most_in, most, batched=True)
        if over := self.budget.take(most_in + most, cost):
            self.held_back[key] = over
            return
        self.requests[key] = BatchRequest(
            key,
            request.role,
            identity,
            body(config, request, dialect),
            (most_in, most),
            cost if config.priced else None,
        )

    def write(self) -> dict[str, Any]:
        """Write the files; those of an earlier round go. Returns what a program is told of them.

        Raises:
            BudgetReached: not one request fits under the caps.

        """
        if not self.requests:
            raise BudgetReached(
                f"{next(iter(self.held_back.values()))} is reached before the first request",
                "the same command with a higher cap goes on from here",
            )
        requests = list(self.requests.values())
        before = [known.day for r in requests if (known := self.store.pending.get(r.key))]
        self.store.pending.add((r.key, r.role, r.identity) for r in requests)
        self.clear()
        parts = list(_parts(sorted(requests, key=lambda r: r.body["model"])))
        paths = [self.path] if len(parts) == 1 else [_numbered(self.path, n) for n in range(1, len(parts) + 1)]
        for path, part in zip(paths, parts, strict=True):
            write_jsonl(path, (r.line for r in part))
        costs = [r.cost for r in requests if r.cost is not None]
        return {
            "files": [
                {"path": str(path), "model": part[0].body["model"], "requests": len(part)}
                for path, part in zip(paths, parts, strict=True)
            ],
            "requests": len(requests),
            "by_role": dict(sorted(Counter(r.role for r in requests).items())),
            "tokens_in": sum(r.most_tokens[0] for r in requests),
            "tokens_out": sum(r.most_tokens[1] for r in requests),
            "cost": round(sum(costs), 6) if len(costs) == len(requests) else None,
            "written_before": len(before),
            "first_written": min(before, default=""),
            "held_back": len(self.held_back),
        }

    def clear(self) -> None:
        """Remove the files of an earlier round, and nothing else."""
        numbered = self.path.parent.glob(f"{self.path.stem}-*{self.path.suffix}")
        own = [p for p in numbered if p.stem.removeprefix(f"{self.path.stem}-").isdecimal()]
        for path in (self.path, *own):
            if path.is_file() and holds_requests(path):
                path.unlink()


@contextmanager
def one_round(batch: Batch | None) -> Iterator[None]:
    """Write what waits inside the block; where nothing does, the files of earlier rounds go.

    Raises:
        BatchWritten: something waits, and all of it is written.
        BudgetReached: as `Batch.write` does.

    """
    try:
        yield
    except Waiting:
        assert batch is not None
        raise BatchWritten(batch.write()) from None
    if batch:
        batch.clear()


def refuse_embedded(models: Mapping[str, ModelConfig]) -> None:
    """Raises `ConfigError` if a role (the keys) is spoken by a model that no batch reaches."""
    if embedded := [role for role, config in models.items() if config.provider not in BATCHED]:
        first = models[embedded[0]]
        who = "the embedded model" if first.provider == "local" else first.model
        raise ConfigError(
            f"--batch: {who} speaks for {', '.join(embedded)}, and no batch reaches it",
            'give them a model with provider = "openai" (see docs/batches.md), or leave --batch away',
        )


def holds_requests(path: Path) -> bool:
    """Whether `path` is a file whose first line is a request of a batch; an empty one is as good."""
    try:
        with path.open("rb") as lines:
            first = lines.readline(MOST_BYTES)
        return not first or json.loads(first).keys() >= FIELDS
    except (OSError, ValueError, RecursionError, AttributeError):
        return False


def _numbered(path: Path, n: int) -> Path:
    return path.with_name(f"{path.stem}-{n}{path.suffix}")


def _parts(requests: Sequence[BatchRequest]) -> Iterator[list[BatchRequest]]:
    """Files of one model each, and none larger than the API takes; `requests` are sorted by model."""
    for _, of_model in groupby(requests, key=lambda r: r.body["model"]):
        part: list[BatchRequest] = []
        size = 0
        for request in of_model:
            length = len(json.dumps(request.line, ensure_ascii=False).encode()) + 1
            if part and (len(part) == MOST_LINES or size + length > MOST_BYTES):
                yield part
                part, size = [], 0
            part.append(request)
            size += length
        yield part
