"""How alike two texts are, and where a quote stands in its source."""

from __future__ import annotations

import re

from agents.text.normal_form import folded
from agents.text.words import words

LEAST_ALIKE = 85.0  # percent of rapidfuzz's partial ratio, from which a span is what a model meant to quote


def rouge_l(left: str, right: str) -> float:
    """ROUGE-L F1 of two texts in 0–1 (Lin 2004): the longest common subsequence of words over the mean length."""
    from rapidfuzz.distance import LCSseq

    a, b = words(left), words(right)
    return 2 * LCSseq.similarity(a, b) / (len(a) + len(b)) if a and b else 0.0


def find_piece(piece: str, text: str) -> tuple[int, int] | None:
    """(start, end) of the first place where `piece` stands in `text` as whole words and numbers, whatever its case.

    A script without capital letters needs no space around a word: Chinese and Japanese write none.
    """
    if not piece:
        return None
    before, after = _edges(piece)
    match = re.search(f"{before}{re.escape(piece)}{after}", text, re.IGNORECASE)
    return match.span() if match else None


def _edges(piece: str) -> tuple[str, str]:
    """What must not stand next to a piece: "five" is not in "fifty-five", nor 3 in 5.3."""
    first, last = piece[0], piece[-1]
    before = r"(?<!\d)(?<!\d[.,])" if first.isdecimal() else r"(?<![\w-])" if has_case(first) else ""
    after = r"(?!\d|[.,]\d)" if last.isdecimal() else r"(?![\w-])" if has_case(last) else ""
    return before, after


def has_case(letter: str) -> bool:
    """Whether a letter is of a script with capitals; figures and signs are of none."""
    return letter.lower() != letter.upper()


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """(start, end) of `quote` in `text`: verbatim, else in plain form, else the nearest span that is alike enough."""
    at = text.find(quote)
    if at >= 0 and quote:
        return at, at + len(quote)
    wanted = folded(quote).text.strip()
    if wanted and (at := folded(text).text.find(wanted)) >= 0:
        return folded(text).starts[at], folded(text).ends[at + len(wanted) - 1]
    from rapidfuzz import fuzz

    if len(quote) < 8:
        return None
    match = fuzz.partial_ratio_alignment(quote, text, score_cutoff=LEAST_ALIKE)
    return _whole_words(text, match.dest_start, match.dest_end) if match and len(quote) <= len(text) else None


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
