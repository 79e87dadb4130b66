"""No connection to this machine goes through a proxy; every other one as the environment says."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agents.errors import ConfigError, EndpointError
from agents.models.config import ModelConfig
from agents.models.endpoints import warnings
from agents.models.network import is_loopback, proxy_of, spare_loopback
from tests.agents.models.test_openai_backend import Server, ask, completion

DEAD = "http://user:pass-9f3kQ@127.0.0.1:9"  # nobody listens at port 9


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the machine that the tests run on; what a test or the code sets is gone after it."""
    for name in ("http", "https", "all", "no"):
        for spelt in (f"{name}_proxy", f"{name}_proxy".upper()):
            monkeypatch.setenv(spelt, "")
            monkeypatch.delenv(spelt)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("0.0.0.0", True),
        ("localhost.example", False),
        ("10.0.0.1", False),
    ],
)
def test_what_is_on_this_machine_is_told_by_the_host(host: str, here: bool) -> None:
    assert is_loopback(urlsplit(f"http://{host}:8000/v1")) is here


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_model_on_this_machine_is_asked_without_the_proxy(
    host: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", DEAD)
    server.says((200, completion("Hello.")))
    assert ask(server.url.replace("127.0.0.1", host), tmp_path).text == "Hello."


def test_no_library_warns_of_a_proxy_that_counts_all_the_same(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from agents.models.openai_chat import message_of

    monkeypatch.setattr("langchain_openai.chat_models._client_utils._proxy_env_warning_emitted", False)
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    server.says((200, completion("Through the proxy.")))
    ask("http://model.invalid/v1", tmp_path)
    message_of(completion("In a batch."))
    assert not [record for record in caplog.records if "proxy" in record.getMessage().lower()]


def test_downloads_from_this_machine_go_past_the_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", DEAD)
    spare_loopback()
    server.says((200, "weights"))
    asked = urllib.request.Request(server.url, data=b"{}", headers={"Content-Length": "2"})
    with urllib.request.urlopen(asked, timeout=5) as reply:
        assert reply.read() == b"weights"


def test_hosts_that_no_proxy_named_before_stay_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", DEAD)
    monkeypatch.setenv("NO_PROXY", "intern.example, .corp")
    spare_loopback("http://127.0.0.5:8000/v1", "https://elsewhere.example/v1")
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "intern.example,.corp,localhost,127.0.0.1,::1,127.0.0.5"


def test_without_a_proxy_the_environment_stays_as_it_is() -> None:
    spare_loopback("http://127.0.0.5:8000/v1")
    assert "NO_PROXY" not in os.environ


def test_another_host_is_reached_through_the_proxy(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    server.says((200, completion("Through the proxy.")))
    assert ask("http://model.invalid/v1", tmp_path).text == "Through the proxy."


@pytest.mark.parametrize("spared", ["*", "model.invalid", ".invalid"], ids=["all", "host", "domain"])
def test_a_host_that_no_proxy_names_is_reached_without_it(
    spared: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    monkeypatch.setenv("NO_PROXY", spared)
    server.says((200, completion()))
    with pytest.raises(EndpointError) as failed:
        ask("http://model.invalid/v1", tmp_path, retries=0)
    assert not server.asked
    assert "proxy" not in str(failed.value)


def test_a_proxy_that_is_not_there_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", DEAD)
    with pytest.raises(EndpointError, match=r"through the proxy http://127\.0\.0\.1:9") as failed:
        ask("https://model.invalid/v1", tmp_path, retries=0)
    assert "NO_PROXY" in failed.value.do
    assert "9f3kQ" not in str(failed.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/v1", "127.0.0.1:9/v1 cannot be reached: nothing listens on that port"),
        ("http://model.invalid/v1", "model.invalid/v1 cannot be reached: its host name is not known"),
    ],
    ids=["refused", "unknown-host"],
)
def test_a_port_that_is_closed_and_a_host_that_is_unknown_are_told_apart(url: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=words):
        ask(url, tmp_path, retries=0)


def test_a_proxy_without_its_scheme_is_one_of_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.corp:3128")
    assert proxy_of(urlsplit("https://model.example/v1")) == "http://proxy.corp:3128"


def told_of(**config: str) -> list[str]:
    return list(warnings(ModelConfig.model_validate({"provider": "openai", "model": "toy", **config})))


def test_a_socks_proxy_is_refused_before_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(ConfigError, match="socks5"):
        told_of()
    assert told_of(base_url="http://127.0.0.1:8000/v1") == []


@pytest.mark.parametrize("text", [None, "no certificate"], ids=["no-file", "other-text"])
def test_an_ssl_cert_file_that_holds_no_certificate_is_named(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text:
        (tmp_path / "ca.pem").write_text(text, encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(ConfigError, match=r"SSL_CERT_FILE = .*ca\.pem holds no certificates"):
        told_of()


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes a certificate with the openssl command")
def test_a_certificate_of_ones_own_authority_is_taken_from_ssl_cert_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -days 2 -subj /CN=localhost"
    subprocess.run(
        [*made.split(), "-addext", "subjectAltName=DNS:localhost"], cwd=tmp_path, check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    server.says((200, completion("Hello.")))
    url = server.url.replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(EndpointError) as failed:
        ask(url, tmp_path, retries=0)
    assert "certificate is not trusted" in failed.value.what
    assert "SSL_CERT_FILE" in failed.value.do
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert ask(url, tmp_path).text == "Hello."
