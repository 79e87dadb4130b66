"""What the report says of a judge, cell by cell; tests/eval/test_report_sections.py reads it on the page."""

from __future__ import annotations

from typing import Any

import pytest

from eval.judge.exam import ExamResult
from eval.judge.marks import Agreement, Marked, Marks, summary
from eval.judge.run import Judgement
from eval.judge.tally import Rate, Table
from eval.report_judge import MOST_APART, judge_with_reference, judgements
from eval.report_sections import Bias, RateBar
from eval.statistics import of_counts

RATE, EQUAL = Rate(share=0.75, low=0.5, high=0.9, n=12), Rate(share=0.6, low=0.4, high=0.8, n=12)
TABLE = Table(
    win_rate=RATE,
    length_controlled=EQUAL,
    wins=9,
    ties=1,
    losses=2,
    p=0.065,
    p_holm=0.13,
    consistency=0.8,
    flipped=0.1,
    first_slot=0.55,
    longer=0.7,
    unreadable=4,
    verdicts=24,
    alike=0,
    not_asked=0,
    by_kind={"local": RATE, "global": EQUAL},
    questions={},
)
EXAM = ExamResult(
    reading="written",
    first_slot=0.5,
    consistency=0.875,
    found=of_counts(9, 10),
    padded=0.25,
    padded_by_criterion={},
    unreadable=3,
    items={},
)


def judgement(**of: Any) -> Judgement:
    """A fair one that counts, but for what is changed."""
    made = Judgement(
        protocol="fair",
        judge="strong",
        one="tuned",
        other="rag",
        counts=True,
        self_judged=[],
        reading="written",
        exams=[EXAM],
        tables={"diversity": TABLE},
        questions=12,
        without_source=0,
        calls={},
    )
    return made.model_copy(update=of)


def test_a_pair_is_one_section_with_the_fair_protocol_first_and_a_pair_turned_round_another() -> None:
    published, other = judgement(protocol="published", counts=False), judgement(other="base")
    first, second = judgements([published, judgement(), other])
    assert [first.title, second.title] == [
        "A judge's view: tuned against rag",
        "A judge's view: tuned against base",
    ]
    assert first.lines == [
        "Fair protocol (blind, both orders), by strong, read by its written verdicts: it passed its exam.",
        "Published protocol, by strong, beside the fair one.",
    ]
    assert len(second.lines) == 1


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param({"reading": "probabilities"}, "read by the probabilities of its verdict tokens", id="tokens"),
        pytest.param({"counts": False}, "it did not pass its exam, so its verdicts do not count.", id="failed"),
        pytest.param({"self_judged": ["teacher"]}, "it passed its exam. Self-judged.", id="judges itself"),
    ],
)
def test_a_section_opens_with_how_the_judge_was_read_and_how_it_did(change: dict[str, Any], line: str) -> None:
    (section,) = judgements([judgement(**change)])
    assert line in section.lines[0]


def test_rates_are_drawn_for_the_first_contestant_and_biases_for_nobody() -> None:
    unknown = TABLE.model_copy(update={"length_controlled": None, "longer": None})
    (section,) = judgements([judgement(tables={"diversity": TABLE, "correctness": unknown})])
    assert section.bars == {
        "diversity": [
            RateBar("as given", "tuned", RATE),
            RateBar("equal length", "tuned", EQUAL),
            RateBar("shown first", "", Bias(0.55, 20)),
            RateBar("the longer", "", Bias(0.7, 20)),
        ],
        "correctness": [RateBar("as given", "tuned", RATE), RateBar("shown first", "", Bias(0.55, 20))],
    }


def test_only_a_judgement_that_counts_is_drawn_and_told_by_kind() -> None:
    (section,) = judgements([judgement(counts=False)])
    assert section.bars == {}
    assert [sheet.caption for sheet in section.sheets] == [
        "Fair protocol: win rate of tuned, 12 questions",
        "What these verdicts go by",
        "The exam of strong",
    ]


def test_the_tables_of_a_judgement_hold_rates_what_they_go_by_kinds_and_the_exam() -> None:
    one_kind = TABLE.model_copy(update={"by_kind": {"local": RATE}})
    failed = EXAM.model_copy(update={"faults": ["too often the first", "faults missed"]})
    (section,) = judgements([judgement(tables={"diversity": TABLE, "relevance": one_kind}, exams=[EXAM, failed])])
    assert {sheet.caption: [list(sheet.head), *map(list, sheet.rows)] for sheet in section.sheets} == {
        "Fair protocol: win rate of tuned, 12 questions": [
            ["", "win rate", "W / T / L", "p (Holm)"],
            ["diversity", "75% (50% – 90%)", "9 / 1 / 2", "0.065 (0.130)"],
            ["relevance", "75% (50% – 90%)", "9 / 1 / 2", "0.065 (0.130)"],
        ],
        "What these verdicts go by": [
            ["", "same in both orders", "first won", "longer won", "at equal length", "unread"],
            ["diversity", "80%", "55%", "70%", "60% (40% – 80%)", "4 of 24"],
            ["relevance", "80%", "55%", "70%", "60% (40% – 80%)", "4 of 24"],
        ],
        "Win rate of tuned by kind of question": [
            ["", "local", "global"],
            ["diversity", "75% (50% – 90%)", "60% (40% – 80%)"],
            ["relevance", "75% (50% – 90%)", "–"],
        ],
        "The exam of strong": [
            ["read by", "identical: first", "same in both orders", "faults found", "padded preferred", "unread", ""],
            ["written", "50%", "88%", "9/10", "25%", "3", "passed"],
            ["written", "50%", "88%", "9/10", "25%", "3", "not passed: too often the first; faults missed"],
        ],
    }


def test_verdicts_on_one_kind_have_no_table_by_kind() -> None:
    one_kind = TABLE.model_copy(update={"by_kind": {"local": RATE}})
    (section,) = judgements([judgement(tables={"diversity": one_kind})])
    assert "Win rate of tuned by kind of question" not in [sheet.caption for sheet in section.sheets]


def test_what_a_reader_must_know_stands_below_as_sentences() -> None:
    (section,) = judgements([judgement(self_judged=["teacher"], without_source=2)])
    assert section.notes == [
        "Self-judged: strong is the teacher too; gold leads, whatever this table says.",
        "Correctness: not asked for 2 questions whose source is not known.",
    ]


def marks(apart: int, **of: Any) -> Marks:
    """Ten answers on which rules and judge agree, and so many that only the judge finds right."""
    told = [("correct", "correct")] * 5 + [("wrong", "wrong")] * 5 + [("wrong", "correct")] * apart
    made = [
        Marked(question=f"g-{n}", contestant="tuned", kind="local", rule=rule, judge=judge, reason=f"why {n}")  # type: ignore[arg-type]
        for n, (rule, judge) in enumerate(told)
    ]
    return summary("strong", [], made).model_copy(update=of)


def test_marks_with_the_reference_hold_who_is_right_both_marks_and_the_disagreements() -> None:
    section = judge_with_reference(marks(2), leads=True)
    assert {sheet.caption: [list(sheet.head), *map(list, sheet.rows)] for sheet in section.sheets} == {
        "Right, by the judge": [["", "local", "agrees (kappa)"], ["tuned", "7/12", "83% (0.68)"]],
        "Answers by both marks": [
            ["rules \\ judge", "correct", "wrong"],
            ["correct", "5", "0"],
            ["wrong", "2", "5"],
        ],
        "Where the two disagree": [
            ["question", "answer of", "rules", "judge", "why"],
            ["g-10", "tuned", "wrong", "correct", "why 10"],
            ["g-11", "tuned", "wrong", "correct", "why 11"],
        ],
    }
    assert section.notes == []
    assert section.lines[0].endswith("The verdict of this run goes by it.")
    assert (
        "agrees with the rules on 10 of 12 answers, kappa 0.68; 0 of its marks could not be read." in section.lines[0]
    )


def test_a_kind_that_one_contestant_was_not_asked_is_no_zero() -> None:
    right = {"tuned": {"local": of_counts(1, 2)}, "rag": {"local": of_counts(0, 2), "global": of_counts(1, 1)}}
    agreement = Agreement(n=2, agreed=of_counts(2, 2), kappa=None, table={})
    made = marks(0, right=right, by_contestant={"tuned": agreement, "rag": agreement}, agreement=agreement)
    section = judge_with_reference(made, leads=False)
    assert [list(row) for row in section.sheets[0].rows] == [
        ["tuned", "1/2", "–", "100% (–)"],
        ["rag", "0/2", "1/1", "100% (–)"],
    ]
    assert "answers; 0 of its marks" in section.lines[0]
    assert [sheet.caption for sheet in section.sheets] == ["Right, by the judge", "Answers by both marks"]


def test_so_many_disagreements_are_told_and_the_others_counted() -> None:
    assert judge_with_reference(marks(MOST_APART), leads=False).notes == []
    section = judge_with_reference(marks(MOST_APART + 1, self_judged=["student", "teacher"]), leads=False)
    assert len(section.sheets[-1].rows) == MOST_APART
    assert section.notes == ["1 more stand in eval/marks.json."]
    assert section.lines[0].endswith("strong is the student and the teacher too: the verdict goes by the rules.")
