"""Filters over the whole set: what no single draft can see.

Each returns nothing (keep) or a reason from a closed list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from agents.records import Example, Rejected, content_id
from agents.text.matching import rouge_l
from agents.text.words import content_words, words

SAME_QUESTION = 0.85  # ROUGE-L of two questions above which the same answer makes them one piece of knowledge


def filter_rows(examples: Sequence[Example]) -> tuple[list[Example], list[Rejected]]:
    """Kept rows (sorted by id within facts) and the rejected. A fact whose first wording goes, goes whole."""
    kept: list[Example] = []
    rejected: list[Rejected] = []
    seen: dict[tuple[str, ...], Example] = {}
    by_name: dict[str, list[Example]] = defaultdict(list)
    dropped: set[str] = set()
    firsts: set[str] = set()  # of a sentence that stands twice on a page the second row goes, and the fact stays
    for row in sorted(examples, key=lambda e: (e.wording_of is not None, e.fact, e.id)):
        reason = "its first wording was rejected" if row.fact in dropped else _reason(row, seen, by_name)
        if reason:
            rejected.append(as_rejected(row, reason, "filter"))
            dropped |= set() if row.wording_of or row.fact in firsts else {row.fact}
            continue
        seen[_key(row)] = row
        if not row.wording_of:
            by_name[_bucket(row)].append(row)
            firsts.add(row.fact)
        kept.append(row)
    return kept, rejected


def _reason(row: Example, seen: dict[tuple[str, ...], Example], by_name: dict[str, list[Example]]) -> str | None:
    twin = seen.get(_key(row))
    if twin is not None:
        return (
            "duplicate question"
            if content_words(twin.answer) == content_words(row.answer)
            else "same question, another answer"
        )
    if not row.wording_of and any(_same_knowledge(row, other) for other in by_name[_bucket(row)]):
        return "near-duplicate row"
    return None


def _key(row: Example) -> tuple[str, ...]:
    return tuple(words(row.question))


def _bucket(row: Example) -> str:
    """Near duplicates quote the same evidence."""
    return row.evidence[0].quote if row.evidence else row.answer + row.question


def _same_knowledge(a: Example, b: Example) -> bool:
    extra = (content_words(a.answer) - content_words(a.question), content_words(b.answer) - content_words(b.question))
    return rouge_l(a.question, b.question) > SAME_QUESTION or (
        extra[0] == extra[1] and rouge_l(a.question, b.question) > SAME_QUESTION - 0.2
    )


def as_rejected(row: Example, reason: str, gate: str) -> Rejected:
    """A finished row that goes, under `gate`; a further wording goes under the gate of the wordings."""
    return Rejected(
        id=content_id("rejected", row.id, reason),
        kind=row.kind,
        brief=row.fact,
        question=row.question,
        answer=row.answer,
        gate="wordings" if row.wording_of else gate,
        reason=reason,
        raw="",
        round=row.round,
    )
