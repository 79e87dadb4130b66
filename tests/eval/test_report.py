"""The report: one file, no network, everything escaped, the verdict in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from agents.files import write_jsonl
from agents.project import Project
from eval.demo import report
from eval.differences import Difference
from eval.evaluate import evaluate
from eval.paired_comparison import FALLBACK, PRIMARY, PairedComparison
from eval.report import write_report
from eval.report_verdict import verdict
from eval.settings import EvalConfig
from eval.statistics import Interval, of_counts, sign_test
from tests.run_records import RECORD

SYNTHESIS = {**RECORD, "something": "of a later version"}


class Links(HTMLParser):
    """Collects the tags of a page and everything that would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]


@pytest.fixture
def evaluated(
    project: Project, quiet: Console, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> Project:
    """A run whose tuned model answers with markup."""

    def evil(question: str) -> str:
        return f"<script>alert('two coppers')</script> {question}"

    students = {None: toy_student(lambda _: "Paris"), project.adapter_dir: toy_student(evil)}
    evaluate(
        project, project.section("eval", EvalConfig), "toy", lambda adapter: students[adapter], lambda: embed, quiet
    )
    return project


def page_of(project: Project, *others: Project) -> str:
    """Write the report and read it."""
    return write_report(project, others).read_text(encoding="utf-8")


def test_the_page_fetches_nothing_and_runs_no_script(evaluated: Project) -> None:
    (evaluated.adapter_dir / "losses.csv").write_text("step,epoch,train_loss,validation_loss\n1,1,2.5,\n")
    page = page_of(evaluated)
    links = Links()
    links.feed(page)
    assert links.fetched == []
    assert "How it learned" in page
    assert "script" not in links.tags
    assert "link" not in links.tags
    assert "@import" not in page
    assert "&lt;script&gt;alert" in page
    assert not re.search(r"url\(", page)


def test_figures_of_other_answers_than_those_that_stand_now_are_not_reported(evaluated: Project) -> None:
    page_of(evaluated)
    path = evaluated.eval_dir / "answers" / "tuned.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("coppers", "florins"), encoding="utf-8")
    with pytest.raises(InputError, match="have changed since its figures were made"):
        write_report(evaluated)


def test_the_page_holds_verdict_figures_questions_and_evidence(evaluated: Project) -> None:
    page = page_of(evaluated)
    assert "The tuned model is ahead by 1 question, too few to tell." in page
    assert "named before the run: gold, local questions" in page
    for text in (
        "What does Hettary charge?",
        "“two coppers” — april.md",
        "✓ right",
        "✗ wrong",
        "1/1",
        "24/24",
        "april.md [0–",
        "0 of 2 claims",
    ):
        assert text in page, text
    assert "How it learned" not in page
    assert "Where the training rows come from" not in page


def test_synthesis_and_seeds_are_shown_where_they_exist(evaluated: Project) -> None:
    (evaluated.run_dir / "run.json").write_text(json.dumps(SYNTHESIS), encoding="utf-8")
    page = page_of(evaluated, evaluated)
    for text in (
        "Teacher: toy-teacher, strong-teacher, its",
        "<th>local</th><td>12</td>",
        "replayed from a recording",
        "answer not in evidence",
        "<b>9</b><span>kept</span>",
        "Over 2 runs",
    ):
        assert text in page, text


def test_the_demo_tells_the_verdict_over_all_its_seeds(evaluated: Project, capsys: pytest.CaptureFixture[str]) -> None:
    report([evaluated, evaluated], Console())
    assert "over 2 seeds" in " ".join(capsys.readouterr().out.split())


def test_a_run_json_of_another_shape_is_an_error(evaluated: Project) -> None:
    (evaluated.run_dir / "run.json").write_text('{"counts": "many"}', encoding="utf-8")
    with pytest.raises(InputError, match="counts"):
        write_report(evaluated)


def test_a_run_without_metrics_is_an_error_that_names_the_verb(project: Project) -> None:
    with pytest.raises(InputError, match="does not exist") as caught:
        write_report(replace(project, run="other"))
    assert "ragtuned eval --run other" in caught.value.do


def test_metrics_of_another_version_are_an_error(evaluated: Project) -> None:
    (evaluated.eval_dir / "metrics.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="another version"):
        write_report(evaluated)


@pytest.mark.parametrize(
    ("both", "only_tuned", "only_rag", "head"),
    [
        pytest.param(3, 12, 1, "The tuned model beats retrieval.", id="tuned wins"),
        pytest.param(3, 1, 12, "Retrieval beats the tuned model.", id="rag wins"),
        pytest.param(3, 4, 2, "The tuned model is ahead by 2 questions, too few to tell.", id="too few"),
        pytest.param(3, 2, 3, "Retrieval is ahead by 1 question, too few to tell.", id="rag, too few"),
        pytest.param(3, 2, 2, "Tuned and retrieval are level.", id="level"),
    ],
)
def test_the_verdict_says_who_leads_and_whether_that_can_be_told(
    both: int, only_tuned: int, only_rag: int, head: str
) -> None:
    n = both + only_tuned + only_rag + 5
    counts: dict[str, Any] = {
        "both": both,
        "only_tuned": only_tuned,
        "only_rag": only_rag,
        "neither": 5,
        "p": sign_test(only_tuned, only_rag),
    }
    found = verdict(
        PairedComparison(
            name=PRIMARY, tuned=of_counts(both + only_tuned, n), rag=of_counts(both + only_rag, n), **counts
        )
    )
    assert found["head"] == head
    assert f"{both + only_tuned} of {n} (" in found["body"]
    assert "95\u00a0% interval" in found["body"]


@pytest.mark.parametrize(
    ("name", "tuned", "head"),
    [
        pytest.param(FALLBACK, 6, "No verdict: there are no gold questions", id="agreement with the teacher"),
        pytest.param(PRIMARY, 0, "Neither knows the documents.", id="nought against nought"),
    ],
)
def test_there_is_no_headline_without_gold_or_without_a_right_answer(name: str, tuned: int, head: str) -> None:
    found = verdict(
        PairedComparison(
            name=name,
            tuned=of_counts(tuned, 7),
            rag=of_counts(0, 7),
            both=0,
            only_tuned=tuned,
            only_rag=0,
            neither=7 - tuned,
            p=sign_test(tuned, 0),
            interval=Interval(difference=tuned / 7, low=-0.3, high=0.3),
        )
    )
    assert found["head"].startswith(head)
    assert "beats" not in found["head"]
    assert "too few to tell" in found["body"]


def test_an_answer_leads_to_its_passages_and_to_the_training_rows_behind_it(evaluated: Project) -> None:
    from tests.eval.ui.conftest import make_row

    row = make_row("row-fare", "What does Hettary charge?", "Two coppers", "april.md", "two coppers")
    write_jsonl(evaluated.data_dir / "examples.jsonl", [row])
    page = page_of(evaluated)
    assert "training rows behind it" in page
    assert "What does Hettary charge? → Two coppers" in page
    assert "<blockquote>Hettary charges two coppers for a crossing." in page  # what retrieval read, as text


def test_questions_are_filtered_by_who_was_right_and_by_kind_without_a_script(evaluated: Project) -> None:
    page = page_of(evaluated)
    assert 'class="question only-tuned"' in page
    for key in ("only-tuned", "only-rag", "both", "neither"):
        assert f'id="who-{key}"' in page
        assert f"body:has(#who-{key}:checked) .question:not(.{key})" in page
    assert 'id="kind-local"' in page
    assert 'class="group kind-local"' in page


def beside(first: str, second: str, ahead: int, behind: int, spread: float = 0.1) -> Difference:
    """A difference of two contestants on local gold of 40 questions, and half the width of its interval."""
    lead = (ahead - behind) / 40
    return Difference(
        figure="gold local",
        first=first,
        second=second,
        of_first=of_counts(ahead, 40),
        of_second=of_counts(behind, 40),
        only_first=ahead,
        only_second=behind,
        p=sign_test(ahead, behind),
        interval=Interval(difference=lead, low=lead - spread, high=lead + spread),
    )


@pytest.mark.parametrize(
    ("ahead", "behind", "spread", "head"),
    [
        pytest.param(20, 1, 0.1, "The tuned model beats retrieval read by the teacher.", id="ahead of both"),
        pytest.param(1, 20, 0.1, "Retrieval read by the teacher beats the tuned model.", id="behind the teacher"),
        pytest.param(3, 2, 0.1, "Against retrieval read by the teacher so many questions cannot tell.", id="open"),
        pytest.param(
            20,
            1,
            0.5,
            "The tuned model beats retrieval read by the teacher on these questions; so few documents cannot tell for "
            "others.",
            id="wide",
        ),
    ],
)
def test_the_verdict_names_both_kinds_of_retrieval_and_what_became_of_reading(
    ahead: int, behind: int, spread: float, head: str
) -> None:
    counts: dict[str, Any] = {"both": 0, "only_tuned": 12, "only_rag": 1, "neither": 27, "p": sign_test(12, 1)}
    primary = PairedComparison(name=PRIMARY, tuned=of_counts(12, 40), rag=of_counts(1, 40), **counts)
    teacher = beside("tuned", "rag_teacher", ahead, behind, spread)
    found = verdict(primary, others=[teacher, beside("tuned+rag", "rag", 7, 9)])
    assert found["head"] == f"The tuned model beats retrieval. {head}"
    assert f"Retrieval read by the teacher: {behind} of 40" in found["body"]
    assert "With the same passages the tuned student answered 7 of 40" in found["body"]


def test_the_page_shows_every_contestant_and_why_one_failed(
    project: Project, quiet: Console, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> None:
    def breaks(prompt: str) -> str:
        if "</document>" in prompt and "What does Hettary charge?" in prompt:
            raise RuntimeError("out <b>of</b> range")
        return "Two coppers."

    config = EvalConfig(contestants=["base", "rag", "tuned", "tuned+rag", "ceiling"])
    evaluate(project, config, "toy", lambda adapter: toy_student(breaks), lambda: embed, quiet)
    page = page_of(project)
    for text in ("tuned+rag", "ceiling", "RuntimeError: out &lt;b&gt;of&lt;/b&gt; range"):
        assert text in page
