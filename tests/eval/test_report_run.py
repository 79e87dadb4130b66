"""What the report tells of the way to the adapter: the loss, what was known by round, and where the rows come from."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from agents.console import Console
from agents.files import write_jsonl, write_text
from agents.project import Project
from agents.records import Rejected
from eval.evaluate import evaluate
from eval.improve.rounds import Improved, Round, write_state
from eval.report import write_report
from eval.report_run import MOST_POINTS, how_made
from eval.report_sections import Curve, Part, ShareBar
from eval.settings import EvalConfig
from eval.statistics import of_counts
from tests.eval.ui.conftest import make_row
from tests.run_records import RECORD

HEAD = "step,epoch,train_loss,validation_loss\n"


@pytest.fixture
def evaluated(project: Project, quiet: Console, embed: Any, toy_student: type) -> Project:
    """A run of the usual three."""
    config = project.section("eval", EvalConfig)
    evaluate(project, config, "toy", lambda _: toy_student(lambda _: "Paris"), lambda: embed, quiet)
    return project


def pages_of(project: Project) -> tuple[str, str]:
    """The report as HTML and as Markdown."""
    path = write_report(project)
    return path.read_text(encoding="utf-8"), path.with_suffix(".md").read_text(encoding="utf-8")


def test_what_is_not_there_is_not_told(evaluated: Project) -> None:
    assert how_made(evaluated) == []


def test_the_loss_is_drawn_with_its_own_axes(evaluated: Project) -> None:
    (evaluated.adapter_dir / "losses.csv").write_text(f"{HEAD}1,0.5,4.0,\n2,1.0,2.0,3.0\n4,2.0,1.0,2.0\n")
    page, markdown = pages_of(evaluated)
    assert '<polyline points="122.0,15.0 198.0,100.0 350.0,142.5 "/></g>' in page  # 4.0 at the top, update 4 at the end
    assert '<circle cx="198.0" cy="57.5" r="3"/><circle cx="350.0" cy="100.0" r="3"/>' in page
    assert 'text-anchor="end">4</text>' in page
    said = "4 updates; training loss 4.00 at first, 1.00 at last; of validation rows 2.00 at best."
    assert said in page
    assert said in markdown


def test_a_loss_that_was_never_looked_at_on_validation_rows_has_no_dots(evaluated: Project) -> None:
    (evaluated.adapter_dir / "losses.csv").write_text(f"{HEAD}1,0.5,4.0,\n")
    page, _ = pages_of(evaluated)
    assert '<g class="validation">' not in page
    assert "of validation rows" not in page


def test_a_long_curve_is_thinned_to_means(evaluated: Project) -> None:
    losses = "".join(f"{n},0,{n % 2},\n" for n in range(1, 1001))
    (evaluated.adapter_dir / "losses.csv").write_text(HEAD + losses)
    (section,) = how_made(evaluated)
    assert section.curve
    assert len(section.curve.train) == MOST_POINTS
    assert {round(y, 6) for _, y in section.curve.train} == {0.4, 0.6}  # of five, two or three are 1


@pytest.mark.parametrize("updates", [MOST_POINTS, MOST_POINTS + 1], ids=["as many as there is room for", "one more"])
def test_a_point_of_a_thinned_curve_is_the_mean_of_its_neighbours(evaluated: Project, updates: int) -> None:
    losses = "".join(f"{n},0,{n}.0,\n" for n in range(1, updates + 1))
    (evaluated.adapter_dir / "losses.csv").write_text(HEAD + losses)
    (section,) = how_made(evaluated)
    assert section.curve
    thin = updates > MOST_POINTS
    first = 1.5 if thin else 1.0
    assert len(section.curve.train) == (101 if thin else MOST_POINTS)
    assert section.curve.train[0] == pytest.approx((first / updates, first / updates))
    assert section.curve.train[-1] == (1.0, 1.0)


def test_a_curve_ends_at_the_last_update_and_the_highest_loss_of_either(evaluated: Project) -> None:
    (evaluated.adapter_dir / "losses.csv").write_text(f"{HEAD}1,0.5,2.0,\n2,1.0,1.0,4.0\n5,2.0,,3.0\n")
    (section,) = how_made(evaluated)
    assert (section.title, section.curve) == (
        "How it learned",
        Curve([(0.2, 0.5), (0.4, 0.25)], [(0.4, 1.0), (1.0, 0.75)], 5, 4.0),
    )
    (evaluated.adapter_dir / "losses.csv").write_text(f"{HEAD}1,0.5,0.0,\n")
    (section,) = how_made(evaluated)
    assert section.curve == Curve([(1.0, 0.0)], [], 1, 1.0)  # a loss of nothing is drawn on an axis, too
    assert section.lines == ["1 updates; training loss 0.00 at first, 0.00 at last."]


def test_each_part_of_the_way_is_a_section_of_its_own(evaluated: Project) -> None:
    (evaluated.adapter_dir / "losses.csv").write_text(f"{HEAD}1,0.5,4.0,\n")
    rounds = [Round(number=0, known=of_counts(3, 50)), Round(number=1, known=of_counts(25, 50), rows=103)]
    state = Improved(fingerprint="f", start_sha256="s", facts=60, probed=50, rounds=rounds)
    write_state(evaluated.run_dir / "improve", state)
    record = {**RECORD, "coverage": {"asked": {}, "kept": {"chunks": [2, 3], "reports": [0, 0]}}}
    write_text(evaluated.run_dir / "run.json", json.dumps(record))
    learned, known, origin = how_made(evaluated)
    assert [one.title for one in (learned, known, origin)] == [
        "How it learned",
        "What the student knew, by round",
        "Where the training rows come from",
    ]
    assert known.shares == {
        "facts known": [
            ShareBar("before", "tuned", of_counts(3, 50)),
            ShareBar("round 1, 103 rows", "tuned", of_counts(25, 50)),
        ]
    }
    assert origin.shares["reached by kept rows"] == [ShareBar("chunks", "", Part(2, 3))]
    assert "replayed from a recording of a real run." in origin.lines[0]


def test_rows_that_were_not_replayed_and_reach_nothing_are_told_without_it(evaluated: Project) -> None:
    record = {**RECORD, "recorded": False, "coverage": {"asked": {}, "kept": {}}}
    write_text(evaluated.run_dir / "run.json", json.dumps(record))
    (origin,) = how_made(evaluated)
    assert "replayed" not in origin.lines[0]
    assert "reached by kept rows" not in origin.shares


def test_known_facts_are_drawn_by_round_with_their_intervals(evaluated: Project) -> None:
    told = [Round(number=0, known=of_counts(3, 50)), Round(number=1, known=of_counts(25, 50), rows=103)]
    state = Improved(fingerprint="f", start_sha256="s", facts=60, probed=50, rounds=told)
    write_state(evaluated.run_dir / "improve", state)
    page, markdown = pages_of(evaluated)
    drawn = (
        r'<span>round 1, 103 rows</span><svg class="bar tuned"[^>]* aria-label="tuned: 25 of 50, 95 % interval (.*?)"'
    )
    assert re.findall(drawn, page) == ["37–63 %"]
    assert page.index("<span>before</span>") < page.index("<span>round 1")
    assert "they are no test" in page
    assert "| round 1, 103 rows | 25/50, 50 % (37–63) |" in markdown


def test_the_funnel_and_the_coverage_of_the_synthesis_are_drawn(evaluated: Project) -> None:
    rows = [make_row(f"row-{n}", "What does Hettary charge?", "Two coppers", "april.md", "two coppers") for n in (1, 2)]
    write_jsonl(evaluated.data_dir / "examples.jsonl", rows)
    rejected = [
        Rejected(id=gate, kind="local", brief="b", question="?", answer="!", gate=gate, reason="no", raw="", round=1)
        for gate in ("check", "faithful", "filter")
    ]
    write_jsonl(evaluated.data_dir / "rejected.jsonl", rejected)
    record = {**RECORD, "coverage": {"asked": {}, "kept": {"chunks": [2, 3], "reports": [0, 0]}}}
    write_text(evaluated.run_dir / "run.json", json.dumps(record))
    page, markdown = pages_of(evaluated)
    funnel = re.findall(r'<span>([a-z ]+)</span><svg class="bar " .*?aria-label="(\d of \d)"', page, re.DOTALL)
    assert funnel == [
        ("questions written", "5 of 5"),
        ("passed the checks", "4 of 5"),
        ("passed the critic", "3 of 5"),
        ("kept by the filters", "2 of 5"),
        ("in training", "2 of 5"),
        ("chunks", "2 of 3"),
    ]
    assert "Read and made: 2 documents, 1 names." in page
    assert "| passed the critic | 3/5, 60 % |" in markdown
    assert "| chunks | 2/3, 67 % |" in markdown
