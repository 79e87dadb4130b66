"""What a synthesis depends on, and what is another since the last one: documents, settings, prompts, models.

How a model is reached, how fast it is asked and what it costs changes no row, and so is no input.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.config import did_you_mean
from agents.errors import ConfigError
from agents.files import read_jsonl
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.project import Project
from agents.records import Chunk, Item, content_id
from agents.roles.critic import GATES, SAME_QUESTION
from agents.roles.paper import ENTITY_FORMS, RELATION_FORMS
from agents.roles.prompts import PromptsConfig, read_prompts
from agents.roles.registry import ROLES, model_keys, synthesis_keys
from graphs.config import SynthesisConfig
from graphs.run_record import Inputs, last_record
from graphs.source import Corpus, index_folder

SECTIONS = ("documents", "knowledge", "synthesis")
NO_INPUT = ("shard_size", "graphrag_index")
"""How the work is cut, and where an index lies: its files are among the documents."""


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


def speaking(project: Project, keys: Sequence[str] | None = None) -> dict[str, ModelConfig]:
    """The model of each of these roles, of those that a synthesis asks if none is named.

    Raises `ConfigError` for a role or a model that is named and not there.
    """
    models, roles = project.section("models", ModelsConfig).root, project.section("roles", RolesConfig)
    for name in {roles.model_of(role) for role in model_keys()} - set(models):
        raise ConfigError(
            f"[roles] names the model {name!r}", f"add [models.{name}], or use one of: {', '.join(models)}"
        )
    for name, config in models.items():
        for role in set(config.max_tokens) - set(model_keys()) - set(ROLES):
            raise ConfigError(
                f"models.{name}.max_tokens names the role {role!r}{did_you_mean(role, [*model_keys(), *ROLES])}"
            )
    return {role: models[roles.model_of(role)] for role in (synthesis_keys() if keys is None else keys)}


def _named(config: ModelConfig) -> str:
    """A model as an input of a run: provider/model, and what else of its config decides a reply."""
    own = f" {json.dumps(config.decides, sort_keys=True)}" if config.decides else ""
    return f"{config.provider}/{config.model}{own}"


def synthesis_of(project: Project, corpus: Corpus | None = None) -> SynthesisConfig:
    """[synthesis] with the recipe that `auto` stands for.

    Briefs for a GraphRAG index, whose reports are paid already, and for an embedded teacher, which gets short tasks,
    where the documents are English: their rules know no other language. Facts for any other. `corpus` is the one at
    hand, which has read the documents.
    """
    config = project.section("synthesis", SynthesisConfig)
    if config.recipe != "auto":
        return config
    briefs = index_folder(project) or (
        speaking(project)["question_writer"].provider == "local" and (corpus or Corpus(project)).language == "en"
    )
    return config.model_copy(update={"recipe": "ragtuned" if briefs else "facts"})


def inputs(project: Project, corpus: Corpus | None = None) -> Inputs:
    """Everything that decides the rows: settings, the model of each role, prompts and documents.

    Of documents it is the path and the bytes of each, or of the index's files. `corpus` is the one at hand, whose files
    are hashed already.
    """
    corpus = corpus or Corpus(project)
    own = {role: words for role, words in own_prompts(project).items() if role.partition(".")[0] in synthesis_keys()}
    sections = {**{name: project.config[name] for name in SECTIONS}, "synthesis": synthesis_of(project, corpus)}
    return Inputs(
        settings={
            name: {k: v for k, v in section.model_dump(mode="json").items() if k not in NO_INPUT}
            for name, section in sections.items()
        },
        models={role: _named(config) for role, config in speaking(project).items()},
        prompts=_prompts(sections["synthesis"].recipe),
        documents=corpus.digests,
        own_prompts={role: content_id("prompt", words) for role, words in own.items()},
    )


def _prompts(recipe: str) -> str:
    """Names the prompts of a recipe."""
    hashes = [role.prompt_hash for role in ROLES.values() if recipe in role.recipe.split(" and ")]
    if recipe == "paper":
        return content_id("prompts", hashes, ENTITY_FORMS, RELATION_FORMS)
    return content_id("prompts", hashes, [gate.threshold for gate in (*GATES, SAME_QUESTION)])


def own_prompts(project: Project) -> dict[str, str]:
    """The project's own prompts by role. Raises `ConfigError` as `read_prompts` does."""
    return read_prompts(project.directory, project.section("prompts", PromptsConfig))


def fingerprint(found: Inputs) -> str:
    """The name of a synthesis with these inputs."""
    return content_id("run", json.dumps(found.model_dump(mode="json"), sort_keys=True))


def changes(project: Project, corpus: Corpus | None = None) -> Changes:
    """What is another since the last synthesis of this run; everything is new if there was none."""
    corpus = corpus or Corpus(project)
    record, now = last_record(project), inputs(project, corpus)
    before, after = record.inputs.documents if record else {}, now.documents
    known = {chunk.text for chunk in read_jsonl(project.graph_dir / "chunks.jsonl", Chunk)} if before else set()
    return Changes(
        added=sorted(set(after) - set(before)),
        changed=sorted(path for path in set(after) & set(before) if after[path] != before[path]),
        removed=sorted(set(before) - set(after)),
        settings=_settings(record.inputs, now) if record and before else [],
        chunks=len(corpus.chunks),
        new_chunks=sum(chunk.text not in known for chunk in corpus.chunks),
    )


def _settings(last: Inputs, now: Inputs) -> list[str]:
    told: list[str] = []
    for section, keys in now.settings.items():
        new, old = _flat(keys), _flat(last.settings.get(section, {}))
        told += [
            f"[{section}] {key}: {json.dumps(old.get(key))} → {json.dumps(new.get(key))}"
            for key in {**new, **old}
            if old.get(key) != new.get(key)
        ]
    told += [
        f"{role} speaks through {model}, not {last.models.get(role)}"
        for role, model in now.models.items()
        if last.models.get(role) != model
    ]
    before, after = last.own_prompts, now.own_prompts
    told += [
        f"the prompt of {role} is another" for role in sorted({*before, *after}) if before.get(role) != after.get(role)
    ]
    return told + ["the prompts of this version"] * (last.prompts != now.prompts)


def _flat(settings: Mapping[str, Any], table: str = "") -> dict[str, Any]:
    """The settings by their dotted keys."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        found |= _flat(value, f"{table}{key}.") if isinstance(value, dict) else {f"{table}{key}": value}
    return found
