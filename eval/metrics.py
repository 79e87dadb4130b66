"""From marks to numbers: metrics.json, one primary comparison named before the run, and means over seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.records import Item
from eval.contestants import CONTESTANTS, Answer
from eval.gold import Proportion, of_counts, proportion, sign_test
from eval.marks import Mark

PRIMARY = "gold, local questions: tuned against rag"
"""The one comparison that decides; every other figure stands beside it. Named here, before any run."""
FALLBACK = "heldout, new wordings: tuned against rag (there is no gold.jsonl)"
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
    `untrained` are agreement with the teacher, in all and by kind; `leaks` and `invented` are bad, the less the better. A
    Proportion with n = 0 was not asked.
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


class Duel(Item):
    """The primary comparison, paired by question: how many both, one or none got right, and the exact sign test's p."""

    name: str
    tuned: Proportion
    rag: Proportion
    both: int
    only_tuned: int
    only_rag: int
    neither: int
    p: float


class Metrics(Item):
    """metrics.json."""

    primary: Duel
    contestants: dict[str, Scores]
    questions: dict[str, int]
    student: str
    adapter: dict[str, Any]
    config: dict[str, Any]
    versions: dict[str, str]
    seconds: float
    peak_memory_mb: int


def score(name: str, marks: Sequence[Mark], answers: Sequence[Answer]) -> Scores:
    """All figures of one contestant."""
    own = [mark for mark in marks if mark.contestant == name]
    gold, wording, general = (_of(own, which) for which in ("gold", "wording", "general"))
    answerable = [mark for mark in gold if mark.kind != "unanswerable"]
    return Scores(
        gold={kind: _points([mark for mark in gold if mark.kind == kind]) for kind in GOLD_KINDS},
        gold_f1=_mean_f1(gold),
        false_refusals=proportion(mark.refused and not mark.hits for mark in answerable),
        wording=_points(wording),
        wording_by_kind={kind: _points([m for m in wording if m.kind == kind]) for kind in sorted({m.kind for m in wording})},
        wording_f1=_mean_f1(wording),
        untrained=_points(_of(own, "untrained")),
        general=_points(general),
        leaks=proportion(bool(mark.leaked) for mark in general),
        invented=proportion(not mark.refused for mark in _of(own, "stranger")),
        cost=_cost(answers),
    )


def duel(marks: Sequence[Mark]) -> Duel:
    """The primary comparison; without gold it falls back to the held-out wordings and says so."""
    has_gold = any(mark.set == "gold" and mark.kind == "local" for mark in marks)
    chosen = [mark for mark in marks if (mark.set == "gold" and mark.kind == "local" if has_gold else mark.set == "wording")]
    tuned, rag = ({mark.question: mark.right for mark in chosen if mark.contestant == name} for name in ("tuned", "rag"))
    pairs = [(tuned[question], rag[question]) for question in tuned if question in rag]
    only_tuned, only_rag = pairs.count((True, False)), pairs.count((False, True))
    return Duel(
        name=PRIMARY if has_gold else FALLBACK,
        tuned=proportion(tuned.values()),
        rag=proportion(rag.values()),
        both=pairs.count((True, True)),
        only_tuned=only_tuned,
        only_rag=only_rag,
        neither=pairs.count((False, False)),
        p=sign_test(only_tuned, only_rag),
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
    """Several metrics.json as `{contestant: {figure: {mean, min, max, runs}}}`; shares, 0–1. A figure asked in no run is left out."""
    runs = [Metrics.model_validate(one) for one in metrics]
    table: dict[str, dict[str, dict[str, float]]] = {}
    for name in CONTESTANTS:
        for figure, pick in FIGURES.items():
            found = [pick(run.contestants[name]).share for run in runs if name in run.contestants]
            shares = [share for share in found if share is not None]
            if shares:
                summary = {"mean": sum(shares) / len(shares), "min": min(shares), "max": max(shares), "runs": len(shares)}
                table.setdefault(name, {})[figure] = summary
    return table


def _of(marks: Sequence[Mark], set_: str) -> list[Mark]:
    return [mark for mark in marks if mark.set == set_]


def _points(marks: Sequence[Mark]) -> Proportion:
    return of_counts(sum(mark.hits for mark in marks), sum(mark.of for mark in marks))


def _mean_f1(marks: Sequence[Mark]) -> float | None:
    scores = [mark.f1 for mark in marks if mark.f1 is not None]
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
