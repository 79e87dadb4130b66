"""What a model says of the answers, in the report: pairs of them compared, and gold marked with the reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.roles.reference_judge import Mark
from eval.judge.exam import ExamResult
from eval.judge.marks import Agreement, Marks
from eval.judge.run import Judgement
from eval.judge.show import RESULT, TRUST, agreed, discordant, percent, rate, remarks, result, trust
from eval.marks.grades import Grade
from eval.report_sections import NONE, Bias, RateBar, ReportSection, Sheet, count

MOST_APART = 20  # answers on which judge and rules disagree that are told; all stand in marks.json


OUTDATED = ReportSection(
    "A judge's view of earlier answers",
    [
        "Verdicts or marks of a judge are about answers that have changed since, and are left out. Run `ragtuned "
        "judge`, or `judge --gold`, again: an answer that stayed the same is not paid for again."
    ],
)
"""In the place of what a judge made of other answers than those of the report."""


def judgements(found: Sequence[Judgement]) -> list[ReportSection]:
    """A section for each pair of contestants: the fair protocol first, the published one beside it."""
    pairs = dict.fromkeys((one.one, one.other) for one in found)
    return [_pair([one for one in found if (one.one, one.other) == pair]) for pair in pairs]


def _pair(made: Sequence[Judgement]) -> ReportSection:
    both = sorted(made, key=lambda one: one.protocol != "fair")
    first = both[0]
    return ReportSection(
        f"A judge's view: {first.one} against {first.other}",
        [_opening(one) for one in both],
        bars=next((_bars(one) for one in both if one.counts), {}),
        sheets=[sheet for one in both for sheet in _sheets(one)],
        notes=[f"{line[0].upper()}{line[1:]}." for one in both for line in remarks(one)],
    )


def _opening(made: Judgement) -> str:
    if made.protocol == "published":
        return f"Published protocol, by {made.judge}, beside the fair one."
    told = "passed its exam" if made.counts else "did not pass its exam, so its verdicts do not count"
    read = "its written verdicts" if made.reading == "written" else "the probabilities of its verdict tokens"
    marked = " Self-judged." if made.self_judged else ""
    return f"Fair protocol (blind, both orders), by {made.judge}, read by {read}: it {told}.{marked}"


def _bars(made: Judgement) -> dict[str, list[RateBar]]:
    """By criterion: the win rate, raw and length-controlled, and what of the verdicts is order and length."""
    found: dict[str, list[RateBar]] = {}
    for criterion, table in made.tables.items():
        read = table.verdicts - table.unreadable
        rates = {"as given": table.win_rate, "equal length": table.length_controlled}
        biases = {"shown first": table.first_slot, "the longer": table.longer}
        found[criterion] = [RateBar(label, made.one, rate) for label, rate in rates.items() if rate]
        found[criterion] += [
            RateBar(label, "", Bias(share, read)) for label, share in biases.items() if share is not None
        ]
    return found


def _sheets(made: Judgement) -> list[Sheet]:
    sheets = []
    if made.tables:
        title = f"{made.protocol.capitalize()} protocol: win rate of {made.one}, {made.questions} questions"
        sheets.append(Sheet(RESULT, [[name, *result(table)] for name, table in made.tables.items()], title))
        sheets.append(
            Sheet(["", *TRUST], [[n, *trust(t)] for n, t in made.tables.items()], "What these verdicts go by")
        )
    kinds = list(dict.fromkeys(kind for table in made.tables.values() for kind in table.by_kind))
    if made.counts and len(kinds) > 1:
        rows = [[c, *(rate(table.by_kind.get(kind)) for kind in kinds)] for c, table in made.tables.items()]
        sheets.append(Sheet(["", *kinds], rows, f"Win rate of {made.one} by kind of question"))
    if made.exams:
        head = ["read by", "identical: first", "same in both orders", "faults found", "padded preferred", "unread", ""]
        sheets.append(Sheet(head, [_exam(one) for one in made.exams], f"The exam of {made.judge}"))
    return sheets


def _exam(exam: ExamResult) -> list[str]:
    return [
        exam.reading,
        percent(exam.first_slot),
        percent(exam.consistency),
        count(exam.found),
        percent(exam.padded),
        str(exam.unreadable),
        "passed" if exam.passed else f"not passed: {'; '.join(exam.faults)}",
    ]


def regraded(marks: Marks, grades: Iterable[Grade]) -> list[Grade]:
    """Grades of the rules, with gold as the judge marks it; an answer that failed has no mark and stays wrong."""
    return [
        grade.model_copy(update={"hits": _hits(grade, mark)})
        if grade.set == "gold" and (mark := marks.marks.get(grade.contestant, {}).get(grade.question))
        else grade
        for grade in grades
    ]


def _hits(grade: Grade, mark: Mark) -> int:
    """Full marks, none, or of claims that are covered in part as many as the rules have, but neither none nor all."""
    if mark == "partly" and grade.of > 1:
        return max(1, min(grade.hits, grade.of - 1))
    return grade.of * (mark == ("refuses" if grade.kind == "unanswerable" else "correct"))


def judge_with_reference(made: Marks, leads: bool) -> ReportSection:
    """Gold as the judge with the reference marks it, and how far that agrees with the rules."""
    kinds = list(dict.fromkeys(kind for by_kind in made.right.values() for kind in by_kind))
    right = [
        [name, *(count(by[kind]) if kind in by else NONE for kind in kinds), agreed(made, name)]
        for name, by in made.right.items()
    ]
    apart = [[one.question, one.contestant, one.rule, str(one.judge), one.reason] for one in made.apart[:MOST_APART]]
    sheets = [Sheet(["", *kinds, "agrees (kappa)"], right, "Right, by the judge"), _agreement(made.agreement)]
    if apart:
        sheets.append(Sheet(["question", "answer of", "rules", "judge", "why"], apart, "Where the two disagree"))
    whole = made.agreement
    kappa = f", kappa {whole.kappa:.2f}" if whole.kappa is not None else ""
    notes = [f"{len(made.apart) - MOST_APART} more stand in eval/marks.json."] if len(made.apart) > MOST_APART else []
    notes += [f"{line[0].upper()}{line[1:]}." for line in discordant(made)]
    who = f"{made.judge} is the {' and the '.join(made.self_judged)} too: " if made.self_judged else ""
    told = "The verdict of this run goes by it." if leads else f"{who}the verdict goes by the rules."
    return ReportSection(
        "Gold, marked by a judge with the reference",
        [
            f"{made.judge} sees question, reference and source, and is not told who answered. It agrees with the "
            f"rules on {whole.agreed.hits} of {whole.n} answers{kappa}; {made.unreadable} of its marks could not be "
            f"read. {told}"
        ],
        sheets=sheets,
        notes=notes,
    )


def _agreement(found: Agreement) -> Sheet:
    marks = list(dict.fromkeys(mark for by in found.table.values() for mark in by))
    rows = [[rule, *(str(by.get(mark, 0)) for mark in marks)] for rule, by in found.table.items()]
    return Sheet(["rules \\ judge", *marks], rows, "Answers by both marks")
