"""How an object looks, in words: for servers that hold no model to a schema.

A small model that is shown a JSON schema alone writes the schema back, or its values into it. Shown the object as well,
it fills that in: Qwen2.5-Coder-1.5B did so for a list of names and for a verdict, and failed at both before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ANY = {"string": "…", "integer": 0, "number": 0.0, "boolean": True}


def asked_for(schema: Mapping[str, Any]) -> str:
    """The end of a prompt that asks for an object of a JSON schema."""
    bare = {**_bare(schema), "title": schema["title"]}
    return (
        f"Answer with one JSON object of this schema and nothing else:\n{json.dumps(bare)}\n"
        f"It looks like this, with values of your own:\n{json.dumps(form(schema), ensure_ascii=False)}"
    )


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
    return schema.get("const", ANY.get(schema.get("type", ""), "…"))


def _bare(schema: Any) -> Any:
    """The schema without titles and descriptions, which the prompt has in its own words; fields of such a name stay."""
    if isinstance(schema, dict):
        return {
            key: _bare(value)
            for key, value in schema.items()
            if key not in ("title", "description") or not isinstance(value, str)
        }
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema
