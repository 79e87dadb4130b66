"""A request of the OpenAI protocol read for what it asks: the prompt, the schema and the form the answer must have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.roles.critic import Judgement
from agents.roles.registry import ROLES

Form = Literal["json_schema", "tools", "text"]
SCHEMAS = {schema.__name__: schema for schema in (*(role.schema for role in ROLES.values()), Judgement)}
"""The schemas of our roles by name."""


@dataclass(frozen=True)
class ChatRequest:
    """One request: `prompt` is the first user message, `talk` everything said.

    `schema` is the name of the answer's schema, or "". `key` names the whole body, `digest` its messages alone, as
    `digest_of` does for a stored call.
    """

    key: str
    digest: str
    model: str
    prompt: str
    talk: str
    schema: str
    form: Form
    tool: str
    logprobs: bool
    characters: int
    body: dict[str, Any]

    def share(self, salt: str) -> float:
        """A number in 0–1 that the body alone decides, another one for every `salt`."""
        return share(self.key, salt)


def read_request(body: bytes) -> ChatRequest:
    """The request in `body`. Raises ValueError if it is none."""
    request = json.loads(body)
    if not isinstance(request, dict) or not isinstance(request.get("messages"), list):
        raise ValueError("no messages")
    said = [(str(m.get("role")), _text(m.get("content"))) for m in request["messages"]]
    prompt = next((text for role, text in said if role == "user"), "")
    name, schema, form, tool = _schema(request, prompt)
    return ChatRequest(
        key=hashlib.sha256(body).hexdigest(),
        digest=digest_of(said),
        model=str(request.get("model", "")),
        prompt=prompt,
        talk="\n\n".join(text for _, text in said),
        schema=_known(name, schema),
        form=form,
        tool=tool,
        logprobs=bool(request.get("logprobs")),
        characters=len(body),
        body=request,
    )


def digest_of(said: Sequence[tuple[str, str]]) -> str:
    """Names what was said: (role, words) of every message."""
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:24]


def share(key: str, salt: str) -> float:
    """A number in 0–1 that `key` and `salt` decide."""
    return int.from_bytes(hashlib.sha256(f"{salt} {key}".encode()).digest()[:6]) / 2**48


def _text(content: Any) -> str:
    """A message's words; parts are joined."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _schema(request: Mapping[str, Any], prompt: str) -> tuple[str, Mapping[str, Any], Form, str]:
    """(name, schema, form, tool) of the answer that is wanted.

    They stand in response_format, else in the first tool, else in a form at the end of a prompt.
    """
    wanted = request.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        return wanted["json_schema"].get("name", ""), wanted["json_schema"].get("schema", {}), "json_schema", ""
    if request.get("tools"):
        function = request["tools"][0].get("function", {})
        return function.get("name", ""), function.get("parameters", {}), "tools", function.get("name", "")
    written = re.search(
        r"^Answer with one JSON object \((\w+)\) of this form and nothing else:\n(\{.*\})$", prompt, re.M
    )
    return (written[1], {"properties": _object(written[2])}, "text", "") if written else ("", {}, "text", "")


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _known(name: str, schema: Mapping[str, Any]) -> str:
    """The name of our schema, also where it goes by another one: then its fields tell it, if no other has the same."""
    fields = frozenset(schema.get("properties", {}))
    name = next((told for told in (name, str(schema.get("title", ""))) if told in SCHEMAS), name)
    if name in SCHEMAS or not fields:
        return name
    for start, lines in (("wording_", "Wordings"), ("line_", "Lines")):
        if all(field.startswith(start) for field in fields):
            return lines
    same = [known for known, held in SCHEMAS.items() if fields == set(held.model_fields)]
    return same[0] if len(same) == 1 else name
