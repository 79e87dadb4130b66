"""The table that an evaluation prints: who knows the documents?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from agents.console import Console
from agents.project import Project
from eval.evaluate import evaluate, print_table
from eval.metrics import Cost, Metrics
from eval.settings import EvalConfig
from eval.statistics import of_counts

Embed = Callable[[Sequence[str]], list[list[float]]]


@pytest.fixture
def metrics(project: Project, quiet: Console, embed: Embed, toy_student: type) -> Metrics:
    """Of the usual three: tuned knows the fare and invents nothing, the others say Paris."""
    students = {None: toy_student(lambda _: "Paris"), project.adapter_dir: toy_student(lambda _: "Two coppers.")}
    return evaluate(project, EvalConfig(), "toy", lambda adapter: students[adapter], lambda: embed, quiet)


def shown(metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The rows of the table by their names, its head under none."""
    tables: list[list[list[str]]] = []
    monkeypatch.setattr(Console, "table", lambda self, title, header, rows: tables.append([header, *rows]))
    print_table(metrics, Console())
    return {row[0]: row[1:] for row in tables[0]}


def test_the_table_has_a_column_a_contestant_and_only_rows_that_say_something(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = {
        "base": Cost(answers=60, seconds=0.126, prompt_tokens=30.4, completion_tokens=7, cut_off=0),
        "rag": Cost(answers=6, seconds=None, prompt_tokens=900.6, completion_tokens=7, cut_off=0),
    }
    made = {name: metrics.contestants[name].model_copy(update={"cost": cost}) for name, cost in costs.items()}
    rows = shown(metrics.model_copy(update={"contestants": made, "other_words": {}}), monkeypatch)
    assert list(rows) == [
        "",
        "gold local",
        "gold multi-hop",
        "gold global (claims)",
        "gold unanswerable",
        "false refusals",
        "new wordings",
        "untrained facts",
        "general",
        "leaks",
        "invented",
        "seconds an answer",
        "prompt tokens",
    ]
    assert rows[""] == ["base", "rag"]
    assert rows["gold local"] == ["0/1  0%", "0/1  0%"]
    assert rows["leaks"] == ["0/30  0%", "–"]
    assert rows["seconds an answer"] == ["0.13", "–"]
    assert rows["prompt tokens"] == ["30", "901"]


def test_the_table_tells_other_words_money_and_failures_where_there_are_any(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    cost = {"answers": 60, "seconds": 1.0, "prompt_tokens": 1, "completion_tokens": 1, "cut_off": 0}
    costs = {"base": Cost(**cost, usd=0.00123), "tuned": Cost(**cost, failed=2)}
    made = {name: metrics.contestants[name].model_copy(update={"cost": cost}) for name, cost in costs.items()}
    other = {"base": of_counts(0, 2), "tuned": of_counts(1, 2)}
    rows = shown(metrics.model_copy(update={"contestants": made, "other_words": other}), monkeypatch)
    assert rows["… in other words"] == ["0/2", "1/2"]
    assert rows["USD for 1,000 answers"] == ["1.23", "0.00"]
    assert rows["failed"] == ["0", "2"]


@pytest.mark.parametrize(("contestants", "tables"), [(4, [4]), (5, [3, 2]), (9, [3, 3, 3])])
def test_many_contestants_stand_in_several_tables_of_the_same_rows(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch, contestants: int, tables: list[int]
) -> None:
    many = {f"c{n}": metrics.contestants["rag"] for n in range(contestants)}
    found: list[list[list[str]]] = []
    monkeypatch.setattr(Console, "table", lambda self, title, header, rows: found.append([header, *rows]))
    print_table(metrics.model_copy(update={"contestants": many, "other_words": {}}), Console())
    assert [len(table[0]) - 1 for table in found] == tables
    assert [name for table in found for name in table[0][1:]] == [*many]
    assert len({tuple(row[0] for row in table) for table in found}) == 1
    assert all({*row[1:]} != {"–"} for table in found for row in table)
    assert all(row[1:] == ["0/1  0%"] * (len(row) - 1) for table in found for row in table if row[0] == "gold local")
