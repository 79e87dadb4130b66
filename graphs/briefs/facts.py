"""The facts of a chunk: sentences that name something and give a model no orders."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from agents.records import Chunk
from agents.text.names import names_in
from agents.text.numbers import numbers_in
from agents.text.prompt_injection import orders_in
from agents.text.sentences import said, sentences
from agents.text.words import words

FEWEST_WORDS = 6  # a shorter sentence carries no fact that stands alone


def facts(chunk: Chunk) -> Sequence[str]:
    """The sentences of a chunk that name something and give a model no orders, the richest first.

    One that stands there twice is told once.
    """
    return _facts(chunk.text)


@lru_cache(maxsize=2**16)  # plan, briefs and coverage all ask: about a millisecond a chunk
def _facts(page: str) -> Sequence[str]:
    spans, orders = dict.fromkeys(page[start:end] for start, end in sentences(page)), orders_in(page)
    told = (text for text in spans if text not in orders and _tells(said(text)))
    return sorted(told, key=lambda text: -(2 * len(set(names_in(said(text)))) + len(numbers_in(said(text)))))


def _tells(text: str) -> bool:
    return len(words(text)) >= FEWEST_WORDS and not text.startswith("#") and bool(names_in(text) or numbers_in(text))
