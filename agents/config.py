"""ragtuned.toml: read, checked against the sections a command hands in, every fault reported at once."""

from __future__ import annotations

import difflib
import tomllib
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.errors import ConfigError

FILE_NAME = "ragtuned.toml"


class Section(BaseModel):
    """The parent of a config section and of a table in one: frozen, no unknown keys.

    It lives beside the code that reads it. Every key says what it is for, in `description` or in the docstring under
    it: docs/configuration.md is made of them. `moved` names the place of keys that an older version knew.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        protected_namespaces=(),
        serialize_by_alias=True,
        use_attribute_docstrings=True,
    )
    moved: ClassVar[Mapping[str, str]] = {}


def load_config(path: Path, sections: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """Read `path` into `{section name: section object}`; a section left out takes its defaults.

    Raises:
        ConfigError: no file, not TOML, unknown sections or keys (with the nearest known one), wrong values.

    """
    if not path.is_file():
        raise ConfigError(
            f"no {FILE_NAME} in {path.parent.resolve()}",
            "make one with `ragtuned init`, or name its folder with -C DIR",
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}", "mend the line named") from error
    return check_config(raw, sections, str(path))


def check_config(
    raw: Mapping[str, Any], sections: Mapping[str, type[BaseModel]], name: str = FILE_NAME
) -> dict[str, Any]:
    """The same for a mapping already parsed; `name` is what the message calls it."""
    faults = [f"unknown section [{key}]{did_you_mean(key, sections)}" for key in raw if key not in sections]
    loaded: dict[str, Any] = {}
    for key, cls in sections.items():
        try:
            loaded[key] = cls.model_validate(raw.get(key, {}))
        except ValidationError as error:
            faults += [_fault(key, cls, fault) for fault in error.errors()]
    if faults:
        raise ConfigError(f"{name}: {len(faults)} fault{'s' * (len(faults) > 1)}", "mend the lines named", faults)
    return loaded


def _fault(section: str, cls: type[BaseModel], fault: Any) -> str:
    *path, key = [section, *(str(part) for part in fault["loc"])]
    where = ".".join([*path, key])
    holder = _holder(cls, path[1:])
    moved = holder.moved if issubclass(holder, Section) else {}
    if key in moved and fault["type"] in ("extra_forbidden", "model_type"):  # model_type: its name is a table's now
        return f"{where} is now {moved[key]}"
    if fault["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in holder.model_fields.items()]
        near = difflib.get_close_matches(key, [*known, *moved], n=1)
        return f"unknown key {where}" + (
            f": did you mean {moved.get(near[0], near[0])}?" if near else did_you_mean(key, known)
        )
    return f"{where} = {fault['input']!r}: {fault['msg']}"


def _holder(cls: type[BaseModel], path: list[str]) -> type[BaseModel]:
    """The class of the keys at `path` inside a section, through its tables and tables of named sections."""
    for part in path:
        named = {field.alias or name: field for name, field in cls.model_fields.items()}
        field = named.get(part) or named.get("root")
        inner = _section_in(field.annotation if field else None)
        if inner is not None:
            cls = inner
    return cls


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (dict, list, tuple, Union, types.UnionType):
        return next((found for arg in get_args(annotation) if (found := _section_in(arg))), None)
    return None


def did_you_mean(key: str, known: Iterable[str]) -> str:
    """The tail of a message about an unknown name: the nearest known one, else all of them."""
    known = list(known)
    near = difflib.get_close_matches(key, known, n=1)
    return f": did you mean {near[0]}?" if near else f" (known: {', '.join(known)})"
