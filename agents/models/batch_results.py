"""A batch's results, as the Batch API and `vllm run-batch` write them, brought into the call store.

One line a request, in any order. A good line is kept whatever the others are, since each is paid.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.errors import EndpointError, InputError, RefusedReply, TruncatedReply
from agents.models import server_errors
from agents.models.body import body
from agents.models.client import STATUS
from agents.models.completions import AnsweredError, NoChoice, words_in
from agents.models.config import ModelConfig
from agents.models.dialect import LADDER, Dialect, Unsupported, unsupported
from agents.models.masking import Mask
from agents.models.openai_backend import OpenAIBackend
from agents.models.pending import PendingRequest
from agents.models.recorded import each_line
from agents.models.replies import readable
from agents.models.request import Request
from agents.models.store import CallStore, Reply, StoredCall

PASSING = (401, 402, 403, 408, 409, 425, 429)  # 4xx that say nothing against the request itself
LONGEST_WORDS = 300  # characters of what a server says
COUNTED = ("answered", "truncated", "refused", "rejected", "failed", "known", "unknown", "unreadable")
RESULT = {"response", "error"}  # a line of results has one of these fields, or both
MOST_CHECKED = 20  # lines at the top of a file that tell what it is


@dataclass
class BatchResults:
    """What the lines of a file came to; each line counts once.

    `answered` + `truncated` + `refused` are stored now. `rejected`: the server answered 4xx to the request as it is;
    `failed`: 5xx, expired, or no chat completion. `known`: there is a reply already, of this file or an earlier one.
    `unknown`: of another project, or of none. `unreadable`: no line of results, or half of one.
    """

    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTED, 0)))
    said: Counter[str] = field(default_factory=Counter)
    """What servers said to requests that were rejected or failed."""
    still_out: dict[str, int] = field(default_factory=dict)
    """Requests without a reply, by the day on which they were written."""
    roles: set[str] = field(default_factory=set)
    """Who had asked what was answered or not."""
    dialects: dict[str, Dialect] = field(default_factory=dict)
    """What is sent from now on, by model whose server refused a part of what was."""


def holds_results(path: Path) -> bool:
    """Whether one of the first lines of `path` is a result of a batch.

    Raises:
        InputError: it holds requests; or as `each_line` does.

    """
    try:
        for number, line in each_line(path):
            row = _object(line)
            if row and "custom_id" in row:
                if "body" in row and "response" not in row:
                    raise InputError(f"{path} holds the requests of a batch", "name the file of its results")
                return bool(RESULT & row.keys())
            if number == MOST_CHECKED:
                break
    except (OSError, EOFError, zlib.error):
        return False  # told by who reads it as a recording
    return False


def import_results(store: CallStore, path: Path, mask: Mask | None = None) -> BatchResults:
    """Store the replies of a batch under the keys of their requests; `mask` takes secrets out of them.

    Raises:
        InputError: no line belongs to a request of this project, or a line is out of all bounds.

    """
    work = _Import(store, mask or Mask())
    with store.transaction():
        for row in _rows(path):
            work.found.counts[work.take(row)] += 1
        work.learn()
    counts = work.found.counts
    if counts.total() == counts["unknown"] + counts["unreadable"]:
        raise InputError(
            f"{path}: none of its {counts.total()} lines answers a request of this project",
            "is it the file of results, and -C the project that wrote the requests?",
        )
    work.found.still_out = store.pending.by_day()
    return work.found


class _Import:
    """One file on its way into the store."""

    def __init__(self, store: CallStore, mask: Mask) -> None:
        self.store = store
        self.mask = mask
        self.found = BatchResults()
        self._refused: set[tuple[str, str]] = set()
        self._backends: dict[str, OpenAIBackend] = {}

    def take(self, row: dict[str, Any] | None) -> str:
        """Store one result; returns what it counts as."""
        if row is None or not isinstance(row.get("custom_id"), str) or not RESULT & row.keys():
            return "unreadable"
        key = readable(row["custom_id"])  # half a surrogate pair is no key of ours, and SQLite takes none
        call, pending = self.store.get(key), self.store.pending.get(key)
        if call and (call.status == "ok" or not pending):
            self.store.pending.forget(key)  # a live call was quicker
            return "known"
        if not pending:
            return "unknown"
        self.found.roles.add(pending.role)
        code, said, completion = _outcome(row)
        if completion is not None:
            try:
                return self._stored(pending, self._read(pending, completion))
            except EndpointError as error:
                code, said = 0, error.what
            except AnsweredError as error:
                code, said = error.status, words_in(error.body)
            except NoChoice as error:
                code, said = 400, str(error)  # asked again, and given up in the end
            except Unsupported as found:
                self._refused.add((pending.identity["model"], found.name))
                code, said = 0, "all thought until its limit"
        return self._unanswered(pending, code, readable(self.mask(said))[:LONGEST_WORDS])

    def _read(self, pending: PendingRequest, completion: Any) -> StoredCall:
        """The call as a live one would be stored. Raises `EndpointError` for what is no chat completion."""
        model = str(pending.identity["model"])
        if model not in self._backends:
            self._backends[model] = OpenAIBackend(_config(model), self.mask)
        try:
            reply = self._backends[model].read(completion, _asked(pending), self.store.dialect(model))
            return StoredCall(status="ok", reply=reply)
        except (TruncatedReply, RefusedReply) as error:
            return StoredCall(status=STATUS[type(error)], reply=Reply(text=error.raw, batched=True))

    def _stored(self, pending: PendingRequest, call: StoredCall) -> str:
        self.store.put(pending.key, pending.role, pending.identity, call)
        self.store.pending.forget(pending.key)
        return {"ok": "answered", "truncated": "truncated"}.get(call.status, "refused")

    def _unanswered(self, pending: PendingRequest, code: int, said: str) -> str:
        """Asked again in the next round; a server that refuses it as it is says so each time."""
        self.found.said[f"{code}: {said}" if code else said] += 1
        kind = server_errors.kind_of(code, said) if code else "later"
        if kind in ("filtered", "too long"):  # a second time would end so too
            return self._stored(pending, StoredCall(status=kind, reply=Reply(text=said, batched=True)))
        if kind == "quota":
            return "failed"
        if not 400 <= code < 500 or code in PASSING:
            return "failed"
        model, asked = pending.identity["model"], _asked(pending)
        dialect = self.store.dialect(model).on(pending.identity["rung"])
        if name := unsupported(code, said, body(_config(model), asked, dialect)):
            self._refused.add((model, name))  # its next round is another request
        else:
            self.store.pending.refused(pending.key, said)
        return "rejected"

    def learn(self) -> None:
        """What the models do not take, as live calls would have found it out.

        No rung that worked once: all its replies would be paid for again.
        """
        for model, name in sorted(self._refused):
            if name not in LADDER or not self.store.holds(model, name):
                dialect = self.store.dialect(model).knowing(name)
                self.found.dialects[model] = dialect
                self.store.set_dialect(model, dialect)


def _rows(path: Path) -> Iterator[dict[str, Any] | None]:
    """Each line as an object; None for one that is none, and for the end of a gzip file that was cut off."""
    try:
        for _, line in each_line(path):
            if line.strip():
                yield _object(line)
    except (EOFError, zlib.error):
        yield None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _asked(pending: PendingRequest) -> Request:
    own = {k: v for k, v in pending.identity.items() if k not in ("model", "rung", "extra")}
    return Request(role=pending.role, **own)


def _config(model: str) -> ModelConfig:
    return ModelConfig.model_validate({"provider": "openai", "model": model})


def _outcome(row: dict[str, Any]) -> tuple[int, str, Any]:
    """(HTTP status or 0, what the server said, the chat completion or None)."""
    response, error = row.get("response"), row.get("error")
    code = response.get("status_code", 200) if isinstance(response, dict) else 0
    code = code if type(code) is int else int(code) if str(code).isdecimal() and len(str(code)) == 3 else 0
    body = response.get("body") if isinstance(response, dict) else None
    if not error and isinstance(response, dict) and 200 <= code < 300:
        return code, "", body if body is not None else {}
    return code, words_in(error) or words_in(body) or "no response", None
