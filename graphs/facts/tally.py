"""What a fact-based synthesis came to, counted from what its stages wrote: each question once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from agents.errors import ITEM_REASONS
from agents.facts import Passage
from agents.records import PASSAGE, Example, Kind, Rejected
from agents.roles.entries import MISSING
from graphs.run_record import Asked, Counts, GateTally, Round, Tally, Wordings

FAILED = {*ITEM_REASONS, MISSING}
"""Reasons of rejections that a call gave, not the critic."""


def counts(written: Iterable[tuple[Kind, str, int]], kept: Iterable[Example], rejected: Sequence[Rejected]) -> Counts:
    """Questions in all, by kind and by side: `written` tells how many of each (kind, side) were drafted.

    A question counts as failed where a call broke off, not the critic.
    """
    planned: Counter[Kind] = Counter()
    asked: Counter[str] = Counter()
    for kind, side, number in written:
        planned[kind] += number
        asked[side] += number if kind == "local" else 0
    rows = [row for row in kept if row.source.role != PASSAGE]
    by_kind = {
        kind: _tally(n, [r for r in rows if r.kind == kind], [r for r in rejected if r.kind == kind])
        for kind, n in sorted(planned.items())
    }
    sides = Counter(row.source.style for row in rows if row.kind == "local")
    return Counts(
        **_tally(planned.total(), rows, rejected).model_dump(),
        by_kind=by_kind,
        local_by={
            "side": {side: Asked(planned=n, kept=sides[side]) for side, n in sorted(asked.items()) if side and n}
        },
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
            totals.setdefault(number, Counter()).update(written=came.written, checked=came.checked, kept=came.kept)
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
