"""Where a quote stands in a text: letter by letter, else as a reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

from agents.text.normal_form import Folded, folded

QUOTATION_MARKS = "\"'`´‘’‚‛“”„‟‹›«»「」『』"
ALIKE = str.maketrans({**dict.fromkeys(QUOTATION_MARKS, "'"), **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")})
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3005\u30fc]")
"""Scripts whose words have no space between them, or (Korean) particles behind them."""


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """(start, end) of `quote` in `text`, or None where it does not stand there.

    Verbatim, else up to case, white space, the kind of quotation marks and dashes and marks around the whole quote.
    Whole words only, in a script that parts its words: "Ann" is not in "Anna", and "5" not in "5.3".
    """
    wanted = quote.strip()
    if not wanted:
        return None
    for at in _occurrences(wanted, text):
        if _whole(text, at, at + len(wanted)):
            return at, at + len(wanted)
    seen = _seen(text)
    for form in dict.fromkeys([_seen(wanted).text.strip(), _seen(wanted).text.strip("' ")]):
        for at in _occurrences(form, seen.text):
            start, end = seen.starts[at], seen.ends[at + len(form) - 1]
            if _whole(text, start, end):
                return start, end
    return None


def _occurrences(wanted: str, text: str) -> Iterator[int]:
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


@lru_cache(64)
def _seen(text: str) -> Folded:
    """`folded` without case, and with one kind of quotation mark and dash."""
    form = folded(text)
    letters = [letter.casefold().translate(ALIKE) for letter in form.text]
    origin = [n for n, letter in enumerate(letters) for _ in letter]  # "ß" becomes two
    return Folded("".join(letters), [form.starts[n] for n in origin], [form.ends[n] for n in origin])


def _whole(text: str, start: int, end: int) -> bool:
    return not _within_word(text, start) and not _within_word(text, end)


def _within_word(text: str, at: int) -> bool:
    """Whether a word or number goes on across `at`."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if regex.match(r"\w\w", before + after):
        return not UNSPACED.search(before + after)
    return any(regex.match(r"\d[.,]\d", text[from_ : from_ + 3]) for from_ in (at - 2, at - 1) if from_ >= 0)
