"""One sentence at the end of a synthesis: whether its rows are worth a training, and what to do first if not.

The bounds are rules of thumb, not measured: in examples/ a strong teacher keeps 92 of a hundred questions (demo) and
the embedded one 56 (journal, 74 of 133).
"""

from __future__ import annotations

from graphs.dataset.selection import GATE
from graphs.run_record import RunRecord

FEW_FACTS = 30  # answers below which a student learns the form more than the contents
MANY_FAILED = 0.2  # share of the questions that calls broke off
FEW_KEPT = 0.35  # share of the questions, but for those that the selection left out
FEW_REACHED = 0.5  # share of the chunks


def verdict(record: RunRecord) -> str:
    """Good or not, why, and what to do next."""
    n = record.counts
    chunks, of = record.coverage.kept.get("chunks", (0, 0))
    asked = record.account.partition(":")[0]
    kept = f"{n.kept} of {n.planned} {asked} were kept"
    if n.planned and n.failed / n.planned > MANY_FAILED:
        return f"not good yet: {n.failed} of {n.planned} broke off in a call; the same command asks for them again"
    faults = {reason: count for reason, count in record.reasons.items() if not reason.startswith(f"{GATE}: ")}
    judged = n.planned - (sum(record.reasons.values()) - sum(faults.values()))
    if judged and n.kept / judged < FEW_KEPT:
        most = next(iter(faults), "")
        why = f", most often for “{most}”" if most else ""
        return f"weak: only {kept}{why}; read rejected.jsonl and try a stronger teacher before you tune"
    if record.facts_trained < FEW_FACTS:
        more = "add documents, or raise the briefs" if asked == "briefs" else "add documents"
        return f"small: {kept}, and {record.facts_trained} facts teach little; {more}"
    if of and chunks / of < FEW_REACHED:
        more = "raise the briefs" if asked == "briefs" else "read rejected.jsonl"
        return f"patchy: {kept}, but they reach {chunks} of {of} chunks; {more}, or tune to try it"
    return f"good: {kept}, and they reach {chunks} of {of} chunks; tune on them"
