"""The verdict where a margin was named before the run, and where other gold than details decides."""

from __future__ import annotations

from typing import Any

import pytest

from eval.differences import Difference
from eval.judge.marks import Mark, Marked, Marks, summary
from eval.marks.grades import Grade, Set
from eval.paired_comparison import PRIMARY, PairedComparison
from eval.report_judge import regraded
from eval.report_verdict import verdict
from eval.settings import Primary
from eval.statistics import Interval, of_counts, sign_test


def primary(
    both: int, only_tuned: int, only_rag: int, low: float, margin: float = 0.1, high: float = 0.5
) -> PairedComparison:
    """Of forty questions, with a margin."""
    return PairedComparison(
        name=PRIMARY,
        tuned=of_counts(both + only_tuned, 40),
        rag=of_counts(both + only_rag, 40),
        both=both,
        only_tuned=only_tuned,
        only_rag=only_rag,
        neither=40 - both - only_tuned - only_rag,
        p=sign_test(only_tuned, only_rag),
        interval=Interval(difference=(only_tuned - only_rag) / 40, low=low, high=high),
        detectable=0.2,
        margin=margin,
    )


@pytest.mark.parametrize(
    ("comparison", "head"),
    [
        pytest.param(
            primary(20, 3, 3, -0.08),
            "The tuned model is not worse than retrieval, by the margin of 10 points.",
            id="in",
        ),
        pytest.param(
            primary(20, 3, 3, -0.15),
            "The tuned model is not shown to keep up with retrieval within the margin of 10 points.",
            id="not shown",
        ),
        pytest.param(primary(5, 15, 1, 0.1), "The tuned model beats retrieval.", id="more than not worse"),
        pytest.param(primary(5, 1, 15, -0.5, high=-0.1), "Retrieval beats the tuned model.", id="behind"),
        pytest.param(
            primary(30, 0, 6, -0.24, 0.25, high=-0.05),
            "Retrieval beats the tuned model, by less than the margin of 25 points.",
            id="behind within it",
        ),
        pytest.param(primary(0, 0, 0, -0.01), "Neither knows the documents.", id="nought against nought"),
    ],
)
def test_a_margin_named_before_the_run_is_what_the_verdict_is_about(comparison: PairedComparison, head: str) -> None:
    found = verdict(comparison)
    assert found["head"] == head
    assert f"not worse by a margin of {100 * comparison.margin:g} points" in found["name"]
    assert "show differences of 20% and more in four of five runs." in found["body"]


@pytest.mark.parametrize(
    ("comparison", "head"),
    [
        pytest.param(
            primary(5, 8, 3, -0.1, 0), "The tuned model is ahead by 5 questions, too few to tell.", id="ahead"
        ),
        pytest.param(primary(5, 3, 8, -0.1, 0), "Retrieval is ahead by 5 questions, too few to tell.", id="behind"),
        pytest.param(primary(5, 4, 3, -0.1, 0), "The tuned model is ahead by 1 question, too few to tell.", id="one"),
        pytest.param(primary(5, 1, 0, -0.1, 0), "The tuned model is ahead by 1 question, too few to tell.", id="alone"),
        pytest.param(primary(5, 3, 3, -0.1, 0), "Tuned and retrieval are level.", id="level"),
    ],
)
def test_what_so_few_questions_cannot_tell_is_said_with_the_pairs_that_differ(
    comparison: PairedComparison, head: str
) -> None:
    found = verdict(comparison)
    assert found["head"] == head
    pairs = f"Only tuned was right on {comparison.only_tuned}, only retrieval on {comparison.only_rag} "
    assert f"{pairs}(exact sign test, p = {comparison.p:.2g})." in found["body"]
    assert found["name"] == PRIMARY


def test_questions_about_one_document_have_no_interval() -> None:
    assert "points (no interval: " in verdict(primary(5, 4, 3, -1.0, high=1.0))["body"]
    assert "interval -100 to +50" in verdict(primary(5, 4, 3, -1.0))["body"].replace("\u00a0", " ")


def test_a_lead_that_the_documents_do_not_agree_on_is_one_on_these_questions() -> None:
    some = "on these questions; so few documents cannot tell for others."
    assert verdict(primary(5, 15, 1, -0.09))["head"] == f"The tuned model beats retrieval {some}"
    assert verdict(primary(5, 1, 15, -0.6, high=0.09))["head"] == f"Retrieval beats the tuned model {some}"


def test_retrieval_read_by_the_teacher_is_named_where_it_was_not_asked_and_by_the_kind_that_decides() -> None:
    assert "Retrieval read by the teacher was not asked (rag_teacher)." in verdict(primary(20, 3, 3, -0.1))["body"]
    other = Difference(
        figure="gold multi-hop",
        first="tuned",
        second="rag_teacher",
        of_first=of_counts(1, 9),
        of_second=of_counts(7, 9),
        only_first=0,
        only_second=6,
        p=sign_test(0, 6),
        interval=Interval(difference=-0.6, low=-0.9, high=-0.3),
    )
    found = verdict(primary(20, 3, 3, -0.2), others=[other], kind="multi_hop")
    assert "Retrieval read by the teacher: 7 of 9" in found["body"]
    assert found["head"].endswith("Retrieval read by the teacher beats the tuned model.")
    one_document = other.model_copy(update={"interval": Interval(difference=-0.6, low=-1.0, high=1.0)})
    head = verdict(primary(20, 3, 3, -0.2), others=[one_document], kind="multi_hop")["head"]
    assert head.endswith("beats the tuned model on these questions; so few documents cannot tell for others.")
    few = other.model_copy(update={"only_second": 3, "p": sign_test(0, 3)})
    head = verdict(primary(20, 3, 3, -0.2), others=[few], kind="multi_hop")["head"]
    assert head.endswith("Against retrieval read by the teacher so many questions cannot tell.")
    assert "was not asked" in verdict(primary(20, 3, 3, -0.2), others=[other])["body"]


def test_the_body_tells_both_shares_the_pairs_and_what_so_many_questions_show() -> None:
    told = verdict(primary(5, 15, 1, 0.1, 0).model_copy(update={"least_lead": 6}), runs=3)
    interval = "95\u00a0% interval"
    assert told["body"] == (
        f"Tuned answered 20 of 40 (50\u00a0%, {interval} 35–65\u00a0%) right, retrieval with the same untuned student "
        f"6 of 40 (15\u00a0%, {interval} 7–29\u00a0%). Retrieval read by the teacher was not asked (rag_teacher). Only "
        "tuned was right on 15, only retrieval on 1 (exact sign test, p = 0.00052). The difference over 3 seeds is +35 "
        f"points ({interval} +10 to +50). Where 16 questions part the two, a lead of 6 or more tells. 40 questions, as "
        "often apart as these, show differences of 20% and more in four of five runs."
    )


def test_too_few_pairs_for_any_lead_and_a_single_run_are_told_so() -> None:
    body = verdict(primary(5, 2, 1, -0.1, 0))["body"]
    assert "3 questions that part the two are too few to tell, whoever wins them: it takes six." in body
    assert "The difference is +2 points" in body
    assert "seeds" not in body
    without = verdict(primary(5, 2, 1, -0.1, 0).model_copy(update={"interval": None}))["body"]
    assert without.endswith("(exact sign test, p = 1).")


def test_two_that_were_asked_nothing_have_no_verdict() -> None:
    nothing = primary(0, 0, 0, -0.1, 0).model_copy(update={"tuned": of_counts(0, 0), "rag": of_counts(0, 0)})
    told = verdict(nothing)
    assert told["head"] == "No verdict: no question was asked of both."
    assert told["body"].startswith("Tuned answered 0 of 0 right, retrieval with the same untuned student 0 of 0.")


def test_where_all_of_gold_decides_its_details_stand_for_it_and_say_so() -> None:
    def beside(first: str, second: str) -> Difference:
        return Difference(
            figure="gold local",
            first=first,
            second=second,
            of_first=of_counts(7, 9),
            of_second=of_counts(1, 9),
            only_first=6,
            only_second=0,
            p=sign_test(6, 0),
            interval=Interval(difference=0.6, low=0.3, high=0.9),
        )

    told = verdict(primary(20, 3, 3, -0.2, 0), 1, [beside("tuned", "rag_teacher"), beside("tuned+rag", "rag")], "gold")
    assert "Retrieval read by the teacher (details alone): 1 of 9" in told["body"]
    assert "With the same passages the tuned student answered 7 of 9" in told["body"]
    assert " right (details alone)." in told["body"]
    assert told["head"] == "Tuned and retrieval are level. The tuned model beats retrieval read by the teacher."


def test_how_many_questions_are_free_form_is_told_unless_a_judge_marked_them() -> None:
    told = "3 of these questions ask for neither a name nor a number"
    assert told in verdict(primary(20, 9, 2, 0.02), free_form=3)["body"]
    assert "neither a name nor" not in verdict(primary(20, 9, 2, 0.02))["body"]


RIGHT_WRONG: tuple[Mark, Mark] = ("correct", "wrong")


def by_judge(only_tuned: int, only_rag: int) -> Marks:
    """Marks of a judge on details."""
    marked = [
        Marked(question=f"q{n}", contestant=name, kind="local", rule="wrong", reason="So.", judge=mark)
        for n in range(only_tuned + only_rag)
        for name, mark in zip(("tuned", "rag") if n < only_tuned else ("rag", "tuned"), RIGHT_WRONG, strict=True)
    ]
    return summary("a-judge", [], marked).model_copy(update={"answers": "as they stand"})


@pytest.mark.parametrize(
    ("rules", "judge", "said"),
    [
        pytest.param((12, 2), (10, 1), "", id="the same"),
        pytest.param((3, 3), (2, 4), "", id="neither tells"),
        pytest.param(
            (12, 2), (6, 5), "By a judge with the reference the difference is too small to tell.", id="not confirmed"
        ),
        pytest.param((5, 4), (1, 12), "By a judge with the reference retrieval beats the tuned model.", id="retrieval"),
        pytest.param((2, 12), (12, 2), "By a judge with the reference the tuned model beats retrieval.", id="tuned"),
    ],
)
def test_where_a_judge_decides_otherwise_than_the_rules_the_headline_says_so(
    rules: tuple[int, int], judge: tuple[int, int], said: str
) -> None:
    head = verdict(primary(20, *rules, 0.02, margin=0), marks=by_judge(*judge))["head"]
    assert head.endswith(said)
    assert ("By a judge" in head) == bool(said)


def test_where_an_independent_judge_leads_the_rules_are_told_beside_it() -> None:
    rules = primary(10, 2, 12, -0.4)
    found = verdict(primary(20, 12, 2, 0.02, margin=0), marks=by_judge(12, 2), rules=rules, free_form=9)
    assert found["head"] == "The tuned model beats retrieval. By the rules alone retrieval beats the tuned model."
    assert "Marked by a judge with the reference in view (a-judge). By the rules alone: tuned 12 of 40" in found["body"]
    assert "neither a name nor" not in found["body"]


@pytest.mark.parametrize(
    ("changed", "kind", "leads"),
    [
        pytest.param({}, "local", True, id="it does"),
        pytest.param({}, "gold", True, id="all of gold"),
        pytest.param({}, "multi_hop", False, id="another kind"),
        pytest.param({"self_judged": ["teacher"]}, "local", False, id="the teacher"),
        pytest.param({"unreadable": 1}, "local", False, id="an answer is not marked"),
        pytest.param({"answers": ""}, "local", False, id="nobody knows which answers"),
        pytest.param({"marks": {}}, "local", False, id="a file of an earlier version"),
    ],
)
def test_a_judge_leads_where_it_is_independent_and_marked_all_that_decides(
    changed: dict[str, Any], kind: Primary, leads: bool
) -> None:
    assert by_judge(3, 1).model_copy(update=changed).leads(kind) is leads


def test_all_of_gold_by_a_judge_is_the_sum_of_its_kinds() -> None:
    marks = by_judge(3, 1)
    both = marks.model_copy(
        update={
            "pairs": {"local": marks.pairs["local"], "global": marks.pairs["local"]},
            "right": {name: {"local": of["local"], "global": of["local"]} for name, of in marks.right.items()},
        }
    )
    body = verdict(primary(20, 9, 2, 0.02, margin=0), kind="gold", marks=both)["body"]
    assert "tuned 6 of 8, retrieval 2 of 8; only tuned right on 6, only retrieval on 2" in body


OF_Q0: list[tuple[str, Set]] = [("tuned", "gold"), ("rag", "gold"), ("tuned", "wording")]


def test_grades_are_turned_where_the_judge_decides_otherwise() -> None:
    grades = [
        Grade(question="q0", contestant=name, set=kind, kind="local", hits=0, of=1, f1=None, refused=False)
        for name, kind in OF_Q0
    ]
    assert [grade.hits for grade in regraded(by_judge(1, 0), grades)] == [1, 0, 0]
    rules_say_right = [grade.model_copy(update={"hits": 1}) for grade in grades]
    assert [grade.hits for grade in regraded(by_judge(1, 0), rules_say_right)] == [1, 0, 1]


@pytest.mark.parametrize(("by_rules", "hits"), [(0, 1), (1, 1), (3, 2)])
def test_claims_that_a_judge_finds_covered_in_part_are_neither_none_nor_all(by_rules: int, hits: int) -> None:
    one = Marked(question="q", contestant="tuned", kind="global", rule="wrong", reason="So.", judge="partly")
    grade = Grade(
        question="q", contestant="tuned", set="gold", kind="global", hits=by_rules, of=3, f1=None, refused=False
    )
    assert regraded(summary("a-judge", [], [one]), [grade])[0].hits == hits


def test_without_gold_the_teachers_retrieval_is_no_part_of_the_headline() -> None:
    agreement = primary(20, 3, 3, -0.2, 0).model_copy(update={"name": "heldout, new wordings"})
    told = verdict(agreement)
    assert told["head"].startswith("No verdict: there are no gold questions")
    assert "rag_teacher" not in told["body"]
    assert told["name"] == "heldout, new wordings"


def test_gold_without_the_kind_that_decides_is_told_in_the_headline() -> None:
    why = 'gold.jsonl has no local question; set [eval] primary to "multi_hop", or to "gold" for all'
    name = f"heldout, new wordings: tuned against rag ({why})"
    told = verdict(primary(20, 3, 3, -0.2, 0).model_copy(update={"name": name, "undecided": why}))
    assert (told["head"], told["name"]) == (f"No verdict: {why}.", name)
    assert "rag_teacher" not in told["body"]


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(-1, 1, "no interval"), (-0.5, 1, "-50 to +100"), (-1, 0.5, "-100 to +50")],
    ids=["all", "up to the end", "from the end"],
)
def test_an_interval_is_told_unless_it_is_all_that_a_difference_can_be(low: float, high: float, shown: str) -> None:
    assert shown in verdict(primary(5, 2, 1, low, 0, high))["body"]
