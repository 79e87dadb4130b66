"""What a synthesis depends on, and what is another since the last one: documents, settings, prompts, models.

How a model is reached, how fast it is asked and what it costs changes no row, and so is no input.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict
from typing_extensions import TypedDict  # as in graphs.state

from agents.errors import ConfigError
from agents.files import read_json, read_jsonl
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.project import Project
from agents.records import Chunk, Item, content_id
from agents.roles.critic import GATES, SAME_QUESTION
from agents.roles.paper import ENTITY_FORMS, RELATION_FORMS
from agents.roles.prompts import PromptsConfig, read_prompts
from agents.roles.registry import ROLES, model_keys
from graphs.config import SynthesisConfig
from graphs.source import digests, read_corpus

SECTIONS = ("documents", "knowledge", "synthesis")
NO_INPUT = (
    "shard_size",
    "graphrag_index",
)  # how the work is cut, and where an index lies: its files are among the documents


class Changes(Item):
    """What a synthesis would meet that the last one did not."""

    added: list[str] = []
    changed: list[str] = []
    removed: list[str] = []
    settings: list[str] = []
    chunks: int = 0
    new_chunks: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is another."""
        return bool(self.added or self.changed or self.removed or self.settings)


class RecordedInputs(TypedDict):
    """`inputs` as run.json keeps them."""

    __pydantic_config__ = ConfigDict(extra="allow")  # pyright: ignore[reportGeneralTypeIssues]
    settings: dict[str, dict[str, Any]]
    models: dict[str, str]
    prompts: str
    documents: dict[str, str]


class Record(TypedDict):
    """What is read of run.json; the rest is kept as it is."""

    __pydantic_config__ = ConfigDict(extra="allow")  # pyright: ignore[reportGeneralTypeIssues]
    inputs: RecordedInputs
    fingerprint: str
    files: dict[str, str]


def speaking(project: Project) -> dict[str, ModelConfig]:
    """The model of each role. Raises `ConfigError` for a role that names a model which is not there."""
    models, roles = project.section("models", ModelsConfig).root, project.section("roles", RolesConfig)
    for name in {roles.model_of(role) for role in model_keys()} - set(models):
        raise ConfigError(
            f"[roles] names the model {name!r}", f"add [models.{name}], or use one of: {', '.join(models)}"
        )
    return {role: models[roles.model_of(role)] for role in model_keys()}


def inputs(project: Project) -> dict[str, Any]:
    """Everything that decides the rows: settings, the model of each role, prompts and documents.

    Of documents it is the path and the bytes of each, or of the index's files.
    """
    own = own_prompts(project)
    return {
        "settings": {
            name: {k: v for k, v in project.config[name].model_dump(mode="json").items() if k not in NO_INPUT}
            for name in SECTIONS
        },
        "models": {role: f"{config.provider}/{config.model}" for role, config in speaking(project).items()},
        "prompts": _prompts(project.section("synthesis", SynthesisConfig).recipe),
        "documents": digests(project),
        **({"own_prompts": {role: content_id("prompt", words) for role, words in own.items()}} if own else {}),
    }


def _prompts(recipe: str) -> str:
    """Names the prompts of a recipe."""
    hashes = [role.prompt_hash for role in ROLES.values() if role.recipe == recipe]
    if recipe == "paper":
        return content_id("prompts", hashes, ENTITY_FORMS, RELATION_FORMS)
    return content_id("prompts", hashes, [gate.threshold for gate in (*GATES, SAME_QUESTION)])


def own_prompts(project: Project) -> dict[str, str]:
    """The project's own prompts by role. Raises `ConfigError` as `read_prompts` does."""
    return read_prompts(project.directory, project.section("prompts", PromptsConfig))


def fingerprint(found: Mapping[str, Any]) -> str:
    """The name of a synthesis with these inputs."""
    return content_id("run", json.dumps(found, sort_keys=True))


def last_record(project: Project) -> dict[str, Any]:
    """run.json of the last synthesis of this run; empty if there is none, or it is of an older version."""
    path = project.run_dir / "run.json"
    found = (
        read_json(path, dict[str, Any], "remove it: the run is made again from calls.sqlite") if path.is_file() else {}
    )
    if not {"inputs", "per_fact"} <= found.keys():
        return {}
    read_json(path, Record, "remove it: the run is made again from calls.sqlite")
    return found


def changes(project: Project) -> Changes:
    """What is another since the last synthesis of this run; everything is new if there was none."""
    last, now = last_record(project).get("inputs", {"settings": {}, "documents": {}}), inputs(project)
    before, after = last["documents"], now["documents"]
    known = {chunk.text for chunk in read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)} if before else set()
    chunks = read_corpus(project).chunks
    return Changes(
        added=sorted(set(after) - set(before)),
        changed=sorted(path for path in set(after) & set(before) if after[path] != before[path]),
        removed=sorted(set(before) - set(after)),
        settings=_settings(last, now) if before else [],
        chunks=len(chunks),
        new_chunks=sum(chunk.text not in known for chunk in chunks),
    )


def _settings(last: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    told = [
        f"[{section}] {key}: {json.dumps(last['settings'][section].get(key))} → {json.dumps(value)}"
        for section, keys in now["settings"].items()
        for key, value in keys.items()
        if last["settings"].get(section, {}).get(key) != value
    ]
    told += [
        f"{role} speaks through {model}, not {last['models'].get(role)}"
        for role, model in now["models"].items()
        if last["models"].get(role) != model
    ]
    before, after = last.get("own_prompts", {}), now.get("own_prompts", {})
    told += [
        f"the prompt of {role} is another" for role in sorted({*before, *after}) if before.get(role) != after.get(role)
    ]
    return told + ["the prompts of this version"] * (last["prompts"] != now["prompts"])
