"""What two names of a sentence have to do with each other: the words between them, quoted.

Quoted words cannot be wrong, and keep their direction, the passive included ("was brought home by"). A 1.5B teacher
that was asked to write the verb, pair by pair with the sentence before it, was right about 16 of 59
(docs/results/embedded-teacher.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.extraction import FoundRelation
from agents.text.prompt_injection import gives_orders, orders_in
from agents.text.sentences import is_prose, sentences
from agents.text.words import content_words

MOST_BETWEEN = 70  # characters between two names: more is another clause
ANOTHER = re.compile(
    r"[.!?;:\"“”|\n]|,? (?:but|because|provided|while|although)\b|, (?:and|so|then) "
)  # what begins a statement of its own
LEADING = re.compile(r"^(?:[\s,–—-]+|(?:who|which|then|also|now|has|had|have)\b)+", re.IGNORECASE)
TRAILING = re.compile(r"(?:[\s,–—-]+|\b(?:the|an?|that)\b)+$", re.IGNORECASE)


def related(text: str, names: Sequence[str]) -> list[FoundRelation]:
    """A relation for names that follow each other in a sentence with words between that say something, each once.

    A name stands where it is written whole, or one of capitalised words by any of them ("Hale" for "Ann Hale").
    Sentences that give a model orders say nothing.
    """
    known, orders = {name: _written(name) for name in dict.fromkeys(names) if not gives_orders(name)}, orders_in(text)
    found: dict[FoundRelation, None] = {}
    for start, end in sentences(text):
        sentence = text[start:end]
        places = [] if not is_prose(sentence) or sentence in orders else _places(sentence, known)
        for (_, left, source), (right, _, target) in zip(places, places[1:], strict=False):
            said = _said(sentence[left:right])
            if said and source != target:
                found[FoundRelation(source, said, target)] = None
    return list(found)


def _said(between: str) -> str:
    """The words between two names without what only joins them; "" if they say nothing or are two statements."""
    words = TRAILING.sub("", LEADING.sub("", between.rstrip()))
    fits = len(between) <= MOST_BETWEEN and not ANOTHER.search(between) and content_words(words)
    return " ".join(words.split()) if fits else ""


def _written(name: str) -> list[str]:
    """How a sentence may write a name: whole or, if all its words are capitalised, by one of them."""
    parts = name.split()
    return [name, *(part for part in parts if len(part) > 2)] if all(p[0].isupper() for p in parts) else [name]


def _places(sentence: str, names: Mapping[str, Sequence[str]]) -> list[tuple[int, int, str]]:
    """(start, end, name) where each name stands first, in the order of reading; of two at one place the longer one.

    `names` says how each may be written.
    """
    at: dict[int, tuple[int, str]] = {}
    for name, written in names.items():
        found = next(
            (
                match
                for part in written
                if part in sentence and (match := re.search(rf"\b{re.escape(part)}\b", sentence))
            ),
            None,
        )
        if found and len(name) > len(at.get(found.start(), (0, ""))[1]):
            at[found.start()] = (found.end(), name)
    inside = [(start, end, name) for start, (end, name) in sorted(at.items())]
    return [place for n, place in enumerate(inside) if n == 0 or place[0] >= inside[n - 1][1]]
