"""[privacy]: no document leaves the machine because a variable is set for another program.

The libraries beneath take their orders from the environment too: a LANGSMITH_TRACING of one project sends every prompt
of another away. So those variables are laid aside before a library is imported; `tracing = true` puts LangSmith's back.
"""

from __future__ import annotations

import os

from pydantic import Field

from agents.config import Section
from agents.errors import ConfigError
from agents.terminal import say

TRACING = ("LANGSMITH_", "LANGCHAIN_")
"""LangSmith's own, and the older names that it still reads (langsmith.utils.get_env_var)."""
SERVERS = ("LANGSMITH_LANGGRAPH_",)  # `langgraph dev` tells itself by it what it is
LAID_ASIDE = (
    *TRACING,
    "OTEL_",  # exporters of OpenTelemetry, which Chroma and LangSmith bring
    "CHROMA_",  # another server, another implementation
    *("WANDB_", "MLFLOW_", "COMET_", "CLEARML_", "SWANLAB_", "NEPTUNE_", "TRACKIO_", "DVCLIVE_", "KUBEFLOW_"),
    *("OPENAI_PROXY", "OPENAI_CUSTOM_HEADERS", "OPENAI_LOG"),  # a log of every body, and what goes to any server
)
OFF = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "OTEL_SDK_DISABLED": "true",
    "UNSLOTH_DISABLE_STATISTICS": "1",
}
REDIRECTS = ("OPENAI_BASE_URL", "OPENAI_API_BASE")

_aside: dict[str, str] = {}


class PrivacyConfig(Section):
    """[privacy]: what may leave the machine beside the calls to the models of the config."""

    tracing: bool = Field(False, description="LangSmith's variables count as they are set: prompts and rows go there")


def seal() -> None:
    """Lay aside what the environment tells the libraries to send, before they are imported; harmless when repeated."""
    for name in list(os.environ):
        if name.upper().startswith(LAID_ASIDE) and not name.startswith(SERVERS) and OFF.get(name) != os.environ[name]:
            _aside[name] = os.environ.pop(name)
    os.environ.update(OFF)


def apply(config: PrivacyConfig) -> None:
    """Seal, and put back what LangSmith reads if the project wants its traces; says where they go."""
    seal()
    if not config.tracing:
        return
    os.environ.update({name: value for name, value in _aside.items() if name.startswith(TRACING)})
    where = os.environ.get("LANGSMITH_ENDPOINT") or os.environ.get("LANGCHAIN_ENDPOINT") or "LangSmith"
    say(f"[privacy] tracing = true: prompts and documents go to {where}, if LANGSMITH_TRACING says so", error=True)


def refuse_redirect(model: str, base_url: str | None) -> None:
    """Let no variable choose the server of a model whose config names none.

    Raises:
        ConfigError: OPENAI_BASE_URL is set; the provider or that server, the documents must not go to the wrong one.

    """
    if base_url is None and (name := next((name for name in REDIRECTS if os.environ.get(name)), None)):
        raise ConfigError(
            f"{name} is set to {os.environ[name]}, and the model {model} has no base_url",
            "write the server into base_url under [models.NAME], or unset the variable for the provider's own",
        )
