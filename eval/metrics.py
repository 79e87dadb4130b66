"""From grades to numbers: metrics.json, one primary comparison named before the run, and means over seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from agents.records import Item
from eval.contamination import Contamination
from eval.contestants.answering import Answer
from eval.differences import Difference, paired
from eval.marks.grades import Grade
from eval.paired_comparison import PairedComparison
from eval.questions import GoldKind
from eval.statistics import Proportion, of_counts


class Cost(Item):
    """What an answer took: seconds, tokens and USD in the mean, seconds of the slowest twentieth (`slow_seconds`).

    No seconds are those of a contestant whose answers came in a batch: nobody knows them.
    `peak_memory_mb` is the most that this process held while answering, 0 of a served model; `read` the share of the
    documents in the prompt of one that reads them all. `cut_off` answers ran into the token limit, `failed` are none.
    """

    answers: int
    seconds: float | None
    slow_seconds: float | None = None
    prompt_tokens: float
    completion_tokens: float
    usd: float = 0.0
    peak_memory_mb: int = 0
    read: float | None = None
    cut_off: int
    failed: int = 0


class Scores(Item):
    """The figures of one contestant.

    `gold` by kind (global counts claims, the others questions); `false_refusals` among answerable gold; `wording` and
    `untrained` are agreement with the teacher, in all and by kind; `leaks` and `invented` are bad, the less the better.
    A Proportion with n = 0 was not asked.
    """

    gold: dict[str, Proportion]
    gold_f1: float | None
    false_refusals: Proportion
    wording: Proportion
    wording_by_kind: dict[str, Proportion]
    wording_f1: float | None
    untrained: Proportion
    general: Proportion
    leaks: Proportion
    invented: Proportion
    cost: Cost


class Unaided(Item):
    """The gold questions that base answers right closed book, and all gold figures by contestant without them."""

    questions: list[str]
    gold: dict[str, dict[str, Proportion]]


class Metrics(Item):
    """metrics.json: the primary comparison, all contestants, and what else is compared of them (exploratory).

    `unaided` stands apart: what the student knew before. `doubtful_gold` are the questions that even the reader of
    their evidence missed; `free_form` by kind those that ask for no name or value (`is_free_form`).
    `contamination` names the questions that were trained already; `other_words` is by contestant what of the new
    wordings is asked in other words than any training row. `exam` names the questions that are the same
    in every run over this gold.jsonl, `answers` the answers that were marked (`answers_key`).
    """

    primary: PairedComparison
    contestants: dict[str, Scores]
    differences: list[Difference] = []
    unaided: Unaided | None = None
    doubtful_gold: list[str] = []
    free_form: dict[GoldKind, list[str]] = {}
    exam: str = ""
    answers: str = ""
    contamination: Contamination | None = None
    other_words: dict[str, Proportion] = {}
    questions: dict[str, int]
    student: str
    adapter: dict[str, Any]
    config: dict[str, Any]
    versions: dict[str, str]
    seconds: float
    peak_memory_mb: int


def counts(figure: str, grade: Grade) -> tuple[int, int] | None:
    """(hits, of) that a grade adds to one of `FIGURES`; None if it is about something else."""
    if grade.set == "gold":
        if figure == "false refusals":
            return (int(grade.refused and not grade.hits), 1) if grade.kind != "unanswerable" else None
        return (grade.hits, grade.of) if figure == GOLD_FIGURES[grade.kind] else None
    return OTHER_COUNTS[figure](grade) if SETS.get(figure) == grade.set else None


GOLD_FIGURES = {
    "local": "gold local",
    "multi_hop": "gold multi-hop",
    "global": "gold global (claims)",
    "unanswerable": "gold unanswerable",
}
"""By kind of question."""
SETS = {
    "new wordings": "wording",
    "untrained facts": "untrained",
    "general": "general",
    "leaks": "general",
    "invented": "stranger",
}
"""The other figures, and the questions that they are about."""
OTHER_COUNTS: dict[str, Callable[[Grade], tuple[int, int]]] = {
    "new wordings": lambda grade: (grade.hits, grade.of),
    "untrained facts": lambda grade: (grade.hits, grade.of),
    "general": lambda grade: (grade.hits, grade.of),
    "leaks": lambda grade: (int(bool(grade.leaked)), 1),
    "invented": lambda grade: (int(not grade.refused), 1),
}


def in_other_words(seen: Contamination | None, grades: Sequence[Grade]) -> dict[str, Proportion]:
    """By contestant: agreement with the teacher on the held-out wordings that are new; empty where nobody knows."""
    if seen is None:
        return {}
    names = dict.fromkeys(grade.contestant for grade in grades)
    new = {*seen.other_words}
    return {
        name: share("new wordings", [g for g in grades if g.contestant == name and g.question in new]) for name in names
    }


def score(name: str, grades: Sequence[Grade], answers: Sequence[Answer]) -> Scores:
    """All figures of one contestant."""
    own = [grade for grade in grades if grade.contestant == name]
    wording = [grade for grade in own if grade.set == "wording"]
    return Scores(
        gold=gold_by_kind(own),
        gold_f1=_mean_f1([grade for grade in own if grade.set == "gold"]),
        false_refusals=share("false refusals", own),
        wording=share("new wordings", wording),
        wording_by_kind={
            kind: share("new wordings", [grade for grade in wording if grade.kind == kind])
            for kind in sorted({grade.kind for grade in wording})
        },
        wording_f1=_mean_f1(wording),
        untrained=share("untrained facts", own),
        general=share("general", own),
        leaks=share("leaks", own),
        invented=share("invented", own),
        cost=_cost(answers),
    )


def gold_by_kind(grades: Iterable[Grade]) -> dict[str, Proportion]:
    """The gold figures of one contestant's grades."""
    listed = list(grades)
    return {kind: share(figure, listed) for kind, figure in GOLD_FIGURES.items()}


def exploratory(grades: Sequence[Grade]) -> list[Difference]:
    """Tuned against everybody else, and with passages against who else reads them, by kind of gold."""
    own: dict[str, list[Grade]] = {}
    for grade in grades:
        if grade.set == "gold":
            own.setdefault(grade.contestant, []).append(grade)
    pairs = [("tuned", name) for name in own if name != "tuned"]
    pairs += [("tuned+rag", name) for name in ("rag", "rag_teacher") if name in own and "tuned+rag" in own]
    found = (
        paired(figure, partial(counts, figure), own[first], own[second], (first, second))
        for first, second in pairs
        if first in own
        for figure in GOLD_FIGURES.values()
    )
    return [one for one in found if one]


def unaided(grades: Sequence[Grade]) -> Unaided:
    """What base knows of gold by itself, and everybody's figures without it."""
    known = {g.question for g in grades if g.contestant == "base" and g.set == "gold" and _knows(g)}
    rest: dict[str, list[Grade]] = {}
    for grade in grades:
        if grade.set == "gold":
            rest.setdefault(grade.contestant, []).extend([grade] * (grade.question not in known))
    return Unaided(questions=sorted(known), gold={name: gold_by_kind(found) for name, found in rest.items()})


def _knows(grade: Grade) -> bool:
    """Whether a gold question is answered without any help; a refusal shows no knowledge."""
    return grade.kind != "unanswerable" and grade.right


def doubtful_gold(grades: Sequence[Grade], answers: Iterable[Answer]) -> list[str]:
    """The questions that a reader of their own evidence answered, and not right: their gold may be at fault."""
    given = {answer.question for answer in answers if not answer.failed}
    return [one.question for one in grades if one.contestant == "ceiling" and one.question in given and not one.right]


FIGURES: dict[str, Callable[[Scores], Proportion]] = {
    "gold local": lambda s: s.gold["local"],
    "gold multi-hop": lambda s: s.gold["multi_hop"],
    "gold global (claims)": lambda s: s.gold["global"],
    "gold unanswerable": lambda s: s.gold["unanswerable"],
    "false refusals": lambda s: s.false_refusals,
    "new wordings": lambda s: s.wording,
    "untrained facts": lambda s: s.untrained,
    "general": lambda s: s.general,
    "leaks": lambda s: s.leaks,
    "invented": lambda s: s.invented,
}
"""The columns of every table, in order."""
BEYOND = frozenset({"general", "leaks", "invented"})
"""The figures that are not about the documents: what tuning cost."""
LESS_IS_BETTER = frozenset({"false refusals", "leaks", "invented"})


def over_seeds(runs: Sequence[Metrics]) -> dict[str, dict[str, dict[str, float]]]:
    """The metrics of several runs as `{contestant: {figure: {mean, min, max, runs}}}`; shares, 0–1.

    A figure asked in no run is left out.
    """
    table: dict[str, dict[str, dict[str, float]]] = {}
    for name in dict.fromkeys(name for run in runs for name in run.contestants):
        for figure, pick in FIGURES.items():
            found = [pick(run.contestants[name]).share for run in runs if name in run.contestants]
            shares = [share for share in found if share is not None]
            if shares:
                summary = {
                    "mean": sum(shares) / len(shares),
                    "min": min(shares),
                    "max": max(shares),
                    "runs": len(shares),
                }
                table.setdefault(name, {})[figure] = summary
    return table


def share(figure: str, grades: Iterable[Grade]) -> Proportion:
    """One of `FIGURES` of one contestant's grades."""
    found = [one for grade in grades if (one := counts(figure, grade))]
    return of_counts(sum(hits for hits, _ in found), sum(of for _, of in found))


def _mean_f1(grades: Sequence[Grade]) -> float | None:
    scores = [grade.f1 for grade in grades if grade.f1 is not None]
    return sum(scores) / len(scores) if scores else None


def _cost(answers: Sequence[Answer]) -> Cost:
    given = [answer for answer in answers if not answer.failed]
    n = max(len(given), 1)
    seconds = sorted(answer.seconds for answer in given if answer.seconds)
    return Cost(
        answers=len(answers),
        seconds=sum(seconds) / len(seconds) if seconds else None,
        slow_seconds=seconds[len(seconds) * 19 // 20] if seconds else None,
        prompt_tokens=sum(a.prompt_tokens for a in given) / n,
        completion_tokens=sum(a.completion_tokens for a in given) / n,
        usd=sum(a.usd for a in given) / n,
        peak_memory_mb=max((a.memory_mb for a in given), default=0),
        read=next((a.read for a in given if a.read is not None), None),
        cut_off=sum(not a.finished for a in given),
        failed=len(answers) - len(given),
    )
