"""Some briefs through the whole loop: all that was said is shown, escaped, and nothing is paid twice."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ragtuned as command
from agents.console import Console
from agents.errors import InputError
from agents.files import read_jsonl
from agents.models.store import CallStore
from agents.project import Project
from agents.records import Rejected
from agents.roles.question_writer import LocalDraft
from graphs.preview.run import preview
from graphs.preview.terminal import as_objects, show
from graphs.run import synthesize
from graphs.run_record import last_record
from tests.conftest import CONFIG, SlowModel, open_project, scripts

EVIL = "<script>alert(1)</script>"


class Tags(HTMLParser):
    """The tags of a page, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.fetched = [], []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]


def test_a_preview_tells_every_draft_gate_and_outcome(project: Project, silent: Console) -> None:
    model = SlowModel(scripts(critic__relevant=lambda inputs: 0.3), seed=1)
    trials, path = preview(project, 4, silent, backend=model)
    assert len(trials) == 4
    assert len({document for trial in trials for document in trial.documents}) > 1
    for trial in trials:
        assert trial.outcome == "rejected"
        assert [one.told for one in trial.tries] == [[], ["answer does not answer the question"]]
        for one in trial.tries:
            assert [(gate.name, gate.passed) for gate in one.gates if gate.p is not None] == [("relevant", False)]
            assert [gate.name for gate in one.gates if gate.p is None] == ["answerable", "faithful"]
            assert one.fault[:2] == ("relevant", "answer does not answer the question")
    assert path == project.run_dir / "preview.html"
    assert not project.data_dir.exists()


def test_the_full_run_pays_for_nothing_of_the_preview_again(project: Project, silent: Console) -> None:
    first, second, whole = (SlowModel(scripts(), seed=n) for n in range(3))
    preview(project, 5, silent, backend=first)
    synthesize(project, silent, backend=second)
    alone = open_project(project.directory / "alone")
    synthesize(alone, silent, backend=whole)
    assert len(first.requests) > 5
    assert len(first.requests) + len(second.requests) == len(whole.requests)
    store = CallStore(project.calls)
    assert store.count() == len(whole.requests)
    store.close()


def test_after_a_finished_run_briefs_of_all_kinds_are_shown_and_nothing_is_asked(
    project: Project, silent: Console
) -> None:
    synthesize(project, silent, backend=SlowModel(scripts(), seed=1))
    idle = SlowModel({}, seed=2)
    trials, _ = preview(project, 100, silent, backend=idle)
    assert {trial.brief.kind for trial in trials} == {"local", "unanswerable", "global"}
    assert idle.requests == []
    record = last_record(project)
    assert record is not None
    kept = record.counts.kept
    dropped = sum(r.gate == "filter" for r in read_jsonl(project.data_dir / "rejected.jsonl", Rejected))
    assert sum(trial.outcome == "kept" for trial in trials) >= kept
    assert (
        sum(trial.outcome == "kept" for trial in trials) <= kept + dropped + 1
    )  # a preview sees no other brief; the filter does


def test_the_page_fetches_nothing_and_escapes_what_documents_and_models_say(project: Project, silent: Console) -> None:
    (project.directory / "documents" / "june.md").write_text(
        f"# June\n\nWenna Tolley left Gull Point on 10 June with {EVIL} in her bag."
    )
    evil = LocalDraft(
        evidence=EVIL,
        recall="It is so.",
        question=f"Who left {EVIL} at Gull Point?",
        answer=f"Wenna Tolley left {EVIL}.",
    )
    trials, path = preview(
        project, 20, silent, backend=SlowModel(scripts(question_writer__local=lambda inputs: evil), seed=1)
    )
    page, tags = path.read_text(encoding="utf-8"), Tags()
    tags.feed(page)
    assert tags.fetched == []
    assert not {"script", "link", "img", "iframe"} & set(tags.tags)
    assert "url(" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count('class="trial"') == len(trials)


def test_the_screen_shows_sentence_drafts_gates_and_wordings(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from agents.console import Console

    trials, _ = preview(project, 2, Console(), backend=SlowModel(scripts(), seed=1))
    capsys.readouterr()
    show(trials, Console())
    said = " ".join(capsys.readouterr().out.split())
    for text in ("1 of 2 · local", "draft 1", "P(yes) 1.00 (wanted ≥ 0.7) ✓", "✓ kept"):
        assert text in said
    assert all(trial.wordings for trial in trials)
    (first, _) = as_objects(trials)
    assert json.loads(json.dumps(first))["tries"][0]["gates"][0]["name"] == "relevant"


def test_the_verb_prints_the_path_of_the_page(tmp_path: Path) -> None:
    open_project(tmp_path)
    done = CliRunner().invoke(
        command.app, ["synthesize", "--preview", "2", "--dry", "-C", str(tmp_path)], catch_exceptions=False
    )
    assert done.exit_code == 0
    assert str(tmp_path / "runs" / "main-dry" / "preview.html") in done.stdout
    assert (tmp_path / "runs" / "main-dry" / "preview.html").stat().st_size > 1000
    assert not (tmp_path / "runs" / "main-dry" / "data").exists()


def test_the_published_recipe_has_no_loop_to_preview(tmp_path: Path, silent: Console) -> None:
    project = open_project(tmp_path, CONFIG.replace('recipe = "ragtuned"', 'recipe = "paper"'))
    with pytest.raises(InputError, match="recipe paper has no loop"):
        preview(project, 2, silent, backend=SlowModel(scripts(), seed=1))
