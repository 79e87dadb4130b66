"""A training file as a trainer sees it: which tokens of a row are under loss, and which rows it would drop and why.

Ours and foreign files: messages, prompt–completion, ShareGPT and Alpaca, one row a line or all in one JSON list.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from agents.errors import InputError
from agents.files import read_text
from agents.records import Message
from tuning.dataset import IGNORED, ROLES, Row, Tokens, encode

Reason = Literal["unreadable", "no answer", "refused by the template", "too long", "duplicate"]
SHAREGPT = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system"}
"""Who speaks in a ShareGPT row, by the names in use."""


@dataclass
class Validated:
    """What a trainer makes of a file; `rows` are kept ones, `dropped` the name and reason of each other one."""

    forms: Counter[str] = field(default_factory=Counter)
    rows: list[Tokens] = field(default_factory=list)
    dropped: list[tuple[str, Reason, str]] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were dropped, by reason, the commonest first."""
        return dict(Counter(reason for _, reason, _ in self.dropped).most_common())


def validate(path: Path, tokenizer: Any, max_length: int) -> Validated:
    """Read the rows of a file of any known format and tokenise them as training does.

    Raises:
        InputError: no such file, no text, no row in it, or a base without a chat template.

    """
    found, seen = Validated(), set[tuple[int, ...]]()
    for name, raw in _read(path):
        form, messages = _messages(raw)
        if not messages:
            found.dropped.append((name, "unreadable", form))
            continue
        found.forms[form] += 1
        name = str(raw.get("id") or name)
        if fault := _unanswered(messages):
            found.dropped.append((name, "no answer", fault))
            continue
        tokens = _tokens(name, messages, tokenizer)
        key = tuple(tokens.input_ids) if isinstance(tokens, Tokens) else ()
        if isinstance(tokens, str):
            found.dropped.append((name, "refused by the template", tokens))
        elif len(tokens.input_ids) > max_length:
            found.dropped.append((name, "too long", f"{len(tokens.input_ids)} tokens, at most {max_length}"))
        elif key in seen:
            found.dropped.append((name, "duplicate", "of an earlier row"))
        else:
            found.rows.append(tokens)
        seen.add(key)
    if not found.rows and not found.dropped:
        raise InputError(f"{path} holds no row", "name a file of training rows, such as runs/NAME/data/train.jsonl")
    return found


def pieces(row: Tokens, tokenizer: Any) -> list[tuple[str, bool]]:
    """The text of a row in pieces, each with whether its tokens are under loss."""
    pairs = zip(row.input_ids, row.labels, strict=True)
    runs = [(loss, [token for token, _ in run]) for loss, run in groupby(pairs, lambda pair: pair[1] != IGNORED)]
    return [(tokenizer.decode(ids, skip_special_tokens=False), loss) for loss, ids in runs]


def _read(path: Path) -> Iterable[tuple[str, Any]]:
    """The rows of the file, each named by its line or its place in the list."""
    text = read_text(path, "name a file of training rows")
    if text.lstrip().startswith("["):
        whole = _loaded(text)
        rows = whole if isinstance(whole, list) else [whole]
        return [(f"row {number}", row) for number, row in enumerate(rows, 1)]
    return [(f"line {n}", _loaded(line)) for n, line in enumerate(text.split("\n"), 1) if line.strip()]


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"


def _messages(raw: Any) -> tuple[str, list[Message]]:
    """The name of the row's format and its conversation; without one, what is wrong with it."""
    if not isinstance(raw, dict):
        return (raw if isinstance(raw, str) else f"a {type(raw).__name__}, not an object"), []
    for form, (keys, read) in FORMS.items():
        if all(key in raw for key in keys):
            try:
                return form, [{"role": role, "content": content} for role, content in read(raw)]
            except (KeyError, TypeError, AttributeError) as error:
                return f"not of the format {form}: {error!r}", []
    return f"of no known format: it has {', '.join(map(str, raw)) or 'no keys'}", []


def _from_messages(raw: dict[str, Any]) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"] + "") for turn in raw["messages"]]


def _from_prompt(raw: dict[str, Any]) -> list[tuple[str, str]]:
    said = []
    for value, role in ((raw["prompt"], "user"), (raw["completion"], "assistant")):
        said += [(role, value)] if isinstance(value, str) else [(turn["role"], turn["content"] + "") for turn in value]
    return said


def _from_sharegpt(raw: dict[str, Any]) -> list[tuple[str, str]]:
    said = [(SHAREGPT[turn["from"]], turn["value"] + "") for turn in raw["conversations"]]
    return [("system", raw["system"]), *said] if raw.get("system") else said


def _from_alpaca(raw: dict[str, Any]) -> list[tuple[str, str]]:
    asked = "\n\n".join(filter(None, [raw["instruction"], raw.get("input")]))
    said = [("user", asked), ("assistant", raw["output"] + "")]
    return [("system", raw["system"]), *said] if raw.get("system") else said


FORMS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], list[tuple[str, str]]]]] = {
    "messages": (("messages",), _from_messages),
    "prompt-completion": (("prompt", "completion"), _from_prompt),
    "sharegpt": (("conversations",), _from_sharegpt),
    "alpaca": (("instruction", "output"), _from_alpaca),
}
"""The formats, by the keys that a row of each has, and how a conversation is read from it."""


def _unanswered(messages: list[Message]) -> str:
    """Why the conversation teaches nothing, or nothing."""
    roles = [message["role"] for message in messages]
    if others := [role for role in roles if role not in ROLES]:
        return f"a message of {others[0]!r}, which is none of {', '.join(ROLES)}"
    if roles[-2:] != ["user", "assistant"]:
        return f"it ends with {' then '.join(roles[-2:])}, not with user then assistant"
    return "" if all(message["content"].strip() for message in messages) else "a message without content"


def _tokens(name: str, messages: list[Message], tokenizer: Any) -> Tokens | str:
    """The row in tokens, or how the chat template refuses it. Raises `InputError` for a base without a template."""
    row = Row(id=name, kind="local", messages=messages)
    try:
        return encode([row], tokenizer, sum(len(message["content"]) + 1000 for message in messages) * 8).rows[0]
    except InputError as error:
        if not tokenizer.chat_template:
            raise
        return error.what
