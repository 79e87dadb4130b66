"""[prompts]: words of your own for a role, in a file of the project.

A prompt keeps its role's contract: the same placeholders, and every field of the reply's schema named, or the reply
cannot be read. A changed prompt changes the calls, their keys in the store, and the prompt hash in the source of each
row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import RootModel, model_validator

from agents.config import did_you_mean
from agents.errors import ConfigError
from agents.roles.registry import ROLES
from agents.roles.role import PLACEHOLDER


class PromptsConfig(RootModel[dict[str, str]]):
    """[prompts]: role → path of its prompt, inside the project.

    `question_writer.local = …` may stand with or without quotation marks.
    """

    root: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        """TOML reads a dotted key without quotation marks as a table in a table."""
        if not isinstance(value, dict):
            return value
        tables = {
            f"{name}.{part}": path
            for name, table in value.items()
            if isinstance(table, dict)
            for part, path in table.items()
        }
        return {**{name: path for name, path in value.items() if not isinstance(path, dict)}, **tables}


class Contract(NamedTuple):
    """What a role's prompt must hold.

    Its own words as they are without an override, its placeholders, the fields of the reply.
    """

    words: str
    placeholders: frozenset[str]
    fields: tuple[str, ...]


def contracts() -> dict[str, Contract]:
    """Every role whose prompt may be another, by name.

    A gate of the critic is answered by yes or no and names no field.
    """
    return {
        role.name: Contract(role.template, frozenset(PLACEHOLDER.findall(role.template)), role.fields)
        for role in ROLES.values()
    }


def read_prompts(directory: Path, config: PromptsConfig) -> dict[str, str]:
    """The prompts of [prompts] by role.

    Raises:
        ConfigError: with every fault: an unknown role, a path outside the project, no such file, a placeholder or a
        field that is missing or unknown.

    """
    found: dict[str, str] = {}
    faults: list[str] = []
    for role, path in config.root.items():
        wrong = list(_faults(directory, role, path))
        faults += [f"[prompts] {role}: {fault}" for fault in wrong]
        if not wrong:
            found[role] = (directory / path).read_text(encoding="utf-8-sig")
    if faults:
        raise ConfigError(
            f"[prompts]: {len(faults)} fault{'s' * (len(faults) > 1)}", "mend the lines or files named", faults
        )
    return found


def _faults(directory: Path, role: str, path: str) -> Iterator[str]:
    contract, file = contracts().get(role), directory / path
    if contract is None:
        yield f"unknown role{did_you_mean(role, contracts())}"
    elif not file.resolve().is_relative_to(directory.resolve()):
        yield f"{path} lies outside the project"
    elif not file.is_file():
        yield f"{path} does not exist"
    else:
        try:
            yield from _breaches(file.read_text(encoding="utf-8"), contract)
        except UnicodeDecodeError:
            yield f"{path} is not UTF-8"


def _breaches(words: str, contract: Contract) -> Iterator[str]:
    """What of its contract a prompt does not keep."""
    held = set(PLACEHOLDER.findall(words))
    for name in sorted(contract.placeholders - held):
        yield f"{{{{{name}}}}} is missing: without it the role is not told its {name}"
    for name in sorted(held - contract.placeholders):
        yield f"{{{{{name}}}}} is unknown{did_you_mean(name, sorted(contract.placeholders))}"
    for field in contract.fields:
        if not re.search(rf"\b{field}\b", words, re.IGNORECASE):
            yield f"the field {field!r} of the reply is not named: say what it is to hold"
