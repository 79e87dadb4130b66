"""The started page answers its own tab and nobody else, and nothing but its own routes; wider only with a password."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from eval.ui.guard import MOST_BYTES
from eval.ui.server import PASSWORD, Served, build_app, password_for

ROOT = Path(__file__).parents[3]
ASK = "/api/chat/ask"
JSON = {"Content-Type": "application/json"}
ASKED = (("GET", "/"), ("GET", "/api/chat"), ("POST", ASK), ("OPTIONS", "/"))
HOSTS = (
    *("evil.example", "evil.example:PORT", "127.0.0.1.evil.example:PORT"),
    *("127.0.0.1", "127.0.0.1:1", "[::1]:PORT", ""),
)
ORIGINS = ("http://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1:1", "http://localhost:PORT")
FILES = (
    *(f"/file={ROOT}/ragtuned.py", "/ragtuned.toml", "/calls.sqlite", "/report.html.j2", "/..%2f..%2fetc/passwd"),
    *("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/page.js/../../session.py", "//etc/passwd", "/.lock"),
)


@pytest.fixture
def port(desk: Any) -> int:
    """The port of a page that is served."""
    return desk.served.port


def ask(port: int, method: str, path: str, headers: Any = None, body: bytes | None = None) -> tuple[int, str]:
    """Status and text of a request; the Host is the page's own unless `headers` names another."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    text = reply.read().decode("utf-8", "replace")
    connection.close()
    return reply.status, text


def question(text: str = "Who?") -> bytes:
    """What the page sends when a question is asked."""
    return json.dumps({"question": text, "panes": ["rag"]}).encode()


def test_the_page_itself_is_served_and_answers(port: int) -> None:
    status, text = ask(port, "GET", "/")
    assert (status, "ragtuned" in text) == (200, True)
    own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}", **JSON}
    status, text = ask(port, "POST", ASK, own, question())
    assert (status, json.loads(text.splitlines()[-1])["type"]) == (200, "done")


def test_every_answer_forbids_scripts_and_frames_of_others(port: int) -> None:
    for path in ("/", "/page.js", "/api/chat", "/nowhere", "/report"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path)
        policy = connection.getresponse().headers["Content-Security-Policy"] or ""
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("method", "path"), ASKED)
def test_a_request_for_another_host_is_refused(port: int, host: str, method: str, path: str) -> None:
    headers = {"Host": host.replace("PORT", str(port)), "Origin": "http://evil.example", **JSON}
    assert ask(port, method, path, headers, question() if method == "POST" else None) == (421, "")


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_request_from_another_site_is_refused(port: int, origin: str, method: str) -> None:
    headers = {"Origin": origin.replace("PORT", str(port)), **JSON}
    assert ask(port, method, ASK, headers, question() if method == "POST" else None) == (403, "")


def test_two_hosts_or_no_host_are_refused(port: int) -> None:
    for lines in (f"Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n", ""):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(f"GET /api/chat HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
            assert connection.recv(100).split()[1] in (b"421", b"400")


@pytest.mark.parametrize("path", FILES)
def test_no_file_but_those_of_the_page_is_served(port: int, path: str) -> None:
    status, text = ask(port, "GET", path)
    assert status in (400, 404)
    assert "import" not in text
    assert "root:" not in text


def test_a_form_of_another_site_is_refused_by_its_type(port: int) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"):
        assert ask(port, "POST", ASK, {"Content-Type": kind}, question()) == (415, "")


def test_a_body_that_is_no_question_is_refused(port: int) -> None:
    assert ask(port, "POST", ASK, JSON, b"x" * (MOST_BYTES + 1)) == (413, "")
    chunked = {**JSON, "Transfer-Encoding": "chunked"}
    assert ask(port, "POST", ASK, chunked, b"5\r\nhello\r\n0\r\n\r\n") == (411, "")
    for body in (b"[]", b"not json", b'{"question": "x"}'):
        assert ask(port, "POST", ASK, JSON, body)[0] == 400
    assert ask(port, "DELETE", "/", JSON)[0] == 405


def test_it_listens_on_no_other_address(port: int) -> None:
    listening = [c.laddr for c in psutil.Process().net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening if address.port == port} == {"127.0.0.1"}


@pytest.fixture
def guarded() -> Iterator[int]:
    """A page that is served to other machines (here on the loopback all the same), with a password."""
    served = Served(build_app([], "0.0.0.0", "open sesame"), "127.0.0.1", None)
    yield served.port
    served.close()


def basic(password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'me:{password}'.encode()).decode()}"}


def test_a_page_for_other_machines_asks_for_its_password(guarded: int) -> None:
    assert ask(guarded, "GET", "/")[0] == 401
    assert ask(guarded, "GET", "/", {**basic("open sesame"), "Host": "desk.example"})[0] == 200
    for header in ("Basic", "Basic %%%", "Bearer open sesame", "Basic b3Blbg=="):
        assert ask(guarded, "GET", "/", {"Authorization": header})[0] == 401


def test_guesses_of_the_password_take_a_second_each(guarded: int) -> None:
    started = time.monotonic()
    assert ask(guarded, "GET", "/", basic("open says me"))[0] == 401
    assert time.monotonic() - started >= 1


def test_only_the_loopback_goes_without_a_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(PASSWORD, raising=False)
    assert password_for("127.0.0.1") == ""
    made = password_for("0.0.0.0")
    assert len(made) >= 16
    assert made in capsys.readouterr().out
    monkeypatch.setenv(PASSWORD, "mine")
    assert password_for("0.0.0.0") == "mine"
