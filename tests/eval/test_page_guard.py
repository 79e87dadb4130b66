"""The started page answers its own tab and nobody else, and only what the two panes need."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from eval.chat import Pair
from eval.chat_web import build_page, serve
from eval.contestants import Answer, Question
from eval.page_guard import MOST_BYTES

ROOT = Path(__file__).parents[2]
JOIN = "/gradio_api/queue/join"
DATA = "/gradio_api/queue/data?session_hash=x"
PREFLIGHT = "Access-Control-Request-Method"
ASKED = (("GET", "/"), ("GET", "/config"), ("POST", JOIN), ("GET", DATA), ("OPTIONS", "/"))
HOSTS = (
    *("evil.example", "evil.example:PORT", "127.0.0.1.evil.example:PORT"),
    *("127.0.0.1", "127.0.0.1:1", "[::1]:PORT", ""),
)
ORIGINS = ("http://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1:1", "http://localhost:PORT")
TAKING = (
    *("/gradio_api/upload", "/upload", "/gradio_api/run/answer", "/gradio_api/api/predict", "/gradio_api/call/answer"),
    *("/gradio_api/component_server", "/gradio_api/process_recording", "/gradio_api/run-history/connect"),
    *("/gradio_api/vibe-edit", "/login", "/gradio_api/stream/x"),
)
GIVING = (
    *(f"/gradio_api/file={ROOT}/ragtuned.py", f"/gradio_api/file/{ROOT}/ragtuned.py", "/file=ragtuned.py"),
    *("/gradio_api/file=/etc/passwd", "/gradio_api/proxy=http://127.0.0.1:9/x", "/gradio_api/upload_progress"),
    *("/gradio_api/info", "/gradio_api/openapi.json", "/openapi.json", "/docs", "/redoc", "/monitoring"),
    *("/gradio_api/runs", "/gradio_api/run-history/records", "/monitoring/summary", "/gradio_api/deep_link"),
    *("/gradio_api/dev/reload", "/gradio_api/token", "/gradio_api/app_id"),
    "/gradio_api/custom_component/1/client/component/x.js",
    *("/assets/../../../etc/passwd", "/static/..%2f..%2f..%2fetc/passwd", "/assets/%2e%2e/%2e%2e/gradio/routes.py"),
)


class Echo:
    """Says what it was asked."""

    def answer_all(self, questions: Sequence[Question], on_answer: Any = None) -> list[Answer]:
        text = f"heard {questions[0].text}"
        cost = {"prompt_tokens": 1, "completion_tokens": 1, "seconds": 0.1}
        return [Answer(question="chat", contestant="x", text=text, raw=text, finished=True, sources=[], **cost)]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a page that is served."""
    pytest.importorskip("gradio", reason="the extra `ui` is not installed")
    page = build_page(Pair(Echo(), Echo()))
    yield urlsplit(serve(page, None, block=False)).port or 0
    page.close()


def ask(port: int, method: str, path: str, headers: Any = None, body: bytes | None = None) -> tuple[int, str]:
    """Status and text of a request; the Host is the page's own unless `headers` names another."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    try:
        text = reply.read().decode("utf-8", "replace")
    except http.client.IncompleteRead as broken:  # Gradio breaks off the stream of a session that it does not know
        text = broken.partial.decode("utf-8", "replace")
    connection.close()
    return reply.status, text


def join(question: str, session: str) -> bytes:
    """What the page sends when a question is asked."""
    return json.dumps({"data": [question], "fn_index": 0, "session_hash": session}).encode()


JSON = {"Content-Type": "application/json"}


def heard(port: int, session: str, headers: dict[str, str] | None = None) -> str:
    """The stream of a session until its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", f"/gradio_api/queue/data?session_hash={session}", headers=headers or {})
    reply, text = connection.getresponse(), ""
    while "process_completed" not in text and (line := reply.readline()):
        text += line.decode()
    connection.close()
    return text


def test_the_page_itself_is_served_and_answers(port: int) -> None:
    status, text = ask(port, "GET", "/")
    assert (status, "ragtuned: retrieval and tuned" in text) == (200, True)
    assert ask(port, "GET", "/config")[0] == 200
    own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}", **JSON}
    assert ask(port, "POST", JOIN, own, join("Who?", "mine"))[0] == 200
    assert "heard Who?" in heard(port, "mine")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("method", "path"), ASKED)
def test_a_request_for_another_host_is_refused(port: int, host: str, method: str, path: str) -> None:
    body = join("Who?", "rebound") if method == "POST" else None
    headers = {"Host": host.replace("PORT", str(port)), "Origin": "http://evil.example", PREFLIGHT: "POST"}
    assert ask(port, method, path, headers, body) == (421, "")


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_request_from_another_site_is_refused(port: int, origin: str, method: str) -> None:
    body = join("Who?", "forged") if method == "POST" else None
    path = JOIN if method == "POST" else DATA
    assert ask(port, method, path, {"Origin": origin.replace("PORT", str(port))}, body) == (403, "")


def test_two_hosts_or_no_host_are_refused(port: int) -> None:
    for lines in (f"Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n", ""):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(f"GET /config HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
            assert connection.recv(100).split()[1] in (b"421", b"400")


@pytest.mark.parametrize("path", TAKING)
def test_nothing_is_uploaded_and_no_other_route_takes_anything(port: int, path: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhello\r\n--b--\r\n'
    assert ask(port, "POST", path, {"Content-Type": "multipart/form-data; boundary=b"}, body) == (404, "")


@pytest.mark.parametrize("path", GIVING)
def test_no_file_no_history_and_no_documentation_is_served(port: int, path: str) -> None:
    assert ask(port, "GET", path) == (404, "")


def test_a_body_that_is_no_question_is_refused(port: int) -> None:
    assert ask(port, "POST", JOIN, JSON, b"x" * (MOST_BYTES + 1)) == (413, "")
    chunked = {**JSON, "Transfer-Encoding": "chunked"}
    assert ask(port, "POST", JOIN, chunked, b"5\r\nhello\r\n0\r\n\r\n") == (411, "")


def test_a_websocket_is_refused(port: int) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    assert ask(port, "GET", JOIN, {**upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})[0] in (403, 404)


def test_one_session_sees_nothing_of_another_and_nothing_is_kept(port: int, tmp_path: Path) -> None:
    import gradio

    cache = Path(gradio.utils.get_upload_folder())
    before = sorted(cache.rglob("*")) if cache.exists() else []
    for session in ("first", "second"):
        assert ask(port, "POST", JOIN, JSON, join(f"secret of {session}", session))[0] == 200
    first, second = heard(port, "first"), heard(port, "second")
    assert ("secret of first" in first, "secret of second" in first) == (True, False)
    assert ("secret of second" in second, "secret of first" in second) == (True, False)
    for path in ("/", "/config"):
        assert "secret of" not in ask(port, "GET", path)[1]
    assert "secret of first" not in ask(port, "GET", "/gradio_api/queue/data?session_hash=third")[1]
    assert (sorted(cache.rglob("*")) if cache.exists() else []) == before


def test_it_listens_on_no_other_address(port: int) -> None:
    listening = [c.laddr for c in psutil.Process().net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening if address.port == port} == {"127.0.0.1"}
