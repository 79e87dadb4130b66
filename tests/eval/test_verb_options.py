"""The verbs of eval hand on what they were told, and end with their result, its file and the next verb."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.errors import InputError
from agents.models.budget import Caps
from agents.project import PROGRESS, Project
from eval import demo as demo_package
from eval.compare import Comparison
from eval.improve.settings import ImproveConfig
from eval.statistics import of_counts
from ragtuned import app


class Heard(list[Any]):
    """What a function was called with, in place of what it does."""

    def answer(self, *words: Any, **named: Any) -> Any:
        """Keep the words."""
        self.append((*words, *named.items()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a config and nothing else."""
    (tmp_path / "ragtuned.toml").write_text('[tuning]\nbase = "some/base"\n', encoding="utf-8")
    return tmp_path


def told(folder: Path, *words: str) -> str:
    """What a verb prints."""
    result = CliRunner().invoke(app, [*words, "-C", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def next_verb(output: str) -> str:
    """What is to be typed next, without the folder."""
    return " ".join(output.split()).partition("next: ")[2].partition(" -C")[0]


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Evaluations in place of real ones: the run is locked meanwhile, and its stages are kept."""
    heard = Heard()

    def run_evaluation(project: Project, console: Any, **named: Any) -> Any:
        with pytest.raises(InputError, match="another process"), project.locked():
            pass
        with console.stage("base answers", 1) as stage:
            stage.count("answered")
        assert (project.run_dir / PROGRESS).is_file()
        heard.append((project.run, console.as_json, named))
        return SimpleNamespace(primary=of_counts(3, 4), seconds=1.5)

    monkeypatch.setattr("eval.session.run_evaluation", run_evaluation)
    return heard


def test_eval_hands_on_what_it_may_spend_what_is_asked_anew_and_the_batch(folder: Path, evaluations: Heard) -> None:
    words = ["--run", "b", "--fresh", "--max-cost", "2.5", "--max-calls", "7", "--max-tokens", "900", "--batch", "x"]
    said = json.loads(told(folder, "eval", *words, "--json"))
    metrics = folder / "runs" / "b" / "eval" / "metrics.json"
    assert said == {"primary": of_counts(3, 4).model_dump(), "seconds": 1.5, "artifact": str(metrics)}
    assert evaluations == [("b", True, {"fresh": True, "caps": Caps(7, 900, 2.5), "batch": Path("x")})]


def test_eval_without_options_asks_what_is_left_and_names_the_report(folder: Path, evaluations: Heard) -> None:
    assert next_verb(told(folder, "eval")) == "ragtuned report"
    assert evaluations == [("main", False, {"fresh": False, "caps": Caps(), "batch": None})]


@pytest.mark.parametrize("fresh", [False, True], ids=["what is left", "everything"])
def test_a_plan_is_of_what_would_be_asked(folder: Path, fresh: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []

    def plan_evaluation(project: Project, console: Any, fresh: bool) -> dict[str, int]:
        heard.append((project.run, console.as_json, fresh))
        return {"calls": 3}

    monkeypatch.setattr("eval.session.plan_evaluation", plan_evaluation)
    words = ["eval", "--plan", *(["--fresh"] if fresh else [])]
    assert json.loads(told(folder, *words, "--json")) == {"calls": 3, "artifact": None}
    assert next_verb(told(folder, *words)) == "ragtuned eval"
    assert heard == [("main", True, fresh), ("main", False, fresh)]
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("words", "teacher", "seeds", "live"),
    [
        pytest.param([], demo_package.STRONG, [0], False, id="recorded"),
        pytest.param(["--teacher", "embedded", "--seeds", "0, 2"], demo_package.EMBEDDED, [0, 2], False, id="embedded"),
        pytest.param(["--teacher", "live"], demo_package.EMBEDDED, [0], True, id="live"),
    ],
)
def test_a_demo_is_of_a_teacher_and_seeds(
    folder: Path, words: list[str], teacher: Any, seeds: list[int], live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []

    def demo(directory: Path, sections: Any, console: Any, *given: Any, live: bool) -> Path:
        heard.append((directory, console.run, *given, live))
        return Path("report.html")

    monkeypatch.setattr("eval.demo.demo", demo)
    said = told(folder, "demo", *words)
    assert heard == [(folder, teacher.run, seeds, teacher, live)]
    assert said.startswith("report.html\n")
    assert next_verb(said) == "ragtuned chat"


def test_a_teacher_of_a_demo_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="--teacher strong --seeds 0"):
        told(folder, "demo", "--teacher", "strong")


def test_a_recording_is_made_and_the_demo_stops(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("eval.demo.record", lambda where, *_: heard.answer(where) or Path("recording.gz"))
    monkeypatch.setattr("eval.demo.demo", lambda *_, **__: pytest.fail("the demo was made"))
    said = told(folder, "demo", "--record")
    assert (said.startswith("recording.gz\n"), next_verb(said)) == (True, "make demo")
    assert heard == [(folder,)]


def test_a_report_is_over_the_other_runs_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []

    def write_report(project: Project, others: Sequence[Project]) -> Path:
        heard.append([project.run, *(one.run for one in others)])
        return project.report

    def headline(project: Project, others: Sequence[Project]) -> dict[str, str]:
        heard.append([project.run, *(one.run for one in others)])
        return {"head": "Level.", "body": "Tuned 3."}

    monkeypatch.setattr("eval.report.write_report", write_report)
    monkeypatch.setattr("eval.report.headline", headline)
    said = json.loads(told(folder, "report", "--also", "b", "--also", "c", "--json"))
    assert said == {"verdict": "Level.", "artifact": str(folder / "runs" / "main" / "report.html")}
    assert heard == [["main", "b", "c"], ["main", "b", "c"]]
    said_to_a_person = told(folder, "report")
    assert said_to_a_person.startswith("Level. Tuned 3.\n")
    assert next_verb(said_to_a_person) == "ragtuned chat"
    assert heard[2:] == [["main"], ["main"]]


@pytest.mark.parametrize("out", [None, "side.json"], ids=["named after the runs", "named"])
def test_a_comparison_is_of_the_runs_in_their_order(
    folder: Path, out: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []

    def compare(projects: Sequence[Project]) -> Comparison:
        runs.extend(one.run for one in projects)
        return Comparison(runs=runs, students=[], data=[], held_out=True, rows=[])

    monkeypatch.setattr("eval.compare.compare", compare)
    path = folder / out if out else folder / "runs" / "a" / "eval" / "compare-b-c.json"
    said = json.loads(told(folder, "compare", "a", "b", "c", *(["--out", str(path)] if out else []), "--json"))
    assert (runs, said) == (["a", "b", "c"], {"rows": 0, "artifact": str(path)})
    assert json.loads(path.read_text(encoding="utf-8"))["runs"] == runs
    assert next_verb(told(folder, "compare", "a", "b")) == "ragtuned report"


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Pages in place of served ones."""
    heard = Heard()
    monkeypatch.setattr("eval.session.open_contestants", lambda project, say: f"those of {project.run}")
    monkeypatch.setattr("eval.ui.site.serve", lambda project, *words: heard.answer(project.run, *words))
    return heard


@pytest.mark.parametrize(
    ("words", "part"),
    [(["chat", "--web"], "chat"), (["review", "--web"], "rows"), (["ui"], "chat")],
    ids=["chat", "review", "ui"],
)
def test_a_page_is_served_where_it_is_asked_for(folder: Path, pages: Heard, words: list[str], part: str) -> None:
    told(folder, *words)
    told(folder, *words, "--run", "b", "--port", "8000", "--host", "0.0.0.0")
    assert pages == [
        ("main", "those of main", "127.0.0.1", None, part),
        ("b", "those of b", "0.0.0.0", 8000, part),
    ]


@pytest.mark.parametrize("verb", ["chat", "review"])
@pytest.mark.parametrize(("option", "value"), [("--port", "8000"), ("--host", "0.0.0.0")], ids=["port", "host"])
def test_where_a_page_is_served_needs_the_page(folder: Path, verb: str, option: str, value: str) -> None:
    with pytest.raises(InputError, match=f"{option} {value} is for the page"):
        told(folder, verb, option, value)


def test_chat_asks_who_was_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("eval.session.load_panel", lambda project, say, names: (project.run, names))
    monkeypatch.setattr("eval.chat.chat", lambda panel, question, console: heard.answer(panel, question, console.quiet))
    told(folder, "chat", "Who?", "--with", "base", "--with", "rag", "--run", "b", "--quiet")
    told(folder, "chat")
    assert heard == [(("b", ["base", "rag"]), "Who?", True), (("main", ()), None, False)]


def test_review_without_a_page_is_that_of_the_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("eval.commands.decide", lambda ctx, *words: heard.answer(*words))
    told(folder, "review", "--run", "b", "--graphrag-index", "index", "--json", "--quiet")
    told(folder, "review")
    assert heard == [(folder, "b", Path("index"), True, True), (folder, "main", None, False, False)]


def test_rows_are_exported_in_a_form_and_a_model_as_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, models = Heard(), Heard()
    monkeypatch.setattr(
        "graphs.dataset.export.export", lambda p, *words: rows.answer(p.run, *words) or (3, Path("out"))
    )
    proof = SimpleNamespace(asked=9, same=7, differences=["one", "other"])
    monkeypatch.setattr(
        "eval.export.export_model", lambda p, *words: models.answer(p.run, *words[:3]) or (proof, Path("place"))
    )
    assert json.loads(told(folder, "export", "--format", "alpaca", "--out", "x", "--json")) == {
        "rows": 3,
        "artifact": "out",
    }
    told(folder, "export", "--run", "b")
    assert rows == [("main", "alpaca", Path("x")), ("b", "messages", None)]
    said = json.loads(told(folder, "export", "--model", "gguf", "--quantize", "q8_0", "--out", "x", "--json"))
    assert said == {"asked": 9, "same": 7, "different": 2, "artifact": "place"}
    assert next_verb(told(folder, "export", "--model", "gguf")) == "ragtuned serve"
    assert next_verb(told(folder, "export", "--model", "merged")) == ""
    assert models == [
        ("main", "gguf", "q8_0", Path("x")),
        ("main", "gguf", "f16", None),
        ("main", "merged", "f16", None),
    ]


def test_serve_offers_the_run_at_a_port(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("eval.serve.offer", lambda p, port, slots, console: heard.answer(p.run, port, slots))
    told(folder, "serve", "--run", "b", "--port", "9000", "--slots", "4")
    told(folder, "serve")
    assert heard == [("b", 9000, 4), ("main", 8080, 1)]


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """The loop of improve in place of the real one."""
    heard = Heard()

    def improve(project: Project, *words: Any) -> Any:
        heard.answer(project, *words)
        rounds = [SimpleNamespace(known=SimpleNamespace(hits=n, n=9)) for n in (3, 7)]
        return SimpleNamespace(rounds=rounds, kept=1, ended="enough is known")

    monkeypatch.setattr("eval.improve.loop.improve", improve)
    monkeypatch.setattr("tuning.footprint.use_one_gpu", lambda: None)
    monkeypatch.setattr("tuning.backends.choose_backend", lambda recipe: None)
    return heard


def test_improve_trains_the_rows_of_a_round_on_the_recipe_of_the_project(
    folder: Path, loop: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, loaded = Heard(), Heard()
    monkeypatch.setattr("tuning.train.train", trained.answer)
    monkeypatch.setattr("eval.session.load_student", loaded.answer)
    text = '[tuning]\nbase = "some/base"\nepochs = 9\npatience = 2\ntrain_tokens = 5000\n[improve]\nepochs = 5\n'
    (folder / "ragtuned.toml").write_text(text, encoding="utf-8")
    said = json.loads(told(folder, "improve", "--json"))
    path = folder / "runs" / "main" / "improve" / "improve.json"
    assert said == {"known": [[3, 9], [7, 9]], "kept": 1, "ended": "enough is known", "artifact": str(path)}
    ((project, config, load, train, console, write),) = loop
    assert (project.run, config, console.as_json, write) == ("main", ImproveConfig(epochs=5), True, None)
    train(Path("some/rows.jsonl"), Path("adapter"), Path("start"))
    ((recipe, *given),) = trained
    assert (recipe.base, recipe.epochs, recipe.train_tokens, recipe.patience) == ("some/base", 5, 0, 0)
    assert recipe.loss == "answers"
    assert given == [Path("some/rows.jsonl"), Path("some/none"), Path("adapter"), console, Path("start")]
    load(Path("adapter"))
    assert loaded == [("some/base", Path("adapter"))]


def test_improve_asks_the_teacher_for_rows_where_the_project_says_so(
    folder: Path, loop: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Heard()
    monkeypatch.setattr("eval.improve.writing.written", written.answer)
    (folder / "ragtuned.toml").write_text("[improve]\nwrite = 2\n", encoding="utf-8")
    assert next_verb(told(folder, "improve")) == "ragtuned eval"
    ((project, _, _, _, console, write),) = loop
    write(["a fact"], 2)
    assert written == [(["a fact"], 2, project, console)]
