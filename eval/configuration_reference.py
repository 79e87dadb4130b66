"""docs/configuration.md, made from the config classes: `python -m eval.configuration_reference` writes it anew.

A key is told by its type, its default and the words that stand with it in the code, so that page and program cannot
say two things.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

import agents.commands
import eval.commands
import eval.judge.commands
import graphs.commands
import tuning.commands
from agents.files import write_text
from agents.roles.prompts import contracts
from agents.terminal import say

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
ORDER = (
    "documents",
    "models",
    "roles",
    "prompts",
    "knowledge",
    "synthesis",
    "tuning",
    "eval",
    "contestants",
    "judge",
    "privacy",
)
"""Of the page: the way of the data. A section that is not named here comes last."""
HEAD = """# Configuration

<!-- made by python -m eval.configuration_reference -->

Every key of `ragtuned.toml`, with its type, its default and what it does. A key that is left out takes its default. A
key or section that is not listed here is refused, with the nearest one that is. All faults of a file are told at once.

Most people change only these: `paths` of [documents](#documents); `provider`, `model`, `base_url`, `api_key_env`,
`calls_at_once`, `price_in` and `price_out` of [a model](#modelsname); `token_budget`, `answer` and `review` of
[the synthesis](#synthesis); `base` and `epochs` of [tuning](#tuning), with `rank`, `alpha` and `learning_rate` on a
GPU; `contestants`, `primary` and `margin` of [eval](#eval). Keys of `[synthesis]` that one recipe alone reads are in
[Rows](rows.md#which-recipe).
"""
WIDTH = 120  # columns of the page, but for its tables
TYPES = {Any: "value", str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
BOUNDS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "min_length": "at least {} long"}


def sections() -> dict[str, type[BaseModel]]:
    """The config sections of all packages, in the order of the page."""
    packages = (agents.commands, graphs.commands, tuning.commands, eval.commands, eval.judge.commands)
    known = {name: cls for package in packages for name, cls in package.sections().items()}
    return {name: known[name] for name in sorted(known, key=lambda name: (ORDER + (name,)).index(name))}


def page(known: Mapping[str, type[BaseModel]]) -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(part for name, cls in known.items() for part in section(name, cls))]).rstrip() + "\n"


def section(name: str, cls: type[BaseModel]) -> Iterator[str]:
    """A heading, what the section is for, a table of its keys; then the same for every section inside it."""
    yield f"## [{name}]\n"
    yield f"{_purpose(cls)}\n"
    if issubclass(cls, RootModel):
        inner = _model_in(cls.model_fields["root"].annotation)
        if inner:
            yield from section(f"{name}.NAME", inner)
        else:
            yield _wrapped(f"Names: {', '.join(f'`{key}`' for key in contracts())}.") + "\n"
        return
    fields = {field.alias or key: field for key, field in cls.model_fields.items()}
    inside = {key: found for key, field in fields.items() if (found := _model_in(field.annotation))}
    rows = [row(key, field) for key, field in fields.items() if key not in inside]
    if rows:
        yield "\n".join(["| key | type | default | what it does |", "|---|---|---|---|", *rows, ""])
    for key, inner in inside.items():
        yield from section(f"{name}.{key}", inner)


def row(key: str, field: FieldInfo) -> str:
    """A key as a line of the table."""
    limits = [_bound(one) for one in field.metadata]
    kind = ", ".join([type_of(field.annotation), *filter(None, limits)])
    cells = (f"`{key}`", kind, default_of(field), _sentence(field.description or ""))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def type_of(annotation: Any) -> str:
    """A type in words that a reader of TOML knows."""
    if annotation in TYPES:
        return TYPES[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_of(inner[0])
    if origin is Literal:
        return " or ".join(f"`{option}`" for option in inner)
    if origin in (list, tuple):
        return f"list of {type_of(inner[0]).replace('list of', 'lists of')}"
    if origin is dict:
        return f"table of {type_of(inner[1])} by {type_of(inner[0])}"
    if origin in (Union, types.UnionType):
        return " or ".join(type_of(one) for one in inner if one is not type(None))
    raise TypeError(f"no words for {annotation!r}")


def default_of(field: FieldInfo) -> str:
    """The default as it would stand in the file."""
    value = None if field.is_required() else field.get_default(call_default_factory=True)
    return "unset" if value is None else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _bound(limit: Any) -> str:
    return next((words.format(getattr(limit, name)) for name, words in BOUNDS.items() if hasattr(limit, name)), "")


def _purpose(cls: type[BaseModel]) -> str:
    """The docstring without the section's name in front, each paragraph on a line of its own."""
    text = re.sub(r"^\[[^\]]+\]: |^Section \[[^\]]+\]: ", "", (cls.__doc__ or "").strip())
    return "\n\n".join(_wrapped(_sentence(part)) for part in re.split(r"\n\s*\n", text))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _sentence(text: str) -> str:
    """Words of the code as a sentence of the page; a value that is explained ("auto: …") keeps its letters."""
    words = " ".join(text.split())
    first = words[:1] if re.match(r"\w+:", words) else words[:1].upper()
    return first + words[1:] + ("" if not words or words.endswith(".") else ".")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The section that a key holds, itself or one for each name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)


def main(words: Sequence[str]) -> None:
    """Write the page, to docs/configuration.md or to the file named."""
    path = Path(words[0]) if words else PAGE
    write_text(path, page(sections()))
    say(str(path))


if __name__ == "__main__":
    main(sys.argv[1:])
