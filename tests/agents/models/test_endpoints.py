"""A key goes to the server it was made for, and to no other."""

from __future__ import annotations

from typing import Any

import pytest

from agents.errors import ConfigError
from agents.models.config import ModelConfig
from agents.models.endpoints import key_of, secrets_in_url, secrets_of, shown, warnings

KEY = "sk-test-Zq8w1L2vN6rT0xB4yM9k"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OWN_KEY", "own-test-5kP0dR7sW2cX")


def model(**changes: Any) -> ModelConfig:
    return ModelConfig.model_validate({"provider": "openai", "model": "toy", **changes})


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({}, KEY),
        ({"base_url": "https://api.openai.com/v1"}, KEY),
        ({"base_url": "https://eu.api.openai.com/v1"}, KEY),
        ({"base_url": "http://127.0.0.1:8000/v1"}, ""),
        ({"base_url": "http://localhost:11434/v1"}, ""),
        ({"base_url": "http://[::1]:8000/v1"}, ""),
        ({"base_url": "http://127.0.0.1:8000/v1", "api_key_env": "OPENAI_API_KEY"}, KEY),
        ({"base_url": "https://gateway.example/v1", "api_key_env": "OWN_KEY"}, "own-test-5kP0dR7sW2cX"),
        ({"base_url": "https://gateway.example/v1", "api_key_env": "NOT_SET"}, ""),
    ],
    ids=[
        "provider",
        "provider-named",
        "its-region",
        "loopback",
        "localhost",
        "loopback-6",
        "loopback-that-names-it",
        "own-key",
        "wants-none",
    ],
)
def test_each_server_gets_its_own_key(config: dict[str, Any], key: str) -> None:
    assert key_of(model(**config)) == key


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example/v1",
        "http://192.168.1.5:8000/v1",
        "https://api.openai.com.example/v1",
        "https://example/api.openai.com",
        "http://api.openai.com/v1",
        "http://127.0.0.1.example/v1",
    ],
    ids=["gateway", "own-network", "looks-like-it", "in-the-path", "without-encryption", "looks-like-loopback"],
)
def test_the_default_key_is_refused_to_another_host(url: str) -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not sent.*\n.*set api_key_env") as caught:
        key_of(model(base_url=url))
    assert KEY not in str(caught.value)


def test_a_server_of_another_host_is_asked_without_a_key_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", "none"):
        monkeypatch.setenv("OPENAI_API_KEY", value)
        assert key_of(model(base_url="http://192.168.1.5:8000/v1")) == ""


def test_a_line_break_around_a_key_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    assert key_of(model()) == KEY
    assert [line for line in warnings(model()) if "line break" in line and KEY not in line]


@pytest.mark.parametrize(
    "key",
    ["sk-test one-two-three", "sk-test\none-two-three", "sk-tést-one-two-three"],
    ids=["space", "line-break", "accent"],
)
def test_a_key_that_no_header_carries_is_refused_unquoted(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ConfigError, match="no header carries") as caught:
        key_of(model())
    assert key not in str(caught.value)


def test_a_key_in_place_of_its_variables_name_is_not_quoted() -> None:
    with pytest.raises(ConfigError, match="no name of an environment variable") as caught:
        key_of(model(api_key_env=KEY))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000/v1", "ftp://127.0.0.1/v1", "http://", "http://[::1/v1", "http://a:b/v1"]
)
def test_what_is_no_url_is_a_config_error(url: str) -> None:
    with pytest.raises(ConfigError, match="not the URL of a server"):
        key_of(model(base_url=url))


@pytest.mark.parametrize("user", ["ann:pass-word-1234@", "ann@", ":pass-word-1234@", "api.openai.com:x@"])
def test_a_user_or_password_in_a_url_is_refused_and_not_shown(user: str) -> None:
    with pytest.raises(ConfigError, match="https://gateway.example/v1 holds a user or a password") as caught:
        key_of(model(base_url=f"https://{user}gateway.example/v1", api_key_env="OWN_KEY"))
    assert user not in str(caught.value)


def test_the_query_of_a_url_is_a_secret_and_not_shown() -> None:
    config = model(base_url="https://gateway.example/v1?token=abcd-efgh", api_key_env="OWN_KEY")
    assert (shown(config), secrets_in_url(config)) == ("https://gateway.example/v1", ["abcd-efgh"])


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://192.168.1.5:8000/v1", True),
        ("https://192.168.1.5/v1", False),
        ("http://127.0.0.1:8000/v1", False),
        (None, False),
    ],
    ids=["plain", "encrypted", "loopback", "provider"],
)
def test_plain_http_to_another_machine_is_warned_of(url: str | None, warned: bool) -> None:
    assert any("without encryption" in line for line in warnings(model(base_url=url))) is warned


def test_the_secrets_of_a_model_are_its_key_and_what_its_url_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_KEY", " sk-toy ")
    config = ModelConfig(provider="openai", api_key_env="TOY_KEY", base_url="https://gateway.example/v1?token=abcd")
    assert secrets_of(config) == ["sk-toy", "abcd"]
    monkeypatch.delenv("TOY_KEY")
    assert secrets_of(config) == ["", "abcd"]  # no key is needed to read results
