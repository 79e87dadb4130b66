"""Who makes the calls of a model: llama.cpp in the process, a server of OpenAI's protocol, a package of LangChain's."""

from __future__ import annotations

from agents.models.config import ModelConfig
from agents.models.providers import entry_of
from agents.models.request import ModelBackend
from agents.privacy import refuse_redirect


def backend_of(config: ModelConfig) -> ModelBackend:
    """The backend of a model's provider. Raises `ConfigError` as `refuse_redirect` does."""
    from agents.models.openai_backend import LocalBackend, OpenAIBackend

    if config.provider == "local":
        return LocalBackend(config)
    if entry_of(config).package:
        from agents.models.langchain_backend import LangChainBackend

        return LangChainBackend(config)
    if config.provider == "openai":
        refuse_redirect(config.model, config.base_url)
    return OpenAIBackend(config)


def identity_of(config: ModelConfig) -> str:
    """The name of a model in the call store: the server's, of an embedded one the hash of its weights."""
    from agents.models.weights import model_identity

    return model_identity(config.model) if config.provider == "local" else config.model
