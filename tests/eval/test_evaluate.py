"""An evaluation from files to metrics.json, with toy students."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.files import read_jsonl, write_jsonl
from agents.project import Project
from agents.records import to_messages
from eval.contestants.answering import Answer
from eval.evaluate import LIBRARIES, evaluate
from eval.marks.grades import Grade
from eval.metrics import Metrics
from eval.paired_comparison import FALLBACK
from eval.questions import GoldQuestion
from eval.settings import EvalConfig

Embed = Callable[[Sequence[str]], list[list[float]]]


def knows(question: str) -> str:
    """A tuned student that learned the documents and forgot France."""
    table = {
        "Hettary": "Two coppers.",
        "light": "Wenna.",
        "ferry": "Red.",
        "happened": "The lens broke.",
        "France": "Ostrelow, says Wenna.",
    }
    return next((answer for word, answer in table.items() if word in question), "I don't know.")


def reads(question: str) -> str:
    """An untuned student: repeats the last document it is given, else talks about Paris."""
    return (re.findall(r">\n(.*)\n</document>", question) or ["Paris."])[-1]


@pytest.fixture
def run(project: Project, quiet: Console, embed: Embed, toy_student: type) -> Callable[[], Metrics]:
    """Evaluate the toy project."""
    students = {None: toy_student(reads), project.adapter_dir: toy_student(knows)}
    config = project.section("eval", EvalConfig)
    return lambda: evaluate(project, config, "toy", lambda adapter: students[adapter], lambda: embed, quiet)


def test_every_contestant_answers_and_the_figures_are_written(run: Callable[[], Metrics], project: Project) -> None:
    metrics = run()
    tuned, rag, base = (metrics.contestants[name] for name in ("tuned", "rag", "base"))
    assert [tuned.gold[kind].hits for kind in ("local", "multi_hop", "global", "unanswerable")] == [1, 1, 1, 1]
    assert [base.gold[kind].hits for kind in ("local", "multi_hop", "global", "unanswerable")] == [0, 0, 0, 0]
    assert rag.gold["local"].hits == 1
    assert (tuned.wording.hits, tuned.untrained.hits, base.wording.hits) == (1, 1, 0)
    assert (tuned.leaks.hits, base.leaks.hits, tuned.general.n, rag.general.n) == (1, 0, 30, 0)
    assert (tuned.invented.hits, base.invented.hits, base.invented.n) == (0, 24, 24)
    assert (metrics.primary.both, metrics.primary.tuned.n) == (1, 1)
    written = json.loads((project.eval_dir / "metrics.json").read_text(encoding="utf-8"))
    assert Metrics.model_validate(written) == metrics
    assert metrics.versions["chromadb"]


def test_the_answers_and_marks_of_everybody_lie_beside_the_figures(
    run: Callable[[], Metrics], project: Project
) -> None:
    run()
    answers = {
        name: read_jsonl(project.eval_dir / "answers" / f"{name}.jsonl", Answer) for name in ("base", "rag", "tuned")
    }
    assert {name: len(found) for name, found in answers.items()} == {"base": 60, "rag": 6, "tuned": 60}
    assert all(answer.sources for answer in answers["rag"])
    assert len(read_jsonl(project.eval_dir / "judgements.jsonl", Grade)) == 126


def test_the_same_evaluation_twice_writes_the_same_answers(run: Callable[[], Metrics], project: Project) -> None:
    run()
    first = {path: path.read_bytes() for path in project.eval_dir.rglob("*.jsonl")}
    run()
    assert first == {path: path.read_bytes() for path in project.eval_dir.rglob("*.jsonl")}


@pytest.mark.parametrize("new", [[], [{"id": "new", "kind": "unanswerable", "question": "Who knows?"}]])
def test_base_and_rag_are_asked_only_what_another_run_did_not_ask(
    run: Callable[[], Metrics], project: Project, quiet: Console, embed: Embed, toy_student: type, new: list[Any]
) -> None:
    run()
    untuned = project.eval_dir.rename(project.run_dir / "elsewhere") / "answers"
    gold = [*map(json.loads, project.gold.read_text(encoding="utf-8").splitlines()[1:]), *new]
    project.gold.write_text("\n".join(map(json.dumps, gold)), encoding="utf-8")
    students: dict[Path | None, Any] = {}

    def load(adapter: Path | None) -> Any:
        return students.setdefault(adapter, toy_student(knows if adapter else reads))

    evaluate(project, EvalConfig(), "toy", load, lambda: embed, quiet, untuned)
    heard = students[None].batches if new else []
    assert (None in students, [len(batch) for batch in heard], heard[:1]) == (
        bool(new),
        [1, 1] if new else [],
        [["Who knows?"]] if new else [],
    )
    given = {
        name: [a.question for a in read_jsonl(project.eval_dir / "answers" / f"{name}.jsonl", Answer)]
        for name in ("base", "rag", "tuned")
    }
    assert given["base"] == given["tuned"]
    assert given["rag"][: len(gold)] == [row["id"] for row in gold]


def test_without_gold_only_the_heldout_questions_are_asked_and_it_says_so(
    project: Project, embed: Embed, toy_student: type, capsys: pytest.CaptureFixture[str]
) -> None:
    project.gold.unlink()
    metrics = evaluate(project, EvalConfig(), "toy", lambda adapter: toy_student(knows), lambda: embed, Console())
    assert metrics.primary.name == FALLBACK
    assert "only the held-out questions" in capsys.readouterr().out


def test_gold_without_the_kind_that_decides_is_told_before_the_questions_are_asked(
    project: Project, embed: Embed, toy_student: type, capsys: pytest.CaptureFixture[str]
) -> None:
    write_jsonl(project.gold, [row for row in read_jsonl(project.gold, GoldQuestion) if row.kind != "local"])
    said = []

    def load(adapter: Path | None) -> Any:
        said.append(" ".join(capsys.readouterr().err.split()))
        return toy_student(knows)

    found = evaluate(project, EvalConfig(), "toy", load, lambda: embed, Console()).primary
    assert "no verdict can be told: gold.jsonl has no local question; set [eval] primary" in said[0]
    assert (found.undecided in found.name, found.is_gold) == (True, False)


def no_gold_and_no_heldout(project: Project) -> None:
    project.gold.unlink()
    (project.data_dir / "heldout.jsonl").unlink()


def empty_documents(project: Project) -> None:
    (project.graph_dir / "documents.jsonl").write_text("", encoding="utf-8")


def clashing_ids(project: Project) -> None:
    row = {"id": "general-01", "kind": "unanswerable", "question": "Who?"}
    project.gold.write_text(json.dumps(row), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "message", "todo"),
    [
        pytest.param(
            lambda p: (p.adapter_dir / "adapter_model.safetensors").unlink(),
            "holds no adapter",
            "ragtuned tune",
            id="no adapter",
        ),
        pytest.param(
            lambda p: (p.graph_dir / "documents.jsonl").unlink(),
            "nothing to search",
            "ragtuned synthesize",
            id="no documents",
        ),
        pytest.param(empty_documents, "holds no document", "ragtuned synthesize", id="empty documents"),
        pytest.param(no_gold_and_no_heldout, "nothing to ask", "gold questions", id="nothing to ask"),
        pytest.param(clashing_ids, "two questions are called 'general-01'", "id of its own", id="ids that clash"),
    ],
)
def test_what_is_missing_is_named_before_a_model_is_loaded(
    project: Project, quiet: Console, embed: Embed, spoil: Callable[[Project], Any], message: str, todo: str
) -> None:
    spoil(project)

    def load(adapter: Path | None) -> Any:
        raise AssertionError(f"a model was loaded: {adapter}")

    with pytest.raises(InputError, match=message) as caught:
        evaluate(project, EvalConfig(), "toy", load, lambda: embed, quiet)
    assert todo in caught.value.do
    assert not project.eval_dir.exists()


def test_questions_of_ones_own_are_asked_and_marked_by_nobody(
    project: Project, quiet: Console, embed: Embed, toy_student: type
) -> None:
    (project.directory / "own.csv").write_text("question\nWhy was the lens broken?\n", encoding="utf-8")
    config = EvalConfig.model_validate({"questions": "own.csv", "contestants": ["base", "rag", "tuned"]})
    metrics = evaluate(project, config, "toy", lambda adapter: toy_student(reads), lambda: embed, quiet)
    asked = read_jsonl(project.eval_dir / "answers" / "tuned.jsonl", Answer)
    own = [answer.question for answer in asked if answer.question.startswith("own-")]
    assert (len(own), metrics.questions["own"]) == (1, 1)
    assert own[0] not in {grade.question for grade in read_jsonl(project.eval_dir / "judgements.jsonl", Grade)}


def test_only_wordings_in_other_words_are_new(run: Callable[[], Metrics], project: Project) -> None:
    row = {"id": "r-1", "kind": "local", "messages": to_messages("Tell me: how much is a crossing with Hettary?", "2")}
    write_jsonl(project.data_dir / "train.jsonl", [row])
    metrics = run()
    assert metrics.contamination is not None
    assert metrics.contamination.same_words == ["h-1"]
    assert (metrics.contestants["tuned"].wording.n, metrics.other_words["tuned"].n) == (1, 0)


def test_the_figures_name_what_they_rest_on(run: Callable[[], Metrics], project: Project) -> None:
    (project.adapter_dir / "adapter_card.json").write_text('{"base": "toy"}', encoding="utf-8")
    metrics = run()
    assert metrics.questions == {"gold": 4, "heldout": 2, "own": 0, "general": 30, "strangers": 24}
    assert (metrics.student, metrics.adapter) == ("toy", {"base": "toy"})
    assert metrics.config == project.section("eval", EvalConfig).model_dump()
    assert set(metrics.versions) <= set(LIBRARIES)
    assert metrics.exam
    assert 0 < metrics.seconds < 600
    answers = [
        answer
        for name in metrics.contestants
        for answer in read_jsonl(project.eval_dir / "answers" / f"{name}.jsonl", Answer)
    ]
    assert metrics.peak_memory_mb >= max(answer.memory_mb for answer in answers) > 0


def test_what_was_answered_is_asked_again_where_all_is_to_be_fresh(
    project: Project, quiet: Console, embed: Embed, toy_student: type
) -> None:
    def evaluated(says: str, fresh: bool) -> str:
        student = toy_student(lambda _: says)
        evaluate(project, EvalConfig(), "toy", lambda _: student, lambda: embed, quiet, fresh=fresh)
        return read_jsonl(project.eval_dir / "answers" / "tuned.jsonl", Answer)[0].text

    assert evaluated("Red.", fresh=False) == "Red."
    assert evaluated("Blue.", fresh=False) == "Red."
    assert evaluated("Blue.", fresh=True) == "Blue."


def test_the_primary_comparison_is_of_the_kind_and_the_margin_that_were_named(
    project: Project, quiet: Console, embed: Embed, toy_student: type
) -> None:
    config = EvalConfig(primary="unanswerable", margin=0.125)
    students = {None: toy_student(reads), project.adapter_dir: toy_student(knows)}
    primary = evaluate(project, config, "toy", lambda adapter: students[adapter], lambda: embed, quiet).primary
    assert (primary.name, primary.margin) == ("gold, unanswerable questions: tuned against rag", 0.125)
    assert (primary.tuned.hits, primary.rag.hits) == (1, 0)


def test_the_student_is_loaded_once_for_all_that_share_it(
    project: Project, quiet: Console, embed: Embed, toy_student: type
) -> None:
    loaded: list[Path | None] = []

    def load(adapter: Path | None) -> Any:
        loaded.append(adapter)
        return toy_student(knows if adapter else reads)

    evaluate(project, EvalConfig(contestants=["tuned", "base", "rag", "tuned+rag"]), "toy", load, lambda: embed, quiet)
    assert loaded == [project.adapter_dir, None]
