"""What a fact-based synthesis came to, counted from what its stages wrote: each question once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from agents.facts import Passage
from agents.records import PASSAGE, Example, Kind, Rejected
from graphs.facts.loop import FAILED
from graphs.run_record import Counts, GateTally, Round, Tally, Wordings


def counts(written: Iterable[tuple[Kind, int]], kept: Iterable[Example], rejected: Sequence[Rejected]) -> Counts:
    """Questions in all and by kind: `written` tells how many of each kind were drafted.

    A question counts as failed where a call broke off, not the critic.
    """
    planned: Counter[Kind] = Counter()
    for kind, number in written:
        planned[kind] += number
    rows = [row for row in kept if row.source.role != PASSAGE]
    by_kind = {
        kind: _tally(n, [r for r in rows if r.kind == kind], [r for r in rejected if r.kind == kind])
        for kind, n in sorted(planned.items())
    }
    sides = Counter(row.source.style for row in rows if row.kind == "local")
    return Counts(
        **_tally(planned.total(), rows, rejected).model_dump(),
        by_kind=by_kind,
        local_by={"side": {side: {"planned": n, "kept": n} for side, n in sorted(sides.items())}},  # type: ignore[dict-item]
        wordings=Wordings(kept=sum(bool(row.wording_of) for row in rows), rejected=0, failed=0),
    )


def _tally(planned: int, kept: Sequence[Example], rejected: Sequence[Rejected]) -> Tally:
    failed = sum(fault.reason in FAILED for fault in rejected)
    return Tally(planned=planned, kept=len(kept), rejected=len(rejected) - failed, failed=failed)


def acceptance(passages: Iterable[Passage]) -> dict[str, Round]:
    """By round of the writer–critic loop: questions written and kept, and how many each gate saw and let pass."""
    totals: dict[int, Counter[str]] = {}
    for passage in passages:
        for number, came in enumerate(passage.rounds, 1):
            totals.setdefault(number, Counter()).update(came.model_dump())
    return {
        str(number): Round(
            drafts=n["written"],
            accepted=n["kept"],
            gates={
                "check": GateTally(seen=n["written"], passed=n["checked"]),
                "critic": GateTally(seen=n["checked"], passed=n["kept"]),
            },
        )
        for number, n in sorted(totals.items())
    }
