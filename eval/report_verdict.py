"""The verdict in words: who leads in the primary comparison, by how much, and what so many questions can tell."""

from __future__ import annotations

from collections.abc import Sequence

from eval.differences import Difference
from eval.judge.marks import Discordant, Marks
from eval.metrics import GOLD_FIGURES
from eval.paired_comparison import PairedComparison, limits
from eval.settings import Primary
from eval.statistics import ALPHA, Interval, Proportion

NOT_JUDGED = (
    "{} of these questions ask for neither a name nor a number; of them the rules miss many right answers in other "
    "words, of retrieval more than of tuned, and no judge has marked them (ragtuned judge --gold)."
)


def verdict(
    comparison: PairedComparison,
    runs: int = 1,
    others: Sequence[Difference] = (),
    kind: Primary = "local",
    marks: Marks | None = None,
    free_form: int = 0,
    rules: PairedComparison | None = None,
) -> dict[str, str]:
    """`head`, `body` and `name` of the primary comparison, and its four counts of questions.

    Without gold of the kind that decides nobody wins: agreement with the teacher is no truth. `runs` is how many seeds
    the interval is over. `others` are the exploratory differences: retrieval read by the teacher is named beside that
    of the student, and what tuning did to reading where the tuned student read too; both on gold of the primary's
    `kind`. `marks` are a judge's, told beside those of the rules; where there are none the verdict says how many of its
    questions are `free_form`. With `rules` the `comparison` is by those marks, and that of the rules is told beside it.
    """
    head = _head(comparison)
    tuned, rag = in_words(comparison.tuned), in_words(comparison.rag)
    body = f"Tuned answered {tuned} right, retrieval with the same untuned student {rag}."
    # all of gold has no figure of its own: then its details stand for it, and say so
    figure, where = GOLD_FIGURES.get(kind, GOLD_FIGURES["local"]), "" if kind in GOLD_FIGURES else " (details alone)"
    strong = _between("tuned", "rag_teacher", figure, others)
    reading = _between("tuned+rag", "rag", figure, others)
    if strong and comparison.is_gold:
        head = f"{head} {_against_teacher(strong)}"
    if strong:
        body += f" Retrieval read by the teacher{where}: {in_words(strong.of_second)}."
    elif comparison.is_gold:
        body += " Retrieval read by the teacher was not asked (rag_teacher)."
    if reading:
        body += f" With the same passages the tuned student answered {in_words(reading.of_first)} right{where}."
    pairs = (
        f"Only tuned was right on {comparison.only_tuned}, only retrieval on {comparison.only_rag} "
        f"(exact sign test, p = {comparison.p:.2g})."
    )
    judged = ""
    if marks and rules:
        judged = f" Marked by a judge with the reference in view ({marks.judge}).{_by_rules(rules)}"
        head = f"{head}{_otherwise(comparison, rules, 'By the rules alone')}"
    elif marks and comparison.is_gold and (pair := marks.pair(kind)):
        judged = _by_judge(marks, pair, kind)
        head = f"{head}{_otherwise(comparison, pair, 'By a judge with the reference')}"
    if free_form and comparison.is_gold and not judged:
        judged = f" {NOT_JUDGED.format(free_form)}"
    name = comparison.name
    if comparison.margin:
        name = f"{name}, not worse by a margin of {_points(comparison.margin)} (one-sided, 2.5\u00a0%)"
    counts = {key: str(getattr(comparison, key)) for key in ("both", "only_tuned", "only_rag", "neither")}
    return {
        "head": head,
        "body": f"{body} {pairs} {_power(comparison, runs)}".rstrip() + judged,
        "name": name,
        **counts,
    }


def _head(comparison: PairedComparison) -> str:
    lead = comparison.only_tuned - comparison.only_rag
    questions = f"{abs(lead)} question{'s' * (abs(lead) != 1)}"
    told = comparison.p < ALPHA
    margin = _points(comparison.margin)
    if comparison.undecided:
        return f"No verdict: {comparison.undecided}."
    if not comparison.is_gold:
        return "No verdict: there are no gold questions, and agreement with the teacher is no proof."
    if not comparison.tuned.n:
        return "No verdict: no question was asked of both."
    if not comparison.tuned.hits and not comparison.rag.hits:
        return "Neither knows the documents."
    here = _here(comparison.interval)
    if told and lead < 0:
        within = f", by less than the margin of {margin}" if comparison.not_worse else ""
        return f"Retrieval beats the tuned model{within}{here}."
    if comparison.not_worse is False:
        return f"The tuned model is not shown to keep up with retrieval within the margin of {margin}."
    if told and lead > 0:
        return f"The tuned model beats retrieval{here}."
    if comparison.not_worse:
        return f"The tuned model is not worse than retrieval, by the margin of {margin}."
    if lead == 0:
        return "Tuned and retrieval are level."
    leader = "The tuned model" if lead > 0 else "Retrieval"
    return f"{leader} is ahead by {questions}, too few to tell."


def _here(one: Interval | None) -> str:
    """What to add where the interval, which takes the questions of a document together, leaves either sign."""
    settled = one is None or one.low > 0 or one.high < 0
    return "" if settled else " on these questions; so few documents cannot tell for others"


def _by_judge(marks: Marks, pair: Discordant, kind: Primary) -> str:
    """The same comparison as a judge with the reference marks it."""
    too = f", which is the {' and the '.join(marks.self_judged)} too" if marks.self_judged else ""
    tuned, rag = (marks.right_of(name, kind) for name in ("tuned", "rag"))
    return (
        f" By a judge with the reference in view ({marks.judge}{too}): tuned {tuned.hits} of {tuned.n}, retrieval "
        f"{rag.hits} of {rag.n}; only tuned right on {pair.only_tuned}, only retrieval on {pair.only_rag} "
        f"(p {f'= {pair.p:.2g}' if pair.p >= 0.001 else '< 0.001'})."
    )


def _by_rules(rules: PairedComparison) -> str:
    return (
        f" By the rules alone: tuned {rules.tuned.hits} of {rules.tuned.n}, retrieval {rules.rag.hits} of "
        f"{rules.rag.n}; only tuned right on {rules.only_tuned}, only retrieval on {rules.only_rag} "
        f"(p = {rules.p:.2g})."
    )


def _otherwise(comparison: PairedComparison, other: PairedComparison | Discordant, by: str) -> str:
    """What the other way to mark finds, where it decides otherwise."""
    if comparison.undecided or not comparison.tuned.n or _leader(other) == _leader(comparison):
        return ""
    return f" {by} {_leader(other) or 'the difference is too small to tell'}."


def _leader(one: PairedComparison | Discordant) -> str:
    if one.p >= ALPHA:
        return ""
    return "the tuned model beats retrieval" if one.only_tuned > one.only_rag else "retrieval beats the tuned model"


def _between(first: str, second: str, figure: str, others: Sequence[Difference]) -> Difference | None:
    found = (one for one in others if (one.first, one.second, one.figure) == (first, second, figure))
    return next(found, None)


def _against_teacher(one: Difference) -> str:
    if one.p >= ALPHA:
        return "Against retrieval read by the teacher so many questions cannot tell."
    if one.only_first > one.only_second:
        return f"The tuned model beats retrieval read by the teacher{_here(one.interval)}."
    return f"Retrieval read by the teacher beats the tuned model{_here(one.interval)}."


def _power(comparison: PairedComparison, runs: int) -> str:
    """The interval of the difference, and what so many questions could have shown."""
    if comparison.interval is None:
        return ""
    one = comparison.interval
    over = f" over {runs} seeds" if runs > 1 else ""
    apart = comparison.only_tuned + comparison.only_rag
    can = (
        f"Where {apart} questions part the two, a lead of {comparison.least_lead} or more tells."
        if comparison.least_lead
        else f"{apart} questions that part the two are too few to tell, whoever wins them: it takes six."
    )
    *_, known = limits(comparison)  # what stands before it, of the margin, is in the headline
    interval = (
        f"95\u00a0% interval {100 * one.low:+.0f} to {100 * one.high:+.0f}"
        if one.low > -1 or one.high < 1
        else "no interval: the questions are about too few documents to draw from"
    )
    return f"The difference{over} is {100 * one.difference:+.0f} points ({interval}). {can} {known}."


def _points(share: float) -> str:
    return f"{100 * share:g} points"


def in_words(one: Proportion) -> str:
    """A proportion as "20 of 33 (61 %, 95 % interval 44–75 %)"."""
    if one.share is None:
        return "0 of 0"
    interval = f"{100 * one.low:.0f}–{100 * one.high:.0f}"
    return f"{one.hits} of {one.n} ({100 * one.share:.0f}\u00a0%, 95\u00a0% interval {interval}\u00a0%)"
