"""The command as a user meets it: exit codes, messages, and how fast it starts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NoReturn

import pytest
import typer

import ragtuned as command
from tests.conftest import CONFIG, open_project

HEAVY = (
    "torch",
    "transformers",
    "trl",
    "datasets",
    "langgraph",
    "langchain_core",
    "openai",
    "chromadb",
    "aiohttp",
    "matplotlib",
    "networkx",
)


def ragtuned(*words: str | Path, cwd: Path | None = None) -> CompletedProcess[str]:
    env = {**os.environ, "COLUMNS": "200", "OPENAI_API_KEY": ""}
    return subprocess.run(
        [sys.executable, "-m", "ragtuned", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=env,
        timeout=200,
    )


def test_hints_know_every_group_of_verbs() -> None:
    groups = {group.name for group in command.app.registered_groups}
    assert groups == {*command.last_words.GROUPS, *command.last_words.WITHOUT_PROJECT}


def test_help_names_the_verbs_and_loads_nothing_heavy() -> None:
    script = (
        "import sys, ragtuned\ntry:\n    ragtuned.app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('LOADED', sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=200)
    for verb in ("init", "plan", "synthesize", "export", "tune", "eval", "doctor"):
        assert verb in done.stdout
    loaded = done.stderr.partition("LOADED")[2]
    assert "typer" in loaded
    assert [name for name in HEAVY if f"'{name}'" in loaded] == []


def texts(verb: Any, name: str = "ragtuned") -> Iterator[tuple[str, str]]:
    """Every help text of a verb and those below it, with where it stands."""
    yield name, verb.help or ""
    yield from ((f"{name} {option.name}", getattr(option, "help", None) or "") for option in verb.params)
    for word, one in getattr(verb, "commands", {}).items():
        yield from texts(one, f"{name} {word}")


def test_no_help_text_loses_the_name_of_a_section_of_the_config() -> None:
    """What stands in brackets is markup to Rich, which prints nothing in its place."""
    found = dict(texts(typer.main.get_command(command.app)))
    assert len(found) > 100
    assert [where for where, text in found.items() if re.search(r"(?<!\\)\[[a-z]", text)] == []


@pytest.mark.parametrize(
    ("words", "config", "code", "message"),
    [
        (["synthesize"], None, 2, "no ragtuned.toml in"),
        (
            ["synthesize"],
            "[synthesis]\nlocal_brief = 3\n",
            2,
            "unknown key synthesis.local_brief: did you mean briefs in [synthesis.local]?",
        ),
        (["synthesize", "--dry"], "", 2, "[documents] paths"),
        (["plan", "--run", "a/b"], "", 2, "--run 'a/b' is not a name"),
        (["export", "--format", "csv"], "", 2, "--format csv: unknown"),
        (["synthesize", "--graphrag-index", "nowhere"], "", 2, "nowhere is no folder"),
        (["init"], "", 2, "exists already"),
        (["synthesize", "--replay", "nowhere.jsonl.gz"], "", 2, "there is no file nowhere.jsonl.gz"),
        (["synthesize", "--no-such-option"], "", 2, "No such option"),
    ],
    ids=[
        "no-config",
        "unknown-key",
        "no-documents",
        "bad-run-name",
        "unknown-format",
        "no-index",
        "init-twice",
        "no-recording",
        "unknown-option",
    ],
)
def test_wrong_use_is_exit_code_2_with_one_clear_message(
    tmp_path: Path, words: list[str], config: str | None, code: int, message: str
) -> None:
    if config is not None:
        (tmp_path / "ragtuned.toml").write_text(config)
    done = ragtuned(*words, "-C", tmp_path)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs" / "main" / "data").exists()


def test_a_batch_ends_with_exit_code_0_and_the_next_commands_and_the_same_command_writes_it_again(
    tmp_path: Path,
) -> None:
    open_project(tmp_path)
    requests = tmp_path / "requests.jsonl"
    for again in (False, True):
        done = ragtuned("synthesize", "--batch", requests, "-C", tmp_path)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False)
        assert f"{requests}: 3 requests to scripted" in done.stdout
        assert f"next: ragtuned calls import -C {tmp_path} results.jsonl\n" in done.stdout
        assert done.stdout.endswith(f"next: ragtuned synthesize -C {tmp_path} --batch {requests}\n")
        assert ("3 of them were written before" in done.stdout) is again
    told = json.loads(ragtuned("synthesize", "--batch", requests, "-C", tmp_path, "--json").stdout)
    assert (told["batch"]["requests"], told["batch"]["by_role"]) == (3, {"extractor": 3})


@pytest.mark.parametrize("option", ["--dry", "--replay=recording.jsonl", "--preview=1"])
def test_a_batch_goes_with_no_other_way_to_answer(tmp_path: Path, option: str) -> None:
    open_project(tmp_path)
    done = ragtuned("synthesize", "--batch", tmp_path / "requests.jsonl", option, "-C", tmp_path)
    assert (done.returncode, "--batch goes with none of" in done.stderr) == (2, True)


def test_an_empty_folder_is_exit_code_2(tmp_path: Path) -> None:
    assert ragtuned("init", "-C", tmp_path).returncode == 0
    done = ragtuned("synthesize", "--dry", "-C", tmp_path)
    assert (done.returncode, "no document in documents" in done.stderr) == (2, True)


def test_a_dead_endpoint_is_exit_code_1(tmp_path: Path) -> None:
    open_project(tmp_path)
    done = ragtuned("synthesize", "-C", tmp_path)
    assert done.returncode == 1
    assert "http://127.0.0.1:9/v1 cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("sent", "of_ctrl_c"),
    [(signal.SIGINT, signal.SIG_DFL), (signal.SIGTERM, signal.SIG_IGN)],
    ids=["ctrl-c", "terminated-in-the-background"],
)
def test_a_run_that_is_stopped_is_exit_code_130_and_says_that_the_same_command_continues(
    sent: signal.Signals, of_ctrl_c: signal.Handlers, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_server:
        silent_server.settimeout(200)
        open_project(tmp_path, CONFIG.replace("127.0.0.1:9", f"127.0.0.1:{silent_server.getsockname()[1]}"))
        words = [sys.executable, "-m", "ragtuned", "synthesize", "-C", str(tmp_path)]
        as_started = lambda: signal.signal(signal.SIGINT, of_ctrl_c)  # noqa: E731
        process = subprocess.Popen(
            words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, preexec_fn=as_started
        )
        connection, _ = silent_server.accept()
        process.send_signal(sent)
        _, errors = process.communicate(timeout=100)
        connection.close()
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert f"every reply that came is kept in {tmp_path}/calls.sqlite" in errors


def test_the_version_and_the_short_help_are_there() -> None:
    assert ragtuned("--version").stdout.startswith("ragtuned 0.")
    assert "Usage" in ragtuned("plan", "-h").stdout


def test_a_terminal_that_lacks_letters_gets_others_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    open_project(tmp_path)
    (tmp_path / "documents" / "april.md").rename(tmp_path / "documents" / "апрель.md")
    told, listed = ragtuned("plan", "-C", tmp_path), ragtuned("diff", "--json", "-C", tmp_path)
    assert (told.returncode, "Traceback" in told.stderr, "asks for" in told.stdout) == (0, False, True)
    assert "документ" not in listed.stdout
    assert "documents/апрель.md" in json.loads(listed.stdout)["changes"]["added"]


def test_a_folder_whose_name_is_no_text_is_no_traceback(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff"))
    open_project(folder)
    for words in (["plan"], ["synthesize", "--dry"]):
        assert "Traceback" not in ragtuned(*words, "-C", folder).stderr


def test_a_hint_repeats_the_folder_and_the_run(tmp_path: Path) -> None:
    open_project(tmp_path)
    done = ragtuned("tune", "-C", tmp_path, "--run", "b")
    assert f"`ragtuned synthesize -C {tmp_path} --run b`" in done.stderr


def test_a_missing_key_is_exit_code_2(tmp_path: Path) -> None:
    open_project(tmp_path, CONFIG.replace('base_url = "http://127.0.0.1:9/v1"\n', ""))
    done = ragtuned("synthesize", "-C", tmp_path)
    assert (done.returncode, "OPENAI_API_KEY is empty" in done.stderr) == (2, True)


def test_a_dry_run_ends_with_its_artifact_and_the_next_verb(tmp_path: Path) -> None:
    open_project(tmp_path)
    (tmp_path / "documents" / "broken.docx").write_bytes(b"no zip")
    done = ragtuned("synthesize", "--dry", "-C", tmp_path)
    assert done.returncode == 0
    assert "skipped documents/broken.docx: broken: not a docx" in done.stdout
    assert "files: 4 = 3 read + 1 skipped (1 broken)" in done.stdout
    assert (tmp_path / "runs" / "main-dry" / "data" / "train.jsonl").stat().st_size > 0
    assert "next: ragtuned tune" in done.stdout
    out = ragtuned("export", "--run", "main-dry", "--format", "prompt-completion", "--json", "-C", tmp_path)
    result = json.loads(out.stdout)
    assert result["rows"] == len((tmp_path / "runs" / "main-dry" / "data" / "train.jsonl").read_text().splitlines())


def test_plan_as_json_is_one_object(tmp_path: Path) -> None:
    open_project(tmp_path)
    total = json.loads(ragtuned("plan", "--json", "-C", tmp_path).stdout)["total"]
    assert 0 < total["calls"][0] <= total["calls"][1]


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), sqlite3.OperationalError("database or disk is full")],
    ids=["file", "database"],
)
def test_a_full_disk_is_one_clear_message_and_exit_code_1(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(**_: Any) -> NoReturn:
        raise error

    monkeypatch.setattr(command, "app", full)
    with pytest.raises(SystemExit) as ended:
        command.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert str(error) in said
    assert "the same command continues" in said
