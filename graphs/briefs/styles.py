"""The questions that a sentence can answer, by what stands in it."""

from __future__ import annotations

import random
import re

from agents.text.dates import DATE
from agents.text.names import names_in
from agents.text.numbers import numbers_in
from agents.text.sentences import said

REASON = re.compile(
    r"\b(because|so that|since|in order to|for fear|therefore|which is why|owing to|to keep|to stop|to save)\b",
    re.IGNORECASE,
)
PLACE = re.compile(
    rf"\b(under|beside|near|behind|above|inside) [A-Za-z]|\b(in|at|on|to|from) (?!{DATE.pattern})"
    r"([A-Z]|the (?!(morning|evening|night|day|week|month|year|"
    r"spring|summer|autumn|winter|end|beginning|same|first|last)\b)[a-z])"
)

EXACT = ("how many", "when", "why")  # asked first: what a sentence says exactly is what readers ask for


def ranked_styles(text: str, seed: int) -> list[str]:
    """The questions a sentence can answer, in the order they are asked: the exact ones first, else drawn."""
    rng = random.Random(f"{seed} {text}")
    return sorted(styles_of(said(text)), key=lambda style: (style not in EXACT, rng.random()))


def styles_of(sentence: str) -> list[str]:
    """The questions a sentence can answer, by what stands in it."""
    styles = [style for style, rule in (("when", DATE), ("why", REASON), ("where", PLACE)) if rule.search(sentence)]
    if numbers_in(DATE.sub("", sentence)):
        styles.append("how many")
    if names_in(sentence):
        styles.append("who")
    return [*styles, "what"]
