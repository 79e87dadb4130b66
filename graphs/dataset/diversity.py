"""How different the questions of a fact are: a fact that is only ever asked one way is not known (arXiv 2309.14316).

ROUGE-L and shared 4-grams see the same words in the same order; vectors see the same question in other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import NamedTuple

from agents.models.embedding import Embed
from agents.records import Item
from agents.text.words import words

SAME_WORDS = 0.85  # ROUGE-L of two questions with one answer, above which the second teaches nothing new
SAME_RUNS = 0.8  # share of 4-grams, likewise: a set phrase before a question leaves all of them
MOST_COMPARED = 60  # questions of a fact: the most that rows_per_fact may ask for, so that no fact costs its square
GRAM = 4


class Asked(NamedTuple):
    """A question as it is compared: its words in order, and their runs of four."""

    words: list[str]
    grams: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, question: str) -> Asked:
        """A question's own; one of fewer than four words is one run."""
        said = words(question) or [question.strip()]
        return cls(said, frozenset(tuple(said[n : n + GRAM]) for n in range(max(len(said) - GRAM + 1, 1))))

    def rouge_l(self, other: Asked) -> float:
        """ROUGE-L F1 of both, 0–1 (Lin 2004): the normalised indel similarity of their words."""
        from rapidfuzz.distance import Indel

        return Indel.normalized_similarity(self.words, other.words)

    def shared_grams(self, other: Asked) -> float:
        """The share of the shorter one's 4-grams that the other has too, 0–1."""
        return len(self.grams & other.grams) / min(len(self.grams), len(other.grams))

    def too_like(self, other: Asked) -> bool:
        """Whether, with the same answer, one of them is enough: nearly the same words, or the other in a frame."""
        return self.rouge_l(other) > SAME_WORDS or self.shared_grams(other) > SAME_RUNS


class FactDiversity(Item):
    """Of one fact: `questions` with different words, `distinct` those not too like an earlier one.

    The rest are means over all pairs, 0–1 (cosine -1–1), None where there is no pair or no vector.
    """

    fact: str
    questions: int
    distinct: int
    rouge_l: float | None = None
    shared_4grams: float | None = None
    cosine: float | None = None


class Diversity(Item):
    """Of a set: means over its facts, each weighing the same; of pairs, over the facts with two questions or more."""

    facts: int
    questions: float
    distinct: float
    rouge_l: float | None = None
    shared_4grams: float | None = None
    cosine: float | None = None


def fact_diversity(questions: Mapping[str, Iterable[str]], embed: Embed | None = None) -> list[FactDiversity]:
    """How different the questions of each fact are; with `embed` their cosine too, which costs a vector a question.

    Of a fact with more than 60 questions the first 60 are compared.
    """
    asked = {fact: _different(of_fact) for fact, of_fact in questions.items()}
    compared = {fact: list(of_fact.items())[:MOST_COMPARED] for fact, of_fact in asked.items()}
    vectors = iter(embed([text for of_fact in compared.values() for text, _ in of_fact]) if embed else ())
    return [
        _of_fact(fact, len(asked[fact]), [one for _, one in of_fact], [next(vectors) for _ in of_fact] if embed else [])
        for fact, of_fact in compared.items()
    ]


def diversity(facts: Sequence[FactDiversity]) -> Diversity:
    """The means over facts."""
    return Diversity(
        facts=len(facts),
        questions=_mean([f.questions for f in facts]) or 0.0,
        distinct=_mean([f.distinct for f in facts]) or 0.0,
        rouge_l=_mean([f.rouge_l for f in facts]),
        shared_4grams=_mean([f.shared_4grams for f in facts]),
        cosine=_mean([f.cosine for f in facts]),
    )


def _different(questions: Iterable[str]) -> dict[str, Asked]:
    """The questions that differ in their words."""
    asked = {text: Asked.of(text) for text in questions}
    once = {tuple(one.words): text for text, one in reversed(asked.items())}
    return {text: one for text, one in asked.items() if once[tuple(one.words)] == text}


def _of_fact(fact: str, questions: int, asked: Sequence[Asked], vectors: Sequence[Sequence[float]]) -> FactDiversity:
    chosen: list[Asked] = []
    for one in asked:
        if not any(one.too_like(other) for other in chosen):
            chosen.append(one)
    pairs = list(combinations(asked, 2))
    cosines = [sum(x * y for x, y in zip(a, b, strict=True)) for a, b in combinations(vectors, 2)]
    return FactDiversity(
        fact=fact,
        questions=questions,
        distinct=len(chosen),
        rouge_l=_mean([a.rouge_l(b) for a, b in pairs]),
        shared_4grams=_mean([a.shared_grams(b) for a, b in pairs]),
        cosine=_mean(cosines),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
