"""The providers by name: where each is reached, which variables hold its key, and which package speaks for it.

All but two speak the OpenAI protocol, which has the shortest path here (`agents.models.openai_backend`). The others
come through LangChain's `init_chat_model` and a package of theirs (`agents.models.langchain_backend`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from agents.errors import ConfigError, MissingExtra
from agents.models.config import ModelConfig
from agents.versions import installed_version


@dataclass(frozen=True)
class Package:
    """A package of LangChain's for one provider."""

    name: str
    extra: str
    model_provider: str
    """As `init_chat_model` calls it."""
    limit: str
    """As its models call the most tokens of a reply."""
    rest: bool = False
    """It is told to speak HTTP, which goes through proxies and to any base_url, and is asked in threads."""


@dataclass(frozen=True)
class Entry:
    """One provider. `hosts` are those that its key is for, with all below them; empty: whichever base_url names."""

    base_url: str
    keys: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    needs_key: bool = True
    package: Package | None = None


PROVIDERS: dict[str, Entry] = {
    # said in full: left out, a client takes OPENAI_BASE_URL or ANTHROPIC_BASE_URL of another program
    "openai": Entry("https://api.openai.com/v1", ("OPENAI_API_KEY",), ("api.openai.com",)),
    "azure": Entry("", ("AZURE_OPENAI_API_KEY",), ("openai.azure.com", "services.ai.azure.com")),
    "mistral": Entry("https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), ("api.mistral.ai",)),
    "ollama": Entry("http://127.0.0.1:11434/v1", ("OLLAMA_API_KEY",), ("ollama.com",), needs_key=False),
    "vllm": Entry("http://127.0.0.1:8000/v1", ("VLLM_API_KEY",), needs_key=False),
    "anthropic": Entry(
        "https://api.anthropic.com",
        ("ANTHROPIC_API_KEY",),
        ("api.anthropic.com",),
        package=Package("langchain-anthropic", "anthropic", "anthropic", "max_tokens"),
    ),
    "google": Entry(
        "https://generativelanguage.googleapis.com",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        ("generativelanguage.googleapis.com",),
        package=Package("langchain-google-genai", "google", "google_genai", "max_output_tokens", rest=True),
    ),
}
BATCHED = ("openai", "azure", "mistral", "vllm")  # which take files of requests in OpenAI's form


def entry_of(config: ModelConfig) -> Entry:
    """What is known of the model's provider; the embedded model counts as one of OpenAI's protocol."""
    return PROVIDERS[config.provider if config.provider in PROVIDERS else "openai"]


def address(config: ModelConfig) -> str:
    """The base URL that is asked: of the config, else the provider's own.

    Raises:
        ConfigError: Azure has none for all.

    """
    if config.provider != "azure":
        return config.base_url or entry_of(config).base_url
    if not config.base_url:
        raise ConfigError(
            "Azure has no address of its own for all",
            'set base_url of the model to your resource: "https://NAME.openai.azure.com"',
        )
    base = config.base_url.rstrip("/")
    return base if "/openai" in base else f"{base}/openai/v1"


def key_variable(config: ModelConfig) -> str:
    """The variable that holds the key: the one that the config names, else the first of the provider's that is set."""
    if "api_key_env" in config.model_fields_set:
        return config.api_key_env
    names = entry_of(config).keys
    return next((name for name in names if os.environ.get(name, "").strip()), names[0])


def check_installed(config: ModelConfig) -> None:
    """Raises `MissingExtra` with pip's command where the package that speaks to the provider is missing."""
    package = entry_of(config).package
    if package and (missing := [name for name in ("langchain", package.name) if not installed_version(name)]):
        raise MissingExtra(
            f'provider = "{config.provider}" needs {" and ".join(missing)}',
            f'pip install -e ".[{package.extra}]" -c constraints.txt, or: pip install {" ".join(missing)}',
        )
