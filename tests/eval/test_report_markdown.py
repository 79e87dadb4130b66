"""report.md: verdict, figures, sections and settings as text that Markdown shows as it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from agents.console import Console
from agents.project import Project
from eval.evaluate import evaluate
from eval.metrics import Metrics
from eval.report_markdown import plain, render_markdown
from eval.report_sections import Part, ReportSection, ShareBar, Sheet
from eval.settings import EvalConfig
from eval.statistics import of_counts

VERDICT = {"head": "Tuned *leads*.", "body": "By 3 of 4.", "name": "gold, local"}


@pytest.fixture
def metrics(
    project: Project, quiet: Console, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> Metrics:
    """Of the usual three: tuned knows the fare."""
    students = {None: toy_student(lambda _: "Paris"), project.adapter_dir: toy_student(lambda _: "two coppers")}
    made = evaluate(project, EvalConfig(), "toy", lambda adapter: students[adapter], lambda: embed, quiet)
    return made.model_copy(update={"config": {"top_k": 4, "retrieval": "vectors"}, "versions": {"torch": "2"}})


def test_the_parts_stand_in_their_order_with_a_line_between(metrics: Metrics) -> None:
    section = ReportSection(
        "What <b> says",
        lines=["One line.", "Another."],
        shares={"facts known": [ShareBar("before", "tuned", of_counts(1, 2)), ShareBar("after", "", Part(2, 2))]},
        sheets=[Sheet(["", "a|b"], [["x", "1"], ["y", "2"]], "A table"), Sheet(["", "c"], [["z", "3"]])],
        notes=["A note."],
    )
    told = render_markdown("main_1", metrics, VERDICT, [section])
    before, _, after = told.partition("Shares with Wilson 95 % intervals.\n\n")
    assert before.startswith(
        "# Tuned \\*leads\\*.\n\nBy 3 of 4.\n\nRun main\\_1. The primary comparison, named before the run: gold, local."
        "\n\n|  | base | rag | tuned |\n| --- | --- | --- | --- |\n| gold local | 0/1, 0 % (0–79) | 0/1, 0 % (0–79) | "
        "1/1, 100 % (21–100) |\n"
    )
    assert after == (
        "## What \\<b\\> says\n\nOne line.\n\nAnother.\n\n"
        "**A table**\n\n|  | a\\|b |\n| --- | --- |\n| x | 1 |\n| y | 2 |\n\n"
        "|  | c |\n| --- | --- |\n| z | 3 |\n\n"
        "|  | facts known |\n| --- | --- |\n| before | 1/2, 50 % (9–91) |\n| after | 2/2, 100 % |\n\n"
        "A note.\n\n"
        "## Settings and versions\n\nStudent: toy. top\\_k 4, retrieval vectors, torch 2.\n"
    )


def test_figures_that_nobody_was_asked_for_are_left_out_and_bad_ones_are_marked(metrics: Metrics) -> None:
    rag = metrics.contestants["rag"]
    told = render_markdown("main", metrics.model_copy(update={"contestants": {"rag": rag}}), VERDICT, [])
    names = [line.split(" | ")[0].strip("| ") for line in told.splitlines() if line.startswith("| ")]
    assert names[2:] == [
        "gold local",
        "gold multi-hop",
        "gold global (claims)",
        "gold unanswerable",
        "false refusals (less is better)",
        "new wordings",
        "untrained facts",
    ]
    assert "| leaks (less is better) | 0/30, 0 % (0–11) | – |" in render_markdown("main", metrics, VERDICT, [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a|b\n\nc", r"a\|b c", id="cell and paragraph"),
        pytest.param("<script>", r"\<script\>", id="tag"),
        pytest.param("[x](y) *z* `k`", r"\[x\](y) \*z\* \`k\`", id="markup"),
        pytest.param("&lt; \\", r"\&lt; \\", id="entity and backslash"),
    ],
)
def test_text_stands_in_markdown_as_it_is(text: str, shown: str) -> None:
    assert plain(text) == shown
