"""A recording from elsewhere: a wrong type is named by line, field and types.

Sizes are bounded; all or nothing is loaded.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from agents.models import recorded
from agents.models.store import CallStore

ROW: dict[str, Any] = {
    "role": "critic",
    "status": "ok",
    "request": {"model": "m", "messages": [{"role": "user", "content": "?"}]},
    "reply": {"text": "Yes.", "tokens_in": 3, "tokens_out": 2, "seconds": 0.5, "top_logprobs": {"Yes": -0.1}},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CallStore]:
    store = CallStore(tmp_path / "calls.sqlite")
    yield store
    store.close()


def changed(path: str, value: Any) -> dict[str, Any]:
    """The row with the field at `path` set to another value."""
    row = json.loads(json.dumps(ROW))
    *parents, last = path.split(".")
    at = row
    for name in parents:
        at = at[name]
    at[last] = value
    return row


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            changed("reply.tokens_in", "many"),
            r"line 2: reply\.tokens_in: Input should be a valid integer, found text: 'many'",
        ),
        (changed("reply.tokens_in", 10**30), r"line 2: reply\.tokens_in: .*less than 9007199254740992"),
        (
            changed("reply.tokens_out", -5),
            r"line 2: reply\.tokens_out: .*greater than or equal to 0, found a whole number: -5",
        ),
        (changed("reply.text", ["a"]), r"line 2: reply\.text: Input should be a valid string, found a list: \['a'\]"),
        (changed("reply.text", None), r"line 2: reply\.text: Input should be a valid string, found null"),
        (changed("reply.seconds", float("nan")), r"line 2: reply\.seconds: .*finite number"),
        (
            changed("reply.top_logprobs", {"Yes": "high"}),
            r"line 2: reply\.top_logprobs\.Yes: Input should be a valid number, found text: 'high'",
        ),
        (changed("reply.more", 1), r"line 2: reply\.more: Extra inputs are not permitted"),
        (changed("reply", "Yes."), r"line 2: reply: .*found text: 'Yes\.'"),
        (changed("status", "fine"), r"line 2: status: Input should be 'ok'.*found text: 'fine'"),
        (changed("role", 7), r"line 2: role: Input should be a valid string, found a whole number: 7"),
        (changed("request", []), r"line 2: request: .*found a list"),
        (
            changed("request.model", {"name": "m"}),
            r"line 2: request\.model: Input should be a valid string, found an object",
        ),
        (changed("request.model", "\ud800"), r"line 2: .*surrogates not allowed"),
        ({"rung": 1, "model": "m"}, r"line 2: rung: Input should be a valid string, found a whole number: 1"),
        ([ROW], r"line 2: row: .*found a list"),
        ("text", r"line 2: row: .*found text: 'text'"),
        (
            changed("reply.text", "x" * 1000) | {"role": {"a": "y" * 10_000}},
            r"line 2: role: .*found an object: .{1,200}…",
        ),
    ],
    ids=lambda value: "" if not isinstance(value, str) else value[:40],
)
def test_a_wrong_type_is_named_by_line_field_and_types(
    store: CallStore, tmp_path: Path, row: Any, message: str
) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{json.dumps(row)}\n")
    with pytest.raises(InputError, match=rf"calls\.jsonl is not a recording of calls: {message}"):
        store.load(path)
    assert store.count() == 0


@pytest.mark.parametrize(
    "line",
    ["[" * 100_000, '{"a": ' * 100_000, "\x00", "{}", "9" * 5000],
    ids=["brackets", "objects", "nul", "empty", "a-long-number"],
)
def test_a_line_that_is_no_call_is_named(store: CallStore, tmp_path: Path, line: str) -> None:
    (tmp_path / "calls.jsonl").write_text(f"{json.dumps(ROW)}\n{line}\n")
    with pytest.raises(InputError, match="is not a recording of calls: line"):
        store.load(tmp_path / "calls.jsonl")
    assert store.count() == 0


@pytest.mark.timeout(60)
def test_a_line_without_end_in_a_small_file_is_not_unpacked(store: CallStore, tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(300):
            file.write(b"x" * 1_000_000)
    with pytest.raises(InputError, match=r"line 1 has more than 20000000 bytes"):
        store.load(path)


def test_lines_without_end_in_a_small_file_are_not_unpacked(
    store: CallStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "MOST_UNPACKED", 1_000)
    path = tmp_path / "calls.jsonl.gz"
    path.write_bytes(gzip.compress(f"{json.dumps(ROW)}\n".encode() * 1000))
    with pytest.raises(InputError, match=r"unpacks to more than 1000 bytes, at line \d"):
        store.load(path)
    assert store.count() == 0
