"""From grades to numbers: metrics.json, one primary comparison named before the run, and means over seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.records import Item
from eval.contestants import CONTESTANTS, Answer
from eval.grades import Grade
from eval.paired_comparison import PairedComparison
from eval.statistics import Proportion, of_counts, proportion

GOLD_KINDS = ("local", "multi_hop", "global", "unanswerable")


class Cost(Item):
    """What the answers cost: seconds and tokens a question (means), and how many answers ran into the token limit."""

    answers: int
    seconds: float
    prompt_tokens: float
    completion_tokens: float
    cut_off: int


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


class Metrics(Item):
    """metrics.json."""

    primary: PairedComparison
    contestants: dict[str, Scores]
    questions: dict[str, int]
    student: str
    adapter: dict[str, Any]
    config: dict[str, Any]
    versions: dict[str, str]
    seconds: float
    peak_memory_mb: int


def score(name: str, grades: Sequence[Grade], answers: Sequence[Answer]) -> Scores:
    """All figures of one contestant."""
    own = [grade for grade in grades if grade.contestant == name]
    gold, wording, general = (_of(own, which) for which in ("gold", "wording", "general"))
    answerable = [grade for grade in gold if grade.kind != "unanswerable"]
    return Scores(
        gold={kind: _points([grade for grade in gold if grade.kind == kind]) for kind in GOLD_KINDS},
        gold_f1=_mean_f1(gold),
        false_refusals=proportion(grade.refused and not grade.hits for grade in answerable),
        wording=_points(wording),
        wording_by_kind={
            kind: _points([m for m in wording if m.kind == kind]) for kind in sorted({m.kind for m in wording})
        },
        wording_f1=_mean_f1(wording),
        untrained=_points(_of(own, "untrained")),
        general=_points(general),
        leaks=proportion(bool(grade.leaked) for grade in general),
        invented=proportion(not grade.refused for grade in _of(own, "stranger")),
        cost=_cost(answers),
    )


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


def over_seeds(metrics: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Several metrics.json as `{contestant: {figure: {mean, min, max, runs}}}`; shares, 0–1.

    A figure asked in no run is left out.
    """
    runs = [Metrics.model_validate(one) for one in metrics]
    table: dict[str, dict[str, dict[str, float]]] = {}
    for name in CONTESTANTS:
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


def _of(grades: Sequence[Grade], set_: str) -> list[Grade]:
    return [grade for grade in grades if grade.set == set_]


def _points(grades: Sequence[Grade]) -> Proportion:
    return of_counts(sum(grade.hits for grade in grades), sum(grade.of for grade in grades))


def _mean_f1(grades: Sequence[Grade]) -> float | None:
    scores = [grade.f1 for grade in grades if grade.f1 is not None]
    return sum(scores) / len(scores) if scores else None


def _cost(answers: Sequence[Answer]) -> Cost:
    n = max(len(answers), 1)
    return Cost(
        answers=len(answers),
        seconds=sum(a.seconds for a in answers) / n,
        prompt_tokens=sum(a.prompt_tokens for a in answers) / n,
        completion_tokens=sum(a.completion_tokens for a in answers) / n,
        cut_off=sum(not a.finished for a in answers),
    )
