"""Wordings of the teacher for a fact without rows in reserve: checked as in synthesis, and unlike what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.console import Console
from agents.errors import BudgetReached
from agents.models.budget import Caps
from agents.models.kept import kept_calls
from agents.models.scripted import ScriptedModel
from agents.models.store import CallStore
from agents.project import Project
from eval.improve.facts import FactRow, FactRows
from eval.improve.writing import Writer, worded
from graphs.dataset.splits import Questions, SplitRow
from tests.conftest import client_of, open_project, scripts
from tests.eval.improve.test_facts import row


@pytest.fixture
def corpus(tmp_path: Path) -> Project:
    return open_project(tmp_path)


def questions(asked: Sequence[str]) -> Questions:
    return Questions([SplitRow(str(n), "local", "f", question, "", "", str(n)) for n, question in enumerate(asked)])


def written(project: Project, sure: float, *more: FactRow, held: Sequence[str] = ()) -> list[FactRow]:
    client = client_of(ScriptedModel(scripts(critic__same_question=lambda inputs: sure)))
    trained = [FactRow.model_validate(row("r1", "Who bought the boat of Wenna Tolley?", "Bastow Pask."))]
    fact = FactRows("f", [*trained, *more], [], FactRow.model_validate(row("p", "Whose is the boat now?")))
    return asyncio.run(worded(fact, 3, {"question_writer": client, "critic": client}, project, questions(held)))


def test_only_wordings_that_the_critic_passes_become_rows(corpus: Project) -> None:
    made = written(corpus, 0.95)
    assert len(made) > 1
    assert len({one.question for one in made}) == len(made)
    assert {(one.fact, one.answer) for one in made} == {("f", "Bastow Pask.")}
    assert written(corpus, 0.2) == []


def test_a_wording_that_is_like_a_held_out_question_is_left_out(corpus: Project) -> None:
    made = written(corpus, 0.95)
    again = written(corpus, 0.95, held=[made[0].question])
    assert [one.question for one in again] == [one.question for one in made[1:]]


def test_a_wording_that_was_asked_before_is_left_out(corpus: Project) -> None:
    made = written(corpus, 0.95)
    again = written(corpus, 0.95, made[0])
    assert made[0].question not in [one.question for one in again]
    assert len(again) < len(made)


def unknown(n: int) -> FactRows:
    return FactRows(f"f{n}", [FactRow.model_validate(row(f"r{n}", f"Who bought boat {n} of Wenna?", "Bastow."))], [])


def test_the_rounds_of_a_start_stay_under_one_cap_together(corpus: Project) -> None:
    model = ScriptedModel(scripts(critic__same_question=lambda inputs: 0.95))
    assert Writer(corpus, Console(quiet=True), backend=model)([unknown(0), unknown(1)], 2)
    assert kept_calls(corpus.directory), "or a prune would delete what was paid for"
    most = len(model.requests) + 1
    writer = Writer(corpus, Console(quiet=True), Caps(calls=most), model)
    assert writer([unknown(2), unknown(3)], 2)
    with pytest.raises(BudgetReached, match=f"--max-calls {most}"):
        writer([unknown(4)], 2)
    assert writer.spent.calls <= most


def test_what_was_paid_before_a_cap_is_kept_from_a_prune(corpus: Project) -> None:
    model = ScriptedModel(scripts(critic__same_question=lambda inputs: 0.95))
    with pytest.raises(BudgetReached):
        Writer(corpus, Console(quiet=True), Caps(calls=2), model)([unknown(n) for n in range(4)], 2)
    store = CallStore(corpus.calls)
    assert (store.count(), store.prune(kept_calls(corpus.directory) or set())) == (2, 0)
    store.close()
