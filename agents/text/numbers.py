"""Numbers, as digits or as words."""

from __future__ import annotations

from agents.text.words import word_set, words

NUMBER_WORDS = word_set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen half "
    "twice once"
)
ALONE = NUMBER_WORDS - {"one", "once", "half"}
"""Words that are a number by themselves; "one" and its like are so only within another ("twenty-one")."""


def numbers_in(text: str) -> set[str]:
    """The numbers of `text`, digits and number words."""
    found = set(words(text))
    return found & ALONE | {w for w in found if not w.isalpha() and _holds_number(w)}


def _holds_number(word: str) -> bool:
    return any(c.isdigit() for c in word) or any(part in NUMBER_WORDS for part in word.split("-"))
