"""`--preview` of recipe facts: facts of spread passages with all their questions, and nothing is paid twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.console import Console
from agents.project import Project
from agents.roles.row_critic import RowVerdict, Verdicts, row_numbers
from graphs.preview.run import preview
from graphs.preview.terminal import as_objects, show
from graphs.run import synthesize
from tests.conftest import SlowModel, open_project, scripts
from tests.graphs.facts.test_fact_synthesis import FACTS

EVIL = "<script>alert(1)</script>"


def unclear_at_first(inputs: dict[str, str]) -> Verdicts:
    """A critic that stops the first row of every call."""
    numbers = [int(n) for n in row_numbers(inputs["rows"])]
    return Verdicts(verdicts=[RowVerdict(row=n, fault="unclear" if n == 1 else "none") for n in numbers])


@pytest.fixture
def facts(tmp_path: Path) -> Project:
    return open_project(tmp_path, FACTS)


def test_facts_are_shown_with_the_questions_that_were_kept_and_those_that_were_not(
    facts: Project, silent: Console
) -> None:
    trials, path = preview(facts, 20, silent, backend=SlowModel(scripts(critic__rows=unclear_at_first), seed=1))
    assert len({document for trial in trials for document in trial.documents}) == 3
    assert all(trial.brief.statements[0] in trial.page for trial in trials)
    assert {trial.outcome for trial in trials} == {"kept"}
    tries = [one for trial in trials for one in trial.tries]
    assert all(one.draft and one.draft.question and one.draft.answer for one in tries)
    faults = [one.fault[:2] for one in tries if one.fault]
    assert faults.count(("critic", "unclear")) == 3  # one a page
    assert path == facts.run_dir / "preview.html"
    assert not facts.data_dir.exists()


def test_as_many_facts_are_shown_as_are_asked_for(facts: Project, silent: Console) -> None:
    model = SlowModel(scripts(), seed=1)
    trials, _ = preview(facts, 2, silent, backend=model)
    assert len(trials) == 2
    assert sum(request.role == "question_writer.passage" for request in model.requests) == 1


def test_the_full_run_pays_for_nothing_of_the_preview_again(facts: Project, silent: Console) -> None:
    first, second, whole = (SlowModel(scripts(), seed=n) for n in range(3))
    preview(facts, 5, silent, backend=first)
    synthesize(facts, silent, backend=second)
    synthesize(open_project(facts.directory / "alone", FACTS), silent, backend=whole)
    assert first.requests
    assert len(first.requests) + len(second.requests) == len(whole.requests)


def test_the_page_and_the_screen_speak_of_facts_and_of_no_gates(
    facts: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (facts.directory / "documents" / "june.md").unlink()
    (facts.directory / "documents" / "june.txt").write_text(f"Wenna Tolley left {EVIL} on 10 June at home.")
    model = SlowModel(scripts(critic__rows=unclear_at_first), seed=1)
    trials, path = preview(facts, 20, Console(), backend=model)
    page = path.read_text(encoding="utf-8")
    assert f"{len(trials)} of {len(trials)} facts became rows" in page
    assert "gate" not in page.partition("<body>")[2]
    assert (EVIL in page, "&lt;script&gt;" in page) == (False, True)
    capsys.readouterr()
    show(trials, Console())
    said = " ".join(capsys.readouterr().out.split())
    assert "✗ critic: unclear" in said
    assert as_objects(trials)[0]["brief"]["style"] == "fact"


def test_documents_without_a_fact_show_none(facts: Project, silent: Console) -> None:
    for path in (facts.directory / "documents").rglob("*.*"):
        path.write_text("# Nothing")
    assert preview(facts, 3, silent, backend=SlowModel(scripts(), seed=1))[0] == []
