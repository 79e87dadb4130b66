"""Names by rule: the capitalised words of a text, but for dates, numbers and words that the text also writes small."""

from __future__ import annotations

import re

import regex

from agents.text.names import names_in
from agents.text.numbers import NUMBER_WORDS
from agents.text.sentences import LABEL, sentences
from agents.text.words import STOP

SMALL_WORD = regex.compile(r"\b\p{Ll}+\b")
INITIALS = regex.compile(r"\b(?:\p{Lu}\. ?)+\p{Lu}\p{Ll}+")
CALENDAR_WORD = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


def proper_names(text: str) -> list[tuple[str, list[str]]]:
    """(sentence, the names in it in the order of reading, each once) of each sentence; who speaks is named too."""
    common = set(SMALL_WORD.findall(text))
    return [(text[start:end], list(dict.fromkeys(_names(text[start:end], common)))) for start, end in sentences(text)]


def _names(sentence: str, common: set[str]) -> list[str]:
    label = LABEL.match(sentence)
    spoken = sentence[label.end() :] if label else sentence
    speaker = [label[0].strip().rstrip(":")] if label else []
    no_name = common | STOP | NUMBER_WORDS
    named = INITIALS.findall(spoken)
    for name in names_in(CALENDAR_WORD.sub("|", INITIALS.sub("|", spoken))):
        parts = name.split()
        while parts and parts[0].casefold() in no_name:
            parts = parts[1:]
        named += [" ".join(parts)] if len("".join(parts)) > 2 else []
    return speaker + named
