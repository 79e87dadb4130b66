"""The training set in the formats other trainers ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.errors import EmptyResult, InputError
from agents.records import write_jsonl


def _messages(row: dict[str, Any]) -> dict[str, Any]:
    return {"messages": row["messages"]}


def _prompt_completion(row: dict[str, Any]) -> dict[str, Any]:
    """TRL's conversational prompt–completion row: loss on the completion only."""
    return {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}


FORMATS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"messages": _messages, "prompt-completion": _prompt_completion}


def export(train: Path, form: str, out: Path) -> int:
    """Write train.jsonl as `form` to `out` and return the number of rows.

    Raises:
        InputError: an unknown format, or no train.jsonl. EmptyResult: train.jsonl holds no row.

    """
    if form not in FORMATS:
        raise InputError(f"--format {form}: unknown", f"known are {', '.join(FORMATS)}")
    if not train.is_file():
        raise InputError(f"{train} does not exist", "run `ragtuned synthesize` first")
    rows = [json.loads(line) for line in train.read_text(encoding="utf-8").split("\n") if line]
    if not rows:
        raise EmptyResult(f"{train} holds no row", "run `ragtuned synthesize` again")
    return write_jsonl(out, [FORMATS[form](row) for row in rows])
