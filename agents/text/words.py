"""Words: split, stemmed, and those that carry meaning."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from agents.text.normal_form import plain

CHARACTERS_PER_TOKEN = 4  # of English: what is guessed where no tokenizer is at hand, such as a served model's
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, which are parted by white space."""
    return frozenset(text.split())


STOP = word_set(
    "a an and are as at be been but by did do does for from had has have he her hers him his how i in into is it its "
    "me my no not of on one or our out she so than that the their them then there they this to too up us was we were "
    "what when where which who whom whose why will with would you your also all any can could about after again "
    "before because both each few more most other some such only own same s t just over under very much many been "
    "being if while"
)


def words(text: str) -> list[str]:
    """The lower-case words of `text`, possessives without their 's."""
    return list(_words(text))


@lru_cache(maxsize=2**10)  # a sentence is asked for its words five times in a row, by as many checks
def _words(text: str) -> tuple[str, ...]:
    return tuple([w.removesuffix("'s") for w in map(str.lower, WORD.findall(plain(text)))])


@cache
def stem(word: str) -> str:
    """A word without its commonest English endings: enough to match "charges" and "charged"."""
    for ending in ("ing", "ies", "ied", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def content_words(text: str) -> set[str]:
    """The stems that carry meaning."""
    return {stem(w) for w in words(text) if w not in STOP}
