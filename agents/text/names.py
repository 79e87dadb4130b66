"""Capitalised names in the order they are read."""

from __future__ import annotations

import re
from functools import lru_cache

import regex

from agents.text.dates import DATE
from agents.text.words import word_set

NAME = regex.compile(r"\b\p{Lu}[\w'’-]*(?:\s+(?:of\s+|the\s+)?\p{Lu}[\w'’-]*)*")

OPENERS = word_set(
    "The A An In On At It He She They We I But And So If When Then This That There These Those My Our His Her Its "
    "Their No Yes Not For From To By With As After Before What Who Where Why How Which Whose While Every Each Some "
    "All Once Now Here You Your Do Did Does Is Are Was Were Yeah Oh Okay Right Sure Well Maybe Because Like Just Also "
    "Actually"
)


CONTRACTION = regex.compile(
    r"\p{L}{1,2}['’]\p{Ll}[\w'’-]*|\p{L}+n['’]t"  # "I’ll", "We’re", "Don’t", and the French "L’usine", "Qu’il"
    r"|(?:You|They|She|There|These|Those|That|What|Who|How|Where|When|Why|Here|Let)['’](?:s|re|ll|ve|d)"
)
"""Words with an apostrophe that are no name; "O'Brien" is one, and so is "Ann's"."""


def opens(word: str) -> bool:
    """Whether a word with a capital only opens a sentence or a clause, and belongs to no name."""
    return word in OPENERS or CONTRACTION.fullmatch(word) is not None


def names_in(text: str) -> list[str]:
    """Capitalised names in reading order, sentence openers such as "The" taken off."""
    return list(_names(text))


@lru_cache(maxsize=2**10)  # as for its words: one sentence, several checks in a row
def _names(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in NAME.finditer(text):
        parts = match[0].split()
        while parts and opens(parts[0]):
            parts = parts[1:]
        if parts:
            found.append(re.sub(r"['’]s$", "", " ".join(parts)))
    return tuple(found)


def undated_names(text: str) -> list[str]:
    """The names of `text` but for its dates and without an article.

    "On 19 May the Sandrel" names the Sandrel, and no May.
    """
    return [name.removeprefix("the ") for name in names_in(DATE.sub("", text))]
