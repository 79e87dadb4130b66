"""How an object looks, in words: for servers that hold no model to a schema.

A small model that is shown a JSON schema writes the schema back, or its values into it, also where it is shown the
object behind it; shown the object alone, it fills that in (Qwen2.5-Coder-1.5B, tried by hand on a list of names and
on a verdict).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

BLANK = "…"
ANY = {"string": BLANK, "integer": 0, "number": 0.0, "boolean": True}
CLASS = r"\[(?:\\.|[^\]\\])*\](?:\{\d+,\d*\}|[+*])?"
FREE = re.compile(rf"{CLASS}(?: {CLASS})*")
"""What a pattern of our schemas leaves open: characters of a class, and further words of it."""


def asked_for(schema: Mapping[str, Any]) -> str:
    """The end of a prompt that asks for an object of a JSON schema."""
    looks = json.dumps(form(schema), ensure_ascii=False)
    return f"Answer with one JSON object ({schema['title']}) of this form and nothing else:\n{looks}"


def form(schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> Any:
    """An object of the schema with a placeholder for each value: one item a list, and all values of a choice."""
    known = definitions if definitions is not None else schema.get("$defs", {})
    if "$ref" in schema:
        return form(known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return form(schema["anyOf"][0], known)
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "object":
        return {name: form(field, known) for name, field in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [form(schema["items"], known)]
    if "pattern" in schema:
        return _in_words(schema["pattern"])
    return schema.get("const", ANY.get(schema.get("type", ""), BLANK))


def _in_words(pattern: str) -> str:
    """`^(person|place): [^|]{2,50}$` → `person or place: …`; of the patterns that our schemas have."""
    held = FREE.sub(BLANK, pattern.removeprefix("^").removesuffix("$"))
    held = re.sub(r"\(([^()]*)\)", lambda choice: choice[1].replace("|", " or "), held)
    return re.sub(r"\\(.)", r"\1", held)
