"""Sentences with their offsets, and which of them are prose."""

from __future__ import annotations

from functools import lru_cache

import regex

SPEAKER = r"\p{Lu}[\p{Lu} .'’-]{2,40}:"  # who speaks, at the head of a turn of a transcript
SENTENCE_END = regex.compile(rf"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[\p{{Lu}}0-9])|\n\s*\n|\n(?=[#>*|-]|{SPEAKER}\s)")
LABEL = regex.compile(rf"^{SPEAKER}\s*")
ABBREVIATION = regex.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|No|vs|etc|e\.g|i\.e|\p{Lu})\.$")


@lru_cache(maxsize=2**16)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of each sentence or heading of `text`, without surrounding white space."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in SENTENCE_END.finditer(text):
        if ABBREVIATION.search(text[start : match.start()]):
            continue
        spans.append((start, match.start() + len(match[0]) - len(match[0].lstrip("\"'”’)"))))
        start = match.end()
    spans.append((start, len(text)))
    return tuple(
        (s + len(text[s:e]) - len(text[s:e].lstrip()), s + len(text[s:e].rstrip()))
        for s, e in spans
        if text[s:e].strip()
    )


def is_prose(sentence: str) -> bool:
    """Whether a span of `sentences` says something by itself: a heading does not, nor a row of a table."""
    return not sentence.startswith(("#", "|"))


def said(sentence: str) -> str:
    """A sentence without the name of its speaker: "KEVIN SCOTT: Yeah." says "Yeah."."""
    return LABEL.sub("", sentence)
