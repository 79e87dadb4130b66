"""One reply of several lines, each of a form of its own: what a small model gets right where a free list runs away.

The forms are part of the schema, so that a server that holds a model to patterns can return nothing else; any other
line is for the caller to leave out, and one that is missing is empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from agents.models.client import Client
from agents.roles.role import Role, fence


class Lines(BaseModel):
    """line_1, line_2, …: the fields are made for each question."""


async def ask_lines(
    role: Role[Lines], client: Client, asked: Sequence[str], forms: Sequence[str], **inputs: str
) -> list[str]:
    """A line for each of `asked`, which the prompt shows under `{{lines}}`, quoted as data.

    Raises what `Role.ask` raises.
    """
    fields: dict[str, Any] = {
        f"line_{n}": (str, Field("", json_schema_extra={"pattern": form})) for n, form in enumerate(forms, 1)
    }
    schema: type[Any] = create_model("Lines", __config__=ConfigDict(json_schema_extra=_all_required), **fields)
    listed = fence("\n".join(f"line_{n}: {' '.join(text.split())}" for n, text in enumerate(asked, 1)), "lines")
    found = await replace(role, schema=schema).ask(client, lines=listed, **inputs)
    return [str(line) for line in found.model_dump().values()]


def literal(text: str) -> str:
    """`text` as a pattern; `re.escape` escapes spaces too, which llama.cpp's grammar does not know."""
    return re.sub(r"[^\w\s'’-]", ".", text)


def listed_in(lines: str) -> list[tuple[str, str]]:
    """(field, text) of each line as a prompt shows them; for scripts."""
    return re.findall(r"^(line_\d+): (.+)$", lines, re.MULTILINE)


def _all_required(schema: dict[str, Any]) -> None:
    for line in schema["properties"].values():
        line.pop("default")
    schema |= {"required": list(schema["properties"]), "additionalProperties": False}
