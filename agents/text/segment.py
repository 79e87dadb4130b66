"""Sentences of any language with their offsets: the layout of the text first, sentencex within it.

sentencex (Wikimedia; Rust, MIT) knows the full stops, abbreviations and quotation marks of some 300 languages. What it
is not told is Markdown and chat; and a few joins that it misses are made good here (docs/decisions/0013).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

import regex
from sentencex import get_sentence_boundaries  # pyright: ignore[reportAttributeAccessIssue]  # a compiled name

from agents.text.stop_words import stop_words
from agents.text.words import word_set

Span = tuple[int, int]

WHOLE_LINE = re.compile(r"\s*(?:#{1,6}\s|\|)|[^\n|]*[^\s|] \| ")
"""A heading or a row of a table, as Markdown or the readers write it: one span whatever stops it holds."""
RULE = re.compile(r"\s*[=*_-]{3,}\s*$")
"""A line across, or under a heading."""
ITEM = re.compile(r"\s*(?:>\s*)*(?:[-*+•‣·–—]|[*_]{0,3}(?:\d{1,3}|[^\W\d_])[.)])\s+")
QUOTED = re.compile(r"\s*>")
TIME = r"[\[(]?\d[\d:./, -]{0,30}(?:[AaPp]\.?[Mm]\.?)?[\])]?[ ,–-]{0,4}"
TURN = re.compile(
    rf"\s*(?:{TIME})?[*_]*(?:(?=[^\s:：]*[^\W\d_])[^\s:：]{{1,24}}|[^\W\d_a-z][^\n:：.!?;,]{{1,40}})(?:[*_]*:[*_]*\s|：)"
)
"""The head of a turn of a chat or of a line of the form "name: value"."""

CLOSING = re.compile(r"\s*(?:[*_\"'”’»)\]}」』】）]+(?=\s|$)|[”」』】）]+)\s*")
GERMAN_CLOSING = re.compile(r"\s*[*_\"'“‘«)\]}]+(?=\s|$)\s*")
OPENING = re.compile(r"(?<=\s)[*_\"'“‘„«»(\[]+\s*$")
QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»‹›()（）「」『』', " "))
LONG_QUOTE = 300
"""Characters: a longer span is split at the stops inside its quotation marks and brackets too."""

SAYS = re.compile(r"[^\W_]")
"""A letter or a digit; what has neither ("🎤🎶", "!!") says nothing alone and belongs to the sentence before."""
EMOJI = regex.compile(r"[\p{Emoji_Presentation}\p{Emoji_Modifier}\u200d\ufe0f]+\s+")
"""At the head of a line an emoji is a bullet; within one it belongs to the sentence before."""

ORDINAL_DOT = word_set("bs cs da de et eu fi fo hr hu is lb lv nb nn no pl sk sl sr sv tr")
"""Languages that write "the 19th" as "19."."""
SHORT_TITLES = {
    "fr": re.compile(r"(?:^|\s)(?:MM?|Mlles?|Mmes?|Drs?|Mgr|Me|Pr)\.\s*$"),
    "de": re.compile(r"(?:^|\s)(?:Hrn?|Frl?|Hl|Frhr|Ing|Mag)\.\s*$"),
}
"""What stands before a name and sentencex 1.0.32 takes for the end of a sentence."""
NEAR = 24
"""Characters on either side of a stop that decide whether it ends the sentence."""
WINDOW = 8_000
"""Characters that sentencex is given at once: a line of a million unclosed quotation marks costs it minutes."""


@lru_cache(maxsize=2**12)
def spans(text: str, language: str = "") -> tuple[Span, ...]:
    """(start, end) of each sentence, heading, list item or table row of `text`, without surrounding white space.

    `language` is an ISO 639-1 code; "" is unknown. Nothing but white space lies between two spans.
    """
    found: list[Span] = []
    for start, end in _trimmed(text, _blocks(text)):
        if WHOLE_LINE.match(text, start, end):
            found.append((start, end))
            continue
        mark = ITEM.match(text, start, end)
        head = mark.end() if mark else start
        inner = [(head + s, head + e) for s, e in _sentences(text[head:end], language)]
        if inner:
            inner[0] = start, inner[0][1]
        found += inner or [(start, end)]
    return tuple(_trimmed(text, found))


def _trimmed(text: str, parts: Iterable[Span]) -> Iterator[Span]:
    for start, end in parts:
        piece = text[start:end]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _blocks(text: str) -> Iterator[Span]:
    """The paragraphs, headings, list items, table rows, quoted lines and turns of a chat."""
    start = at = 0
    done = False  # whether nothing can go on from the line before
    for line in text.splitlines(keepends=True):
        blank = not line.strip()
        whole = not blank and WHOLE_LINE.match(line) is not None
        if done or (not blank and (whole or ITEM.match(line) or QUOTED.match(line) or _takes_turn(line, text, start))):
            if at > start:
                yield start, at
            start = at
        at += len(line)
        done = blank or whole or RULE.match(line) is not None
    if at > start:
        yield start, at


def _takes_turn(line: str, text: str, start: int) -> bool:
    """Whether `line` begins a turn; one of a name without a capital only in a block (from `start`) that is one."""
    turn = TURN.match(line)
    return turn is not None and (not turn[0].lstrip()[0].islower() or TURN.match(text, start) is not None)


def _sentences(block: str, language: str) -> list[Span]:
    found: list[Span] = []
    for start, end in _joined(block, _raw(block, language), language):
        inside = list(_raw(block[start:end].translate(QUOTES), language)) if end - start > LONG_QUOTE else []
        if len(inside) > 1:
            found += _joined(block, [(start + s, start + e) for s, e in inside], language)
        else:
            found.append((start, end))
    return found


def _raw(block: str, language: str) -> Iterator[Span]:
    """What sentencex says, a window at a time; the last sentence of a window opens the next."""
    first = start = 0  # of the sentence and of the window
    while start < len(block):
        window = block[start : start + WINDOW]
        ends = [start + boundary["end_index"] for boundary in get_sentence_boundaries(language or "en", window)]
        if start + WINDOW < len(block):
            ends = ends[:-1]
        yield from pairwise([first, *ends])
        first, start = (ends[-1], ends[-1]) if ends else (first, start + WINDOW)
    if first < len(block):
        yield first, len(block)


def _joined(block: str, parts: Iterable[Span], language: str) -> list[Span]:
    """`parts` with those joined that are one sentence, and a mark that closes or opens moved to where it belongs."""
    found: list[Span] = []
    closing = GERMAN_CLOSING if language == "de" else CLOSING
    for start, end in parts:
        if found and not SAYS.search(block, start, end):
            found[-1] = found[-1][0], end
            continue
        before = block[max(found[-1][0], start - NEAR) : start] if found else "\n"
        if "\n" not in before[len(before.rstrip()) :] and (mark := EMOJI.match(block, start, end)):
            found[-1] = found[-1][0], mark.end()
            start = mark.end()
        if found and (mark := closing.match(block, start, end)):
            found[-1] = found[-1][0], mark.end()
            start = mark.end()
        if start == end:
            continue
        first = max(found[-1][0], start - NEAR) if found else start
        if found and (mark := OPENING.search(block, first, start)):
            start = mark.start()
            found[-1] = found[-1][0], start
        if found and _goes_on(block[first:start], block[start : min(start + NEAR, end)], language):
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _goes_on(before: str, after: str, language: str) -> bool:
    """Whether the stop at the end of `before` ends no sentence."""
    if language in ORDINAL_DOT and re.search(r"(?<![\w.,:])\d{1,2}\.\s*$", before):
        word = re.match(r"\w+", after)
        return word is not None and word[0].lower() not in stop_words(language)
    if language in SHORT_TITLES and SHORT_TITLES[language].search(before):
        return True
    if language == "ja" and re.search(r"[」』]$", before) and re.match(r"と|って|という", after):
        return True
    if re.search(r"(?<!\w)[^\W\d_]\.\s*$", before) and after[:1].islower():
        return True  # "w 1920 r. w Warszawie"
    return re.fullmatch(r"\s*[^\W\d_]{1,6}\.\s*", before) is not None and after[:1].isdigit()  # "Approx. 5 m"
