"""The verbs of eval hand on what they were told, and end with their result, its file and the next verb."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.errors import InputError
from agents.models.budget import Caps
from agents.project import PROGRESS, Project
from eval import demo as demo_package
from eval.compare import Comparison
from eval.statistics import of_counts
from tests.eval.verbs import Heard, heard_by, next_verb, told


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
        heard.append((project.run, heard_by(console), named))
        return SimpleNamespace(primary=of_counts(3, 4), seconds=1.5)

    monkeypatch.setattr("eval.session.run_evaluation", run_evaluation)
    return heard


def test_eval_hands_on_what_it_may_spend_what_is_asked_anew_and_the_batch(folder: Path, evaluations: Heard) -> None:
    words = ["--run", "b", "--fresh", "--max-cost", "2.5", "--max-calls", "7", "--max-tokens", "900", "--batch", "x"]
    said = json.loads(told(folder, "eval", *words, "--json"))
    metrics = folder / "runs" / "b" / "eval" / "metrics.json"
    assert said == {"primary": of_counts(3, 4).model_dump(), "seconds": 1.5, "artifact": str(metrics)}
    assert evaluations == [
        ("b", (folder, "b", True, True), {"fresh": True, "caps": Caps(7, 900, 2.5), "batch": Path("x")})
    ]


def test_eval_without_options_asks_what_is_left_and_names_the_report(folder: Path, evaluations: Heard) -> None:
    assert next_verb(folder, told(folder, "eval")) == "ragtuned report"
    assert evaluations == [("main", (folder, "main", False, False), {"fresh": False, "caps": Caps(), "batch": None})]


@pytest.mark.parametrize("fresh", [False, True], ids=["what is left", "everything"])
def test_a_plan_is_of_what_would_be_asked(folder: Path, fresh: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []

    def plan_evaluation(project: Project, console: Any, fresh: bool) -> dict[str, int]:
        heard.append((*heard_by(console), fresh))
        return {"calls": 3}

    monkeypatch.setattr("eval.session.plan_evaluation", plan_evaluation)
    words = ["eval", "--plan", *(["--fresh"] if fresh else [])]
    assert json.loads(told(folder, *words, "--json")) == {"calls": 3, "artifact": None}
    assert next_verb(folder, told(folder, *words)) == "ragtuned eval"
    assert heard == [(folder, "main", True, True, fresh), (folder, "main", False, False, fresh)]
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
        heard.append((*heard_by(console), directory, *given, live))
        return Path("report.html")

    monkeypatch.setattr("eval.demo.demo", demo)
    said = told(folder, "demo", *words)
    assert heard == [(folder, teacher.run, False, False, folder, seeds, teacher, live)]
    assert said.startswith("report.html\n")
    assert next_verb(folder, said) == "ragtuned chat"


def test_a_teacher_of_a_demo_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="--teacher strong --seeds 0"):
        told(folder, "demo", "--teacher", "strong")


def test_a_recording_is_made_and_the_demo_stops(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr(
        "eval.demo.record", lambda where, _, console: heard.answer(where, *heard_by(console)) or Path("recording.gz")
    )
    monkeypatch.setattr("eval.demo.demo", lambda *_, **__: pytest.fail("the demo was made"))
    said = told(folder, "demo", "--record")
    assert said == "recording.gz\nnext: make demo\n"
    assert heard == [(folder, folder, demo_package.STRONG.run, False, False)]


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
    assert next_verb(folder, said_to_a_person) == "ragtuned chat"
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
    assert next_verb(folder, told(folder, "compare", "a", "b")) == "ragtuned report"


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
    heard, closed = Heard(), []

    class Loaded(tuple[Any, ...]):
        def close(self) -> None:
            closed.append(self[0])

    monkeypatch.setattr("eval.session.load_panel", lambda project, say, names: Loaded((project.run, names)))
    monkeypatch.setattr(
        "eval.chat.chat", lambda panel, question, console: heard.answer(panel, question, *heard_by(console))
    )
    told(folder, "chat", "Who?", "--with", "base", "--with", "rag", "--run", "b", "--quiet")
    told(folder, "chat")
    assert heard == [
        (("b", ["base", "rag"]), "Who?", folder, "b", False, True),
        (("main", ()), None, folder, "main", False, False),
    ]
    assert closed == ["b", "main"]


def test_review_without_a_page_is_that_of_the_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("eval.commands.decide", lambda ctx, *words: heard.answer(*words))
    told(folder, "review", "--run", "b", "--graphrag-index", "index", "--json", "--quiet")
    told(folder, "review")
    assert heard == [(folder, "b", Path("index"), True, True), (folder, "main", None, False, False)]
