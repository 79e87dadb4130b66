"""Numbers, as digits or as words."""

from __future__ import annotations

from agents.text.words import word_set, words

NUMBER_WORDS = word_set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen half "
    "twice once"
)


def numbers_in(text: str) -> set[str]:
    """The numbers of `text`, digits and number words."""
    return {w for w in set(words(text)) if _is_number(w)}


def _is_number(word: str) -> bool:
    if word.isalpha():
        return word in NUMBER_WORDS and word not in ("one", "once", "half")
    return any(c.isdigit() for c in word) or any(part in NUMBER_WORDS for part in word.split("-"))
