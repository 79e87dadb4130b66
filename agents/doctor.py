"""Is this machine ready? Each check is one line with what was found; a needed thing that is missing is a fault."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from agents.config import FILE_NAME
from agents.cores import usable_cores
from agents.errors import ConfigError, InputError, MissingExtra, WeightsError
from agents.model_checks import Check, model_checks
from agents.models.config import ModelConfig, ModelsConfig, RolesConfig
from agents.models.endpoints import key_of, shown, warnings
from agents.models.providers import key_variable
from agents.models.weights import KNOWN, find_weights, on_this_machine
from agents.project import Project, Sections
from agents.versions import installed_version


def checks(directory: Path, run: str, sections: Sequence[Sections], ask: bool = False) -> Iterator[Check]:
    """Everything `ragtuned doctor` looks at, in the order it prints; with `ask` the models too are asked."""
    yield from _machine()
    yield _torch()
    yield from _packages()
    yield _unsloth()
    yield from _weights()
    yield from _config(directory, run, sections, ask)
    yield _writable(directory)


def _machine() -> Iterator[Check]:
    version = platform.python_version()
    yield Check("python", "ok" if (3, 11) <= sys.version_info[:2] < (3, 13) else "fault", f"{version} (3.11 or 3.12)")
    yield Check("platform", "ok", f"{platform.system()} {platform.machine()}")
    yield Check("cores", "ok", str(usable_cores()))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0.0
    yield Check(
        "memory",
        "note" if 0 < memory < 6 else "ok",
        f"{memory:.1f} GiB (the demo takes up to 6)" if memory else "unknown",
    )


def _torch() -> Check:
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: one of its own libraries, or CUDA's, cannot be loaded
        return Check("torch", "fault", str(error))
    cuda = f"CUDA, {torch.cuda.get_device_name()}" if torch.cuda.is_available() else "no GPU"
    return Check("torch", "ok", f"{torch.__version__}, {cuda}")


def _packages() -> Iterator[Check]:
    """Each dependency named in pyproject.toml: its version against its range."""
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in metadata.requires("ragtuned") or []]
    except metadata.PackageNotFoundError:
        yield Check("ragtuned", "fault", "not installed: pip install -e . -c constraints.txt")
        return
    for requirement in needed:
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _package(requirement.name, requirement.specifier)
    if version := installed_version("openai-agents"):
        yield Check(
            "openai-agents", "fault", f"{version} owns the same import name `agents`: pip uninstall openai-agents"
        )


def _package(name: str, allowed: Any) -> Check:
    version = installed_version(name)
    if version is None:
        return Check(name, "fault", f"missing (wanted {allowed or 'any version'})")
    fits = allowed.contains(version, prereleases=True)
    return Check(name, "ok" if fits else "fault", f"{version} ({allowed or 'any version'})")


def _unsloth() -> Check:
    version = installed_version("unsloth")
    return Check(
        "unsloth",
        "ok" if version else "note",
        version or "not installed: tuning uses TRL and PEFT (with a GPU: pip install '.[gpu]')",
    )


def _weights() -> Iterator[Check]:
    for model in KNOWN.values():
        path = on_this_machine(model)
        yield Check(
            f"weights {model.name}",
            "ok" if path else "note",
            str(path or f"not here: fetched when needed, or `ragtuned models pull {model.name}`"),
        )


def _config(directory: Path, run: str, sections: Sequence[Sections], ask: bool) -> Iterator[Check]:
    if not (directory / FILE_NAME).is_file():
        yield Check("config", "note", f"no {FILE_NAME} in {directory.resolve()}: `ragtuned init` writes one")
        return
    try:
        project = Project.open(directory, run, sections)
    except (ConfigError, InputError) as error:
        yield Check("config", "fault", str(error))
        return
    yield Check("config", "ok", str((directory / FILE_NAME).resolve()))
    models = project.section("models", ModelsConfig).root if "models" in project.config else {}
    ready: set[str] = set()
    for name, config in models.items():
        found = _embedded(f"model {name}", config) if config.provider == "local" else _server(f"model {name}", config)
        yield found
        if found.state != "fault":
            yield from (Check(found.name, "note", line) for line in warnings(config))
        if found.state == "ok":
            ready.add(name)
    if ask and models:
        yield from model_checks(models, ready, project.section("roles", RolesConfig), project.calls)


def _embedded(name: str, config: ModelConfig) -> Check:
    """Whether the weights are here: a model whose weights are fetched later cannot be asked now."""
    try:
        find_weights(config.model, fetch=False, say=lambda line: None)
    except InputError as error:
        return Check(name, "fault", str(error))
    except WeightsError:
        return Check(name, "note", f"{config.model} is not here: it is not asked")
    return Check(name, "ok", config.model)


def _server(name: str, config: ModelConfig) -> Check:
    """Whether the server may be asked, and with which key."""
    try:
        key = f"the key in {key_variable(config)}" if key_of(config) else "no key"
        return Check(name, "ok", f"{shown(config)} is asked with {key}")
    except (ConfigError, MissingExtra) as error:
        return Check(name, "fault", str(error))


def _writable(directory: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=directory):
            return Check("project folder", "ok", f"{directory.resolve()} can be written")
    except OSError as error:
        return Check("project folder", "fault", f"{directory.resolve()}: {error.strerror}")
