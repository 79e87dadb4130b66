"""Every verb on a project whose names, documents, settings and replies try to command the terminal; none does."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

import ragtuned as command
from agents.models.store import CallStore, Reply, StoredCall, call_key
from eval.chat import Panel
from eval.contestants.answering import Answer, Question
from eval.contestants.rag import Passage
from tests.conftest import CONFIG, write_pages

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[31m\x1b[2J\x9b2J\x90q\r\x08\u202egnp.exe\u2066\u200b\u061c\U000e0041\ufeff[red]x[b]"
TITLE = HOSTILE + "[link=file:///etc/passwd]here[/link]"
PAGE = (
    f"# Bastow {TITLE}\n\nBastow Pask sold the old mill to Orla {HOSTILE} Dunn in March for ninety coppers."
    + " Wenna Tolley keeps the lamp at Gull Point since June."
)


def toml(text: str) -> str:
    """A string of TOML."""
    return json.dumps(text, ensure_ascii=False)


def unsafe(text: str) -> set[str]:
    """The characters of `text` that no terminal should be given."""
    return {hex(ord(c)) for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


Verb = Callable[..., SimpleNamespace]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project in a folder of such a name; documents, a file that cannot be read, and kept calls are named alike."""
    folder = tmp_path / HOSTILE
    write_pages(folder / "documents")
    (folder / "documents" / f"{HOSTILE}.md").write_text(PAGE, encoding="utf-8")
    (folder / "documents" / f"broken {HOSTILE}.docx").write_bytes(b"no zip")
    (folder / "ragtuned.toml").write_text(CONFIG.replace('"scripted"', toml(TITLE)), encoding="utf-8")
    store = CallStore(folder / "calls.sqlite")
    request = {"model": HOSTILE, "messages": [{"role": "user", "content": TITLE}]}
    store.put(call_key(request), HOSTILE, request, StoredCall(status="ok", reply=Reply(text=TITLE)))
    store.export(folder / "recording.jsonl")
    store.close()
    return folder


@pytest.fixture
def verb(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verb:
    """Runs the command as a shell does, in the project; gives its exit code and what it printed."""
    monkeypatch.setenv("COLUMNS", "400")

    def run(*words: str, where: bool = True) -> SimpleNamespace:
        streams = sys.stdout, sys.stderr
        monkeypatch.setattr(sys, "argv", ["ragtuned", *words, *(["-C", str(folder)] if where else [])])
        try:
            command.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            sys.stdout, sys.stderr = streams
        out, error = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, said=out + error)

    return run


def changed(folder: Path) -> None:
    """Documents come and go, and a setting changes."""
    (folder / "documents" / f"new {HOSTILE}.md").write_text("Orla Dunn bought a boat in May.", encoding="utf-8")
    config = (folder / "ragtuned.toml").read_text(encoding="utf-8").replace("local.briefs = 12", "local.briefs = 11")
    (folder / "ragtuned.toml").write_text(config + f"\n[tuning]\nbase = {toml(TITLE)}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("plan", 0),
        ("synthesize --dry", 0),
        ("synthesize --dry --preview 3", 0),
        ("synthesize --replay recording.jsonl", 1),
        ("synthesize --replay MISSING", 2),
        ("synthesize", 1),
        ("synthesize --graphrag-index HOSTILE", 2),
        ("plan --run HOSTILE", 2),
        ("plan --HOSTILE", 2),
        ("init", 2),
        ("calls stats", 0),
        ("calls export OUT.jsonl", 0),
        ("calls import recording.jsonl", 0),
        ("calls import HOSTILE", 2),
        ("calls prune", 2),
        ("tune", 2),
        ("eval", 2),
        ("judge", 2),
        ("report", 2),
        ("report --also HOSTILE", 2),
        ("chat HOSTILE", 2),
        ("review", 2),
        ("export", 2),
        ("export --format HOSTILE", 2),
        ("export --model HOSTILE", 2),
        ("improve", 2),
        ("serve", 2),
        ("diff", 0),
    ],
    ids=lambda value: str(value).replace(" ", "_"),
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_verb_prints_no_control(folder: Path, verb: Verb, words: str, code: int, form: str) -> None:
    values = {
        "HOSTILE": HOSTILE,
        "--HOSTILE": f"--{HOSTILE}",
        "MISSING": str(folder / TITLE),
        "OUT.jsonl": str(folder / f"{HOSTILE}.jsonl"),
    }
    line = [values.get(word, str(folder / word) if word == "recording.jsonl" else word) for word in words.split()]
    done = verb(*line, *(["--json"] if form == "json" else []))
    assert (done.code, unsafe(done.said)) == (code, set())
    assert "Traceback" not in done.said
    if form == "json" and not code:
        assert "artifact" in json.loads(done.out)


def test_what_a_finished_run_prints_holds_none_either(folder: Path, verb: Verb) -> None:
    dry = ["--run", "main-dry"]
    first = verb("synthesize", "--dry")
    changed(folder)
    told = [
        first,
        verb("diff", *dry),
        verb("export", *dry),
        verb("export", *dry, "--format", "graphml"),
        verb("calls", "prune", "--dry"),
        verb("tune", *dry),
        verb("doctor"),
    ]
    assert [unsafe(done.said) for done in told] == [set()] * len(told)
    assert "\\u202egnp.exe" in first.said
    assert "+ documents/new \\x1b]52" in told[1].said
    assert "[red]x[b]" in told[1].said


def test_a_review_prints_none(folder: Path, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    config = (folder / "ragtuned.toml").read_text(encoding="utf-8")
    (folder / "ragtuned.toml").write_text(config.replace("shard_size", "review = true\nshard_size"), encoding="utf-8")
    assert verb("synthesize", "--dry").code == 3
    listed = verb("review", "--run", "main-dry", "--json")
    assert (unsafe(listed.said), "gnp.exe" in str(json.loads(listed.out)["waiting"])) == (set(), True)
    keys = iter(["?", "e", "q"] + ["a"] * 100)
    monkeypatch.setattr("builtins.input", lambda prompt="": print(prompt, end="") or next(keys))
    done = verb("review", "--run", "main-dry")
    assert unsafe(done.said) == set()
    assert "1 of" in done.said


class Toy:
    """Answers with what a terminal would obey."""

    def answer_all(self, questions: list[Question]) -> list[Answer]:
        source = Passage(path=f"{HOSTILE}.md", start=0, end=4, text=TITLE)
        return [
            Answer(
                question="chat",
                contestant="x",
                text=TITLE,
                raw=TITLE,
                finished=True,
                sources=[source],
                prompt_tokens=1,
                completion_tokens=1,
                seconds=0.1,
            )
        ]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_answers_of_a_chat_hold_none(verb: Verb, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr("eval.session.load_panel", lambda project, say, names: Panel({"rag": Toy(), "tuned": Toy()}))
    done = verb("chat", TITLE, *(["--json"] if form == "json" else []))
    assert (done.code, unsafe(done.said)) == (0, set())
    if form == "json":
        assert json.loads(done.out)["rag"]["text"] == TITLE
    else:
        assert "[link=file:///etc/passwd]here[/link]" in done.said


def test_the_path_of_weights_is_shown_without(folder: Path, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    from agents.models.weights import KNOWN

    (folder / next(iter(KNOWN.values())).file_name).write_bytes(b"")
    monkeypatch.setenv("RAGTUNED_WEIGHTS", str(folder))
    done = verb("models", "list", where=False)
    assert (done.code, unsafe(done.said), "\\u202e" in done.said) == (0, set(), True)
    assert unsafe(verb("models", "pull", HOSTILE, where=False).said) == set()


class Refusing(BaseHTTPRequestHandler):
    """Answers every call with an error whose body commands the terminal."""

    def do_POST(self) -> None:
        body = json.dumps({"error": {"message": TITLE}}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def test_the_body_of_an_error_is_shown_without(folder: Path, verb: Verb) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    path = folder / "ragtuned.toml"
    config = path.read_text(encoding="utf-8").replace("127.0.0.1:9/", f"127.0.0.1:{server.server_port}/")
    path.write_text(config, encoding="utf-8")
    done = verb("synthesize")
    server.shutdown()
    assert (done.code, unsafe(done.said)) == (1, set())
    assert "answered 401" in done.said
    assert "gnp.exe" in done.said


def test_an_unforeseen_error_is_shown_without(folder: Path, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        import traceback

        try:
            raise RuntimeError(TITLE)
        except RuntimeError:
            traceback.print_exc()

    monkeypatch.setattr("graphs.plan.plan", broken)
    monkeypatch.setattr("graphs.summary.show_plan", lambda *_: {})
    done = verb("plan")
    assert ("RuntimeError" in done.said, unsafe(done.said)) == (True, set())
