"""Each provider has an address and a key of its own, and a package where the OpenAI protocol is not enough."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agents.errors import ConfigError, MissingExtra
from agents.models import providers
from agents.models.batch import refuse_embedded
from agents.models.config import ModelConfig
from agents.models.endpoints import key_of, shown, warnings
from agents.models.providers import PROVIDERS, address, check_installed

KEYS = {name: f"key-of-{name.lower()}-9f3kQ" for entry in PROVIDERS.values() for name in entry.keys}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def model(provider: str, **changes: Any) -> ModelConfig:
    return ModelConfig.model_validate({"provider": provider, "model": "toy", **changes})


@pytest.mark.parametrize(
    ("provider", "base_url", "asked", "variable"),
    [
        ("openai", None, "https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("mistral", None, "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        ("anthropic", None, "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
        ("google", None, "https://generativelanguage.googleapis.com", "GOOGLE_API_KEY"),
        ("azure", "https://me.openai.azure.com/", "https://me.openai.azure.com/openai/v1", "AZURE_OPENAI_API_KEY"),
        (
            "azure",
            "https://me.openai.azure.com/openai/v1",
            "https://me.openai.azure.com/openai/v1",
            "AZURE_OPENAI_API_KEY",
        ),
        ("ollama", None, "http://127.0.0.1:11434/v1", ""),
        ("ollama", "https://ollama.com/v1", "https://ollama.com/v1", "OLLAMA_API_KEY"),
        ("vllm", None, "http://127.0.0.1:8000/v1", "VLLM_API_KEY"),
        ("vllm", "https://gpu.example/v1", "https://gpu.example/v1", "VLLM_API_KEY"),
    ],
    ids=[
        "openai",
        "mistral",
        "anthropic",
        "google",
        "azure",
        "azure-path",
        "ollama",
        "ollama-cloud",
        "vllm",
        "vllm-else",
    ],
)
def test_a_provider_has_its_address_and_its_key(provider: str, base_url: str | None, asked: str, variable: str) -> None:
    config = model(provider, base_url=base_url)
    assert (address(config), key_of(config)) == (asked, KEYS.get(variable, ""))


@pytest.mark.parametrize("provider", ["mistral", "anthropic", "azure"])
def test_the_key_of_a_provider_goes_to_no_other_host(provider: str) -> None:
    with pytest.raises(ConfigError, match="is not sent to https://gateway.example"):
        key_of(model(provider, base_url="https://gateway.example/v1"))


def test_the_second_name_of_a_key_counts_where_the_first_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", " ")
    assert key_of(model("google")) == KEYS["GEMINI_API_KEY"]


@pytest.mark.parametrize("provider", ["mistral", "anthropic", "google"])
def test_a_provider_whose_key_is_missing_names_its_variable(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    with pytest.raises(ConfigError, match=PROVIDERS[provider].keys[0]):
        key_of(model(provider))
    assert key_of(model("ollama")) == key_of(model("vllm")) == ""


def test_azure_needs_the_address_of_its_resource() -> None:
    with pytest.raises(ConfigError, match="openai.azure.com"):
        key_of(model("azure"))


@pytest.mark.parametrize(
    ("provider", "package", "extra"),
    [("anthropic", "langchain-anthropic", "anthropic"), ("google", "langchain-google-genai", "google")],
    ids=["anthropic", "google"],
)
def test_a_missing_package_is_named_with_the_command_before_a_call(
    provider: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "installed_version", lambda name: "1.0" if name == "langchain" else None)
    with pytest.raises(MissingExtra, match=f"needs {package}") as missing:
        list(warnings(model(provider)))
    assert f"[{extra}]" in missing.value.do
    assert f"pip install {package}" in missing.value.do


def test_a_provider_of_the_openai_protocol_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "installed_version", lambda name: None)
    check_installed(model("mistral"))


def test_a_key_with_a_line_break_is_trimmed_and_the_message_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "sk-abc-12345\n")
    assert key_of(model("mistral")) == "sk-abc-12345"
    assert list(warnings(model("mistral"))) == [
        "the key in MISTRAL_API_KEY has a space or a line break around it, which is left out"
    ]


def test_messages_name_the_address_of_the_provider() -> None:
    assert shown(model("mistral")) == "https://api.mistral.ai/v1"


def test_a_batch_is_refused_where_no_batch_reaches() -> None:
    with pytest.raises(ConfigError, match="toy speaks for critic"):
        refuse_embedded({"writer": model("openai"), "critic": model("anthropic")})


@pytest.mark.parametrize("provider", ["anthropic", "google"])
@pytest.mark.parametrize(
    "option",
    [{"headers": {"X-Team": "a"}}, {"organization": "o"}, {"reasoning_effort": "low"}],
    ids=["headers", "organization", "effort"],
)
def test_an_option_that_a_package_would_not_get_is_refused(provider: str, option: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="not handed to the package"):
        ModelConfig.model_validate({"provider": provider, "model": "m", **option})
