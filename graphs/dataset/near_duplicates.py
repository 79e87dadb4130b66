"""Rows that mean the same in other words, by the cosine of their vectors.

What ROUGE-L of questions does not see (graphs/dataset/filters.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.models.embedding import Embed
from agents.records import Example, Rejected
from graphs.dataset.filters import as_rejected

BLOCK = 1000  # rows compared with all before them at once: 40 MB of cosines among 10,000
TWIN = "means the same as another row"


def drop_near_duplicates(
    kept: Sequence[Example], embed: Embed, threshold: float
) -> tuple[list[Example], list[Rejected]]:
    """Kept rows and the rejected.

    A fact goes whole, with its wordings, where an earlier one's question and answer are as near as `threshold` (0–1).
    """
    firsts = [row for row in kept if not row.wording_of and row.evidence]
    twins = (
        {firsts[n].fact for n in later_duplicates(embed([f"{row.question} {row.answer}" for row in firsts]), threshold)}
        if firsts
        else set()
    )
    return [row for row in kept if row.fact not in twins], [
        as_rejected(row, TWIN, "filter") for row in kept if row.fact in twins
    ]


def later_duplicates(vectors: Any, threshold: float) -> list[int]:
    """The rows that are near an earlier one that stays, in their order.

    `vectors` are (n, d), of unit length; near is a cosine of at least `threshold`.
    """
    import numpy as np

    unit = np.asarray(vectors, dtype=np.float32)
    gone: set[int] = set()
    for at in range(0, len(unit), BLOCK):
        near = unit[at : at + BLOCK] @ unit[: at + BLOCK].T >= threshold
        for row, earlier in zip(*np.nonzero(np.tril(near, at - 1)), strict=True):
            if int(earlier) not in gone:
                gone.add(at + int(row))
    return sorted(gone)
