"""No request reaches another program's server: every variable that names one points to a server that counts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from agents import privacy
from agents.errors import ConfigError
from agents.models.backends import backend_of
from agents.models.config import ModelConfig
from tests.conftest import open_project

LANGSMITH = ("LANGSMITH", "LANGCHAIN")
SERVERS = (
    *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "CHROMA_OTEL_COLLECTION_ENDPOINT"),
    *("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_PROXY", "HF_ENDPOINT", "WANDB_BASE_URL", "MLFLOW_TRACKING_URI"),
    *("KUBEFLOW_TRAINER_SERVER_URL", "COMET_URL_OVERRIDE", "CLEARML_API_HOST"),
)
ROOT = Path(__file__).parents[2]
INDEX = """
import sys, ragtuned
from pathlib import Path
from agents.records import Document
from eval.contestants.rag import Retriever
ragtuned.app(["models", "list", "--quiet"], standalone_mode=False)
document = Document(id="d", path="a.md", title="A", text="Wenna Tolley keeps the lamp at Gull Point.")
embed = lambda texts: [[1.0, float(len(text)), 0.5] for text in texts]
found = Retriever.open(Path(sys.argv[1]) / "chroma", [document], 1000, 200, embed).search(["Who keeps the lamp?"], 1)
print(found[0][0].text)
"""
PAGE = """
import ragtuned, urllib.request
from pathlib import Path
from agents.project import Project
from eval.ui.site import open_site
served = open_site(Project(Path("."), "main", {}), {})
print(urllib.request.urlopen(served.address).status, urllib.request.urlopen(served.address + "/api/chat").status)
served.close()
"""
EMBED = """
import ragtuned
from agents.models.embedding import minilm
ragtuned.app(["models", "list", "--quiet"], standalone_mode=False)
print(len(minilm(print)(["Wenna Tolley"])[0]))
"""


class Counter:
    """A server on this machine that takes anything, and the paths that were asked of it."""

    def __init__(self) -> None:
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = do_PUT = do_PATCH = do_HEAD = do_CONNECT = answer

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def counter() -> Iterator[Counter]:
    counter = Counter()
    Thread(target=counter.server.serve_forever, daemon=True).start()
    yield counter
    counter.server.shutdown()


def lured(counter: Counter) -> dict[str, str]:
    """An environment in which other programs have set all that they set."""
    port = counter.url.rpartition(":")[2]
    named = {
        **{f"{who}_{name}": "true" for who in LANGSMITH for name in ("TRACING", "TRACING_V2", "OTEL_ENABLED")},
        **{f"{who}_ENDPOINT": counter.url for who in LANGSMITH},
        **{f"{who}_API_KEY": "lsv2_x" for who in LANGSMITH},
        **dict.fromkeys(SERVERS, counter.url),
        "CHROMA_OTEL_GRANULARITY": "all",
        "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
        "chroma_server_host": "127.0.0.1",
        "CHROMA_SERVER_HTTP_PORT": port,
        "ANONYMIZED_TELEMETRY": "True",
        "OPENAI_API_KEY": "sk-x",
        "WANDB_API_KEY": "x",
    }
    unset = ("HF_HUB", *privacy.LAID_ASIDE, *privacy.OFF)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    return {**plain, **named, "PYTHONPATH": str(ROOT), "TQDM_DISABLE": "1"}


def run(counter: Counter, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder whose .env says the same to Chroma once more."""
    env = lured(counter)
    told = [f"{name.upper()}={value}" for name, value in env.items() if name.upper().startswith(("CHROMA", "ANON"))]
    (folder / ".env").write_text("\n".join(told), encoding="utf-8")
    command = [sys.executable, *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, timeout=200)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "ragtuned", "synthesize", "--dry"], "next: ragtuned tune"),
        (["-c", INDEX, "."], "Wenna Tolley keeps the lamp"),
        (["-c", PAGE], "200 200"),
        (["-c", EMBED], "384"),
    ],
    ids=["synthesize", "retrieval", "chat-page", "embedding"],
)
def test_nothing_is_sent_where_a_variable_of_another_program_points(
    tmp_path: Path,
    counter: Counter,
    words: list[str],
    said: str,
) -> None:
    if words[-1] == EMBED:
        from agents.models.weights import KNOWN, on_this_machine

        if not on_this_machine(KNOWN["all-minilm-l6-v2"]):
            pytest.skip("the weights of the embedding model are not here")
    open_project(tmp_path)
    done = run(counter, tmp_path, *words)
    assert (done.returncode, said in done.stdout) == (0, True), done.stderr[-2000:]
    assert counter.asked == []


def test_our_switch_turns_the_tracing_on_and_says_where_it_goes(tmp_path: Path, counter: Counter) -> None:
    project = open_project(tmp_path)
    config = (tmp_path / "ragtuned.toml").read_text(encoding="utf-8")
    (tmp_path / "ragtuned.toml").write_text(f"{config}\n[privacy]\ntracing = true\n", encoding="utf-8")
    done = run(counter, project.directory, "-m", "ragtuned", "synthesize", "--dry")
    assert done.returncode == 0
    assert f"prompts and documents go to {counter.url}" in done.stderr
    assert [path for path in counter.asked if "/runs/" in path or "/traces" in path]


@pytest.mark.parametrize("name", privacy.REDIRECTS)
def test_a_server_that_only_a_variable_names_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9/v1")
    said = f"{name} is set to http://127.0.0.1:9/v1, and the model m has no base_url"
    with pytest.raises(ConfigError, match=re.escape(said)):
        backend_of(ModelConfig(provider="openai", model="m"))
    assert backend_of(ModelConfig(provider="openai", model="m", base_url="http://127.0.0.1:8/v1"))


def test_what_is_put_back_is_langsmiths_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "_aside", {})
    for name in ("LANGSMITH_PROJECT", "WANDB_API_KEY", "HF_HUB_DISABLE_TELEMETRY", "HF_ENDPOINT", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "0")
    privacy.apply(privacy.PrivacyConfig())
    assert "LANGSMITH_PROJECT" not in os.environ
    privacy.apply(privacy.PrivacyConfig(tracing=True))
    names = ("LANGSMITH_PROJECT", "WANDB_API_KEY", "HF_HUB_DISABLE_TELEMETRY", "HF_ENDPOINT", "OPENAI_API_KEY")
    assert [os.environ.get(name) for name in names] == ["0", None, "1", "0", "0"]
    privacy.apply(privacy.PrivacyConfig())
    assert "LANGSMITH_PROJECT" not in os.environ


def test_the_served_graphs_are_sealed_before_they_are_opened() -> None:
    left = "[n for n in os.environ if n.startswith('LANGSMITH_')]"
    script = [sys.executable, "-c", f"import os, eval.langgraph_server; print({left}, os.environ['DO_NOT_TRACK'])"]
    told = {"LANGSMITH_TRACING": "true", "LANGSMITH_LANGGRAPH_API_VARIANT": "local_dev"}
    env = {**os.environ, **told, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(script, capture_output=True, text=True, env=env, timeout=200)
    assert done.stdout.strip() == "['LANGSMITH_LANGGRAPH_API_VARIANT'] 1"
