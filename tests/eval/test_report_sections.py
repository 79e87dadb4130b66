"""What the report tells beside the verdict: other contestants, the worth of the questions, and what judges say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from agents.errors import InputError
from agents.files import read_jsonl, write_text
from agents.project import Project
from eval.contamination import Contamination
from eval.differences import Difference
from eval.judge.exam import ExamResult
from eval.judge.marks import Mark, Marked, summary
from eval.judge.pairs import judged_key
from eval.judge.run import Judgement, write_judgement
from eval.judge.tally import tables
from eval.judge.verdicts import Verdict
from eval.marks.grades import Grade
from eval.metrics import Cost, Metrics, Unaided, gold_by_kind
from eval.report import read_metrics, write_report
from eval.report_sections import Part, ReportSection, compared, costs, exam_worth, full, listed
from eval.statistics import Interval, of_counts

EVIL = "<img src=x onerror=alert(1)>|a"
NUMBER = 12


def pages_of(project: Project) -> tuple[str, str]:
    """The report as HTML and as Markdown."""
    path = write_report(project)
    return path.read_text(encoding="utf-8"), path.with_suffix(".md").read_text(encoding="utf-8")


def change(project: Project, **of: Any) -> Metrics:
    """Put other values into metrics.json."""
    made = read_metrics(project).model_copy(update=of)
    write_text(project.eval_dir / "metrics.json", made.model_dump_json())
    return made


def judgement(protocol: Any = "fair", faults: Sequence[str] = (), whom: Sequence[str] = ()) -> Judgement:
    """Tuned, which is the longer one on every second question, wins three of four questions."""
    ids = [f"q-{n}" for n in range(NUMBER)]
    criterion: Any = "diversity" if protocol == "fair" else "Diversity"
    verdicts = [
        Verdict(question=q, criterion=criterion, one_first=first, trial=0, share=float(n % 4 > 0), said="")
        for n, q in enumerate(ids)
        for first in (True, False)
    ]
    gaps = {q: 10 * (-1) ** n for n, q in enumerate(ids)}
    kinds = {q: ("local", "global")[n % 2] for n, q in enumerate(ids)}
    exam = ExamResult(
        reading="written",
        first_slot=0.5,
        consistency=0.875,
        found=of_counts(9, 10),
        padded=0.25,
        padded_by_criterion={},
        unreadable=3,
        items={},
        faults=list(faults),
    )
    fair = protocol == "fair"
    return Judgement(
        protocol=protocol,
        judge=f"judge-{EVIL}",
        one="tuned",
        other="rag",
        counts=fair and not faults,
        self_judged=list(whom),
        reading="written",
        exams=[exam] if fair else [],
        tables={} if faults else tables(verdicts, [criterion], {q: q for q in ids}, kinds, gaps, []),
        questions=NUMBER,
        without_source=0,
        calls={},
    )


def test_what_is_not_there_has_no_section(evaluated: Project) -> None:
    change(evaluated, differences=[], unaided=None, contamination=None, other_words={}, doubtful_gold=[])
    for page in pages_of(evaluated):
        for title in ("A judge's view", "marked by a judge", "held against each other", "What the questions are worth"):
            assert title not in page.replace("&#39;", "'"), title
        assert "What an answer costs" in page


def test_contestants_are_held_against_each_other_and_the_worth_of_the_questions_is_told(evaluated: Project) -> None:
    told = read_metrics(evaluated)
    change(
        evaluated,
        contamination=Contamination(gold={"g-<b>": "row-7"}, heldout={}, same_words=["w-1"], other_words=["w-2"]),
        other_words={"tuned": of_counts(1, 3)},
        doubtful_gold=["g-doubt"],
        unaided=Unaided(questions=["g-known"], gold={name: gold_by_kind([]) for name in told.contestants}),
    )
    page, markdown = pages_of(evaluated)
    for text in (
        "<th>tuned − rag</th><td>gold local</td>",
        "and no test: 1 of gold: g-&lt;b&gt; (row row-7)",
        "1 of 2 are asked in other words",
        "the answer missed 1 question (g-doubt)",
        "answers 1 question (g-known) right closed book",
        "1/3, 33 % (6–79)",
    ):
        assert text in page, text
    assert "| tuned − rag | gold local |" in markdown
    assert r"g-\<b\>" in markdown


def table_of(section: ReportSection | None, place: int = 0) -> list[list[str]]:
    """Head and rows of a table of a section."""
    assert section
    sheet = section.sheets[place]
    return [list(sheet.head), *(list(row) for row in sheet.rows)]


def test_a_difference_stands_with_both_counts_its_interval_in_points_and_its_p(evaluated: Project) -> None:
    one = Difference(
        figure="gold local",
        first="tuned",
        second="rag",
        of_first=of_counts(12, 40),
        of_second=of_counts(9, 41),
        only_first=5,
        only_second=2,
        p=0.4531,
        interval=Interval(difference=0.075, low=-0.061, high=0.214),
    )
    assert table_of(compared(change(evaluated, differences=[one]))) == [
        ["", "figure", "first", "second", "only first", "only second", "difference, points", "p"],
        ["tuned − rag", "gold local", "12/40", "9/41", "5", "2", "+8 (-6 to +21)", "0.45"],
    ]


def test_an_answer_costs_what_each_contestant_took_and_columns_without_anything_are_left_out(
    evaluated: Project,
) -> None:
    told = read_metrics(evaluated).contestants
    taken = {
        "base": Cost(answers=60, seconds=0.126, slow_seconds=1.5, prompt_tokens=30.4, completion_tokens=7.6, cut_off=2),
        "rag": Cost(answers=6, seconds=None, prompt_tokens=900, completion_tokens=8, cut_off=0),
    }
    first, other = (told[name].model_copy(update={"cost": cost}) for name, cost in taken.items())
    assert table_of(costs(change(evaluated, contestants={"base": first, "rag": other}))) == [
        ["", "seconds", "slowest 5 %", "prompt tokens", "answer tokens", "cut off", "answers"],
        ["base", "0.13", "1.50", "30", "8", "2", "60"],
        ["rag", "–", "–", "900", "8", "0", "6"],
    ]
    more = {"usd": 0.00123, "read": 0.256, "peak_memory_mb": 812, "failed": 3}
    other = other.model_copy(update={"cost": taken["rag"].model_copy(update=more)})
    head, base, rag = table_of(costs(change(evaluated, contestants={"base": first, "rag": other})))
    assert head[5:] == ["USD", "documents read", "memory, MB", "cut off", "failed", "answers"]
    assert base[5:] == ["–", "–", "–", "2", "–", "60"]
    assert rag[5:] == ["0.0012", "26%", "812", "0", "3", "6"]


def test_gold_without_what_base_knew_has_a_column_a_kind_that_is_left(evaluated: Project) -> None:
    left = {**gold_by_kind([]), "local": of_counts(1, 2), "global": of_counts(0, 3)}
    known = Unaided(questions=["g-1", "g-2"], gold={"base": left, "tuned": gold_by_kind([])})
    made = change(evaluated, unaided=known, contamination=None, other_words={}, doubtful_gold=[])
    section = exam_worth(made)
    assert section
    assert section.lines == ["The untuned student answers 2 questions (g-1, g-2) right closed book, unaided."]
    assert table_of(section) == [
        ["", "gold local", "gold global (claims)"],
        ["base", full(of_counts(1, 2)), full(of_counts(0, 3))],
        ["tuned", "–", "–"],
    ]


def test_new_wordings_stand_beside_those_in_really_other_words(evaluated: Project) -> None:
    made = change(evaluated, other_words={"base": of_counts(0, 0), "tuned": of_counts(1, 3)}, unaided=None)
    assert table_of(exam_worth(made)) == [
        ["", "all new wordings", "in really other words"],
        ["tuned", full(made.contestants["tuned"].wording), "1/3, 33 % (6–79)"],
    ]


def test_a_share_is_told_with_its_counts_and_its_interval_where_there_is_one() -> None:
    assert full(of_counts(20, 33)) == "20/33, 61 % (44–75)"
    assert full(of_counts(0, 0)) == "–"
    assert (full(Part(2, 3)), full(Part(0, 0))) == ("2/3, 67 %", "0/0, 0 %")
    assert (listed(["a"]), listed(["a", "b"])) == ("1 question (a)", "2 questions (a, b)")


def test_cost_is_drawn_against_accuracy_where_the_contestants_differ_in_it(evaluated: Project) -> None:
    assert "Seconds an answer against gold local" not in pages_of(evaluated)[0]  # the toys take half a second each
    told = read_metrics(evaluated).contestants
    seconds = {"base": 0.1, "rag": 10.0, "tuned": 1.0}
    for name, scores in told.items():
        told[name] = scores.model_copy(update={"cost": scores.cost.model_copy(update={"seconds": seconds[name]})})
    change(evaluated, contestants=told)
    page = pages_of(evaluated)[0]
    assert '<g class="base"><circle cx="54.0"' in page
    assert '<g class="tuned"><circle cx="198.0" cy="15.0"' in page
    assert '<g class="rag"><circle cx="342.0" cy="185.0"' in page


def test_a_judge_that_passed_is_told_with_its_exam_its_bias_and_the_published_protocol(evaluated: Project) -> None:
    write_judgement(evaluated, judgement())
    write_judgement(evaluated, judgement("published"))
    page, markdown = pages_of(evaluated)
    table = judgement().tables["diversity"]
    assert table.win_rate
    for text in (
        "A judge&#39;s view: tuned against rag",
        "it passed its exam.",
        'aria-label="tuned: 75 % over 12, 95 % interval',
        "<td>9 / 0 / 3</td>",
        'aria-label="50 % over 24">',
        "<span>the longer</span>",
        f"<td>{table.p:.3f} ({table.p_holm:.3f})</td>",
        "<th>same in both orders</th>",
        "<td>88%</td><td>9/10</td><td>25%</td><td>3</td><td>passed</td>",
        "Win rate of tuned by kind of question",
        "Published protocol: win rate of tuned",
        "decides nothing",
        "&lt;img src=x",
    ):
        assert text in page, text
    assert page.index("Fair protocol: win rate") < page.index("Published protocol: win rate")
    assert "<img" not in page
    assert re.search(r"\| diversity \| 75% \(\d+% – \d+%\) \| 9 / 0 / 3 \|", markdown)
    assert "<img" not in markdown.replace(r"\<", "")


def test_a_judge_that_failed_has_no_bars_and_its_faults_and_a_self_judged_one_is_marked(evaluated: Project) -> None:
    write_judgement(evaluated, judgement(faults=["the first of two <same> answers won 90 %"], whom=["teacher"]))
    page, _ = pages_of(evaluated)
    assert "it did not pass its exam, so its verdicts do not count. Self-judged." in page
    assert "the first of two &lt;same&gt; answers won 90 %" in page
    assert "gold leads, whatever this table says" in page
    assert '<div class="runner wide">' not in page


def test_marks_with_the_reference_are_told_with_kappa_and_what_they_disagree_about(evaluated: Project) -> None:
    def marked(n: int, rule: Any, judge: Any) -> Marked:
        return Marked(question=f"g-{n}", contestant="tuned", kind="local", rule=rule, judge=judge, reason=EVIL)

    agree = [marked(n, "correct", "correct") for n in range(5)] + [marked(n, "wrong", "wrong") for n in range(5, 10)]
    apart = [marked(n, "wrong", "correct") for n in range(10, 35)]
    made = summary("a-judge", ["student"], [*agree, *apart, marked(40, "wrong", None)])
    write_text(evaluated.eval_dir / "marks.json", made.model_dump_json())
    page, markdown = pages_of(evaluated)
    for text in (
        f"on 10 of 35 answers, kappa {made.agreement.kappa:.2f}; 1 of its marks could not be read",
        "<tr><th>wrong</th><td>25</td><td>5</td></tr>",
        "<th>g-29</th><td>tuned</td><td>wrong</td><td>correct</td><td>&lt;img",
        "5 more stand in eval/marks.json",
        "a-judge is the student too",
    ):
        assert text in page, text
    assert "<th>g-30</th>" not in page
    assert "| g-29 | tuned | wrong | correct | \\<img src=x onerror=alert(1)\\>\\|a |" in markdown


def test_what_a_judge_said_of_earlier_answers_is_left_out_and_told(evaluated: Project) -> None:
    for key in (judged_key(evaluated, ("tuned", "rag")), "of others"):
        write_judgement(evaluated, judgement().model_copy(update={"answers": key}))
        page = pages_of(evaluated)[0].replace("&#39;", "'")
        assert ("A judge's view: tuned against rag" in page) is (key != "of others")
        assert ("A judge's view of earlier answers" in page) is (key == "of others")


TURNED: list[tuple[str, Mark, Mark]] = [("tuned", "correct", "wrong"), ("rag", "wrong", "correct")]


def test_marks_of_earlier_answers_are_neither_a_section_nor_in_the_verdict(evaluated: Project) -> None:
    marked = [
        Marked(question="q", contestant=name, kind="local", rule="wrong", judge=mark, reason="So.")
        for name, _, mark in TURNED[::-1]
    ]
    made = summary("a-judge", ["teacher"], marked)
    told = "By a judge with the reference in view (a-judge, which is the teacher too): tuned 0 of 1, retrieval 1 of 1;"
    for key in (judged_key(evaluated, ("tuned", "rag")), "of others"):
        write_text(evaluated.eval_dir / "marks.json", made.model_copy(update={"answers": key}).model_dump_json())
        for page in pages_of(evaluated):
            assert (told in page) is (key != "of others")
            assert ("marked by a judge" in page) is (key != "of others")


def test_an_independent_judge_tells_the_verdict_with_the_rules_beside_it(evaluated: Project) -> None:
    grades = read_jsonl(evaluated.eval_dir / "judgements.jsonl", Grade)
    asked = [one.question for one in grades if (one.contestant, one.set, one.kind) == ("rag", "gold", "local")]
    assert asked
    marked = [
        Marked(question=question, contestant=name, kind="local", rule=rule, judge=mark, reason="So.")
        for question in asked
        for name, rule, mark in TURNED
    ]
    made = summary("a-judge", [], marked).model_copy(update={"answers": judged_key(evaluated, ("tuned", "rag"))})
    write_text(evaluated.eval_dir / "marks.json", made.model_dump_json())
    for page in pages_of(evaluated):
        assert "Marked by a judge with the reference in view (a-judge). By the rules alone: tuned" in page
        assert f"Tuned answered 0 of {len(asked)}" in page
    assert f"<b>{len(asked)}</b><span>only retrieval" in re.sub(r' style="[^"]*"', "", pages_of(evaluated)[0])


def test_marks_of_another_version_are_an_error_that_names_the_verb(evaluated: Project) -> None:
    write_text(evaluated.eval_dir / "marks.json", "{}")
    with pytest.raises(InputError) as caught:
        write_report(evaluated)
    assert "judge --gold" in caught.value.do
