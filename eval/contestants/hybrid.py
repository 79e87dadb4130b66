"""A better retriever than the published one: the passages of vectors and of BM25, joined by their ranks.

Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a passage scores 1 / (60 + rank) in each list. LangChain's
EnsembleRetriever does the same, in a package (langchain-classic) that is needed for nothing else here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from agents.text.language import language_of
from agents.text.stems import stems
from eval.contestants.rag import Passage, Retriever

RANK = 60  # of the paper: how little the first place is worth more than the second
DEPTH = 50  # passages of either list that are joined
SAMPLE = 20  # passages by which the language of all is told


class Hybrid:
    """Vectors (`Retriever`) and BM25 over the same passages."""

    def __init__(self, vectors: Retriever, passages: Sequence[Passage]) -> None:
        import bm25s

        self._vectors = vectors
        self._passages = passages
        self._language = language_of(" ".join(passage.text for passage in passages[:SAMPLE])) or "en"
        self._bm25: Any = bm25s.BM25()
        self._bm25.index([stems(passage.text, self._language) for passage in passages], show_progress=False)

    def search(self, questions: Sequence[str], top_k: int) -> list[list[Passage]]:
        """The `top_k` best passages of each question, the best first."""
        near = self._vectors.search(questions, max(top_k, DEPTH))
        return [
            fused([passages, self._by_words(question, max(top_k, DEPTH))])[:top_k]
            for question, passages in zip(questions, near, strict=True)
        ]

    def _by_words(self, question: str, count: int) -> list[Passage]:
        """The passages that share a word with the question, the best by BM25 first."""
        asked = stems(question, self._language)
        if not asked:
            return []
        found, scores = self._bm25.retrieve([asked], k=min(count, len(self._passages)), show_progress=False)
        return [self._passages[i] for i, score in zip(found[0].tolist(), scores[0].tolist(), strict=True) if score > 0]


def fused(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    """The passages of several lists by the sum of 1 / (60 + rank); of equal ones that of the first list first."""
    scores: dict[tuple[str, int, int], float] = defaultdict(float)
    known: dict[tuple[str, int, int], Passage] = {}
    for passages in lists:
        for rank, passage in enumerate(passages, 1):
            place = (passage.path, passage.start, passage.end)
            scores[place] += 1 / (RANK + rank)
            known.setdefault(place, passage)
    return [known[place] for place in sorted(known, key=lambda place: -scores[place])]
