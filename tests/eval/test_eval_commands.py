"""The verbs of eval on the command line: wrong use is one clear message, and nothing is half-written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copytree

import pytest
import typer
from typer.testing import CliRunner

import eval.commands
import tuning.commands
from agents.errors import InputError, RagtunedError
from agents.project import Project
from ragtuned import app as whole_app

Embed = Callable[[Sequence[str]], list[list[float]]]


@pytest.fixture
def app() -> typer.Typer:
    """A command with the verbs of eval, and the config sections of eval and tuning."""
    app = typer.Typer()

    @app.callback()
    def sections(ctx: typer.Context) -> None:
        ctx.obj = [eval.commands.sections, tuning.commands.sections]

    eval.commands.register(app)
    return app


def fault(app: typer.Typer, *arguments: str) -> RagtunedError:
    """The error that a wrong use ends in."""
    result = CliRunner().invoke(app, list(arguments))
    assert isinstance(result.exception, RagtunedError), result.output
    return result.exception


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["eval"], "holds no adapter", id="eval before tune"),
        pytest.param(["report"], "metrics.json does not exist", id="report before eval"),
        pytest.param(["chat", "Who?"], "holds no adapter", id="chat before tune"),
        pytest.param(["chat", "Who?", "--port", "8000"], "--port 8000 is for the page", id="port without page"),
        pytest.param(["chat", "Who?", "--web"], "--web takes no question", id="page with question"),
        pytest.param(["export", "--model", "gguf"], "holds no adapter", id="model before tune"),
        pytest.param(["export", "--quantize", "q8_0"], "--quantize q8_0 is for a GGUF file", id="form without model"),
        pytest.param(["serve"], "holds no GGUF file of the adapter", id="serve before export"),
        pytest.param(["eval", "--run", "../x"], "is not a name", id="run outside the project"),
        pytest.param(["improve"], "holds no adapter", id="improve before tune"),
    ],
)
def test_wrong_use_is_an_error_with_exit_code_two(
    app: typer.Typer, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "ragtuned.toml").write_text("", encoding="utf-8")
    error = fault(app, *arguments, "-C", str(tmp_path))
    assert message in str(error)
    assert error.exit_code == 2
    assert error.do
    assert [path.name for path in tmp_path.iterdir()] == ["ragtuned.toml"]


def test_a_demo_of_a_seed_that_is_no_number_does_not_begin_with_the_others(app: typer.Typer, tmp_path: Path) -> None:
    assert "--seeds 0,two" in str(fault(app, "demo", "--seeds", "0,two", "-C", str(tmp_path)))


def test_improve_takes_its_gpu_before_a_student_is_loaded(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    (tmp_path / "ragtuned.toml").write_text("", encoding="utf-8")
    fault(app, "improve", "-C", str(tmp_path))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "2"


def test_an_unknown_key_of_the_section_is_named_with_the_nearest_known_one(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "ragtuned.toml").write_text("[eval]\ntopk = 3\n", encoding="utf-8")
    assert "unknown key eval.topk: did you mean top_k?" in str(fault(app, "eval", "-C", str(tmp_path)))


@pytest.fixture
def toys(project: Project, embed: Embed, toy_student: type, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The toy project with a config file; students and embeddings are toys."""
    (project.directory / "ragtuned.toml").write_text("[eval]\nbatch_tokens = 512\n", encoding="utf-8")
    monkeypatch.setattr("eval.session.load_student", lambda *asked: toy_student(lambda _: "Two coppers."))
    monkeypatch.setattr("agents.models.embedding.minilm", lambda say: embed)
    return project


def test_eval_then_report_then_chat_each_leave_what_they_promise(app: typer.Typer, toys: Project) -> None:
    where = ["-C", str(toys.directory), "--json"]
    results = [
        CliRunner().invoke(app, [*verb, *where], catch_exceptions=False)
        for verb in (["eval"], ["report"], ["chat", "What is the fare?"])
    ]
    assert [result.exit_code for result in results] == [0, 0, 0]
    evaluated, reported, chatted = (json.loads(result.stdout) for result in results)
    assert Path(evaluated["artifact"]).is_file()
    assert evaluated["primary"]["tuned"]["n"] == 1
    assert "<html" in Path(reported["artifact"]).read_text(encoding="utf-8")
    assert (chatted["tuned"]["text"], chatted["question"]) == ("Two coppers.", "What is the fare?")


def test_report_names_the_other_run_that_is_not_evaluated(app: typer.Typer, toys: Project) -> None:
    CliRunner().invoke(app, ["eval", "-C", str(toys.directory), "--quiet"], catch_exceptions=False)
    error = fault(app, "report", "-C", str(toys.directory), "--also", "seed-1")
    assert isinstance(error, InputError)
    assert "--run seed-1" in error.do


def test_a_plan_asks_nobody_and_a_second_eval_has_nothing_left(app: typer.Typer, toys: Project) -> None:
    def planned(*more: str) -> int:
        arguments = ["eval", "--plan", *more, "-C", str(toys.directory), "--json"]
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        return json.loads(result.stdout)["total"]["asked"]

    everything = planned()
    assert everything == 60 + 60 + 6
    assert not toys.eval_dir.exists()
    CliRunner().invoke(app, ["eval", "-C", str(toys.directory), "--quiet"], catch_exceptions=False)
    assert (planned(), planned("--fresh")) == (0, everything)


def test_a_plan_is_made_before_the_student_is_tuned(app: typer.Typer, toys: Project) -> None:
    (toys.adapter_dir / "adapter_model.safetensors").unlink()
    result = CliRunner().invoke(app, ["eval", "--plan", "-C", str(toys.directory), "--json"], catch_exceptions=False)
    assert json.loads(result.stdout)["total"]["asked"] == 60 + 60 + 6


def test_compare_writes_what_it_shows(app: typer.Typer, toys: Project) -> None:
    copytree(toys.run_dir, toys.directory / "runs" / "seed-1")
    for run in ("main", "seed-1"):
        arguments = ["eval", "-C", str(toys.directory), "--run", run, "--quiet"]
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    arguments = ["compare", "main", "seed-1", "-C", str(toys.directory), "--json"]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    written = Path(json.loads(result.stdout)["artifact"])
    assert written == toys.eval_dir / "compare-seed-1.json"
    assert json.loads(written.read_text(encoding="utf-8"))["runs"] == ["main", "seed-1"]


def test_an_evaluation_that_waits_for_a_batch_ends_without_an_error_and_says_how_it_goes_on(toys: Project) -> None:
    text = '[models.teacher]\nprovider = "openai"\nmodel = "m"\n[contestants.strong]\nmodel = "teacher"\n[eval]\n'
    (toys.directory / "ragtuned.toml").write_text(f'{text}contestants = ["base", "rag", "tuned", "strong"]\n')
    words = ["eval", "-C", str(toys.directory), "--batch", str(toys.directory / "out.jsonl")]
    told = CliRunner().invoke(whole_app, words, catch_exceptions=False)
    assert told.exit_code == 0
    assert f"ragtuned eval -C {toys.directory} --batch {toys.directory / 'out.jsonl'}" in " ".join(told.output.split())
    assert not (toys.eval_dir / "metrics.json").exists()
