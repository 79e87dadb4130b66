"""What a critic's scores are worth: thresholds from one half of the items.

Detection and false alarms, with intervals, on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.records import Item
from agents.roles.critic import GATES
from bench.quality.planted_faults import FAULTS, GOOD, SEEN_BY, Half
from eval.statistics import proportion

CHECK, ANY = "check", "any"
Threshold = Callable[[str, str], float]  # of a gate and a corpus


class Scored(Item):
    """What the critic said of one item.

    The reason of the checks without a model ("" if they pass), P(yes) of each gate, and the gates whose call failed.
    """

    id: str
    corpus: str
    half: Half
    fault: str
    check: str
    p: dict[str, float]
    failed: list[str] = []

    def alarms(self, threshold: Threshold) -> set[str]:
        """The checks and the gates that would stop this row."""
        return {gate for gate, p in self.p.items() if p < threshold(gate, self.corpus)} | (
            {CHECK} if self.check else set()
        )


def report(scored: Sequence[Scored], shipped: Threshold) -> dict[str, Any]:
    """Everything that the scores tell: by gate, and by fault at the shipped thresholds and at those set on one half."""
    found = {gate: best_threshold(*_sides(_half(scored, "set"), gate)) for gate in SEEN_BY}
    reported, gates = _half(scored, "report"), [gate.name for gate in GATES if any(gate.name in s.p for s in scored)]

    def later(gate: str, corpus: str) -> float:
        cut = found.get(gate)
        return shipped(gate, corpus) if cut is None else cut

    return {
        "gates": {gate: _gate(scored, gate, shipped, found.get(gate)) for gate in gates},
        "at_shipped_thresholds": table(reported, gates, shipped),
        "at_set_thresholds": table(reported, gates, later),
        "faults_found_by_one_alone": {"shipped": _alone(reported, shipped), "set": _alone(reported, later)},
        "failed_calls": sum(len(s.failed) for s in scored),
    }


def table(scored: Sequence[Scored], gates: Sequence[str], threshold: Threshold) -> dict[str, Any]:
    """By fault ("good" first): the share stopped by the checks, by each gate, by any of them.

    Of good rows that is the false alarm.
    """
    by_fault = {fault: [s.alarms(threshold) for s in scored if s.fault == fault] for fault in (GOOD, *FAULTS)}
    by_fault["all faults"] = [alarms for fault, rows in by_fault.items() if fault != GOOD for alarms in rows]
    return {
        fault: {
            name: proportion(bool(alarms) if name == ANY else name in alarms for alarms in rows).model_dump()
            for name in (CHECK, *gates, ANY)
        }
        for fault, rows in by_fault.items()
    }


def best_threshold(good: Sequence[float], faulty: Sequence[float]) -> float | None:
    """The P(yes) to ask for: most detection minus false alarm (Youden 1950), the lowest of equals.

    None without both kinds.

    Between two scores the middle is taken.
    """
    if not good or not faulty:
        return None
    scores = sorted({*good, *faulty})
    cuts = [scores[0], *((a + b) / 2 for a, b in zip(scores, scores[1:], strict=False))]
    return max(cuts, key=lambda cut: (round(_below(faulty, cut) - _below(good, cut), 9), -cut))


def _below(scores: Sequence[float], cut: float) -> float:
    return sum(score < cut for score in scores) / len(scores)


def auc(good: Sequence[float], faulty: Sequence[float]) -> float | None:
    """The chance that a good row scores above a faulty one, ties half (Mann and Whitney 1947).

    None without both kinds.
    """
    if not good or not faulty:
        return None
    wins = sum((g > f) + (g == f) / 2 for g in good for f in faulty)
    return wins / (len(good) * len(faulty))


def _gate(scored: Sequence[Scored], gate: str, shipped: Threshold, found: float | None) -> dict[str, Any]:
    """A gate's thresholds and its AUC over all items: an AUC needs no threshold, so no half is kept apart."""
    good, faulty = _sides(scored, gate)
    by_fault = {
        fault: auc(good, [s.p[gate] for s in scored if s.fault == fault and gate in s.p])
        for fault in FAULTS
        if fault in SEEN_BY.get(gate, ())
    }
    return {
        "shipped": {corpus: shipped(gate, corpus) for corpus in sorted({s.corpus for s in scored})},
        "set": found,
        "auc": auc(good, faulty),
        "auc_by_fault": by_fault,
        "good": len(good),
        "faulty": len(faulty),
    }


def _sides(scored: Sequence[Scored], gate: str) -> tuple[list[float], list[float]]:
    """P(yes) of the good rows, and of the faults that this gate's question is about."""
    seen = [s for s in scored if gate in s.p]
    return [s.p[gate] for s in seen if s.fault == GOOD], [s.p[gate] for s in seen if s.fault in SEEN_BY.get(gate, ())]


def _alone(scored: Sequence[Scored], threshold: Threshold) -> Mapping[str, int]:
    """How many faulty items each one stopped that nothing else did: what would be lost without it."""
    alone = [alarms for s in scored if s.fault != GOOD and len(alarms := s.alarms(threshold)) == 1]
    return {name: sum(name in alarms for alarms in alone) for name in (CHECK, *(gate.name for gate in GATES))}


def _half(scored: Sequence[Scored], half: Half) -> list[Scored]:
    return [s for s in scored if s.half == half]
