"""The pieces of an English sentence that a question can ask for: names, dates, amounts, things. Found by rule.

A short answer that is a piece of its sentence is proved by its offsets. No part of speech is known here: a run of
words that carry meaning is taken for a thing where an article, a pronoun or a preposition stands before it ("in the
net loft"), so that most verbs stay out ("rowed me home").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agents.text.dates import DATE
from agents.text.names import NAME, opens
from agents.text.numbers import numbers_in
from agents.text.words import STOP, WORD, word_set

BEFORE_A_THING = word_set(
    "a an the this these those my your his her its our their whose no every each some any another "
    "in on at of for with from by between among into onto over under until since after before through"
)
ADVERBS = word_set("then never ever however though rather already often soon rarely now again afterwards once twice")
NO_THING = STOP | BEFORE_A_THING | ADVERBS
POSSESSIVE = re.compile(r"['’]s?$")
GAP = re.compile(r"\w[\s-]+\w|\d[.,]\d")  # how two words of one piece meet: "net loft", "5.3"


def pieces(sentence: str) -> list[tuple[int, int]]:
    """(start, end) of each piece in the order of reading; none lies in another."""
    found = [match.span() for match in DATE.finditer(sentence)]
    found += _names(DATE.sub(lambda date: "|" * len(date[0]), sentence))
    return sorted([*found, *_things(sentence, found)])


def _apart(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return all(span[1] <= start or end <= span[0] for start, end in others)


def _names(sentence: str) -> Iterator[tuple[int, int]]:
    """Each run of capitalised words, less the word that only opens the sentence and a possessive's 's."""
    for match in NAME.finditer(sentence):
        start, end = match.span()
        while (word := WORD.match(sentence, start, end)) and opens(word[0]):
            start = word.end() + len(sentence[word.end() : end]) - len(sentence[word.end() : end].lstrip())
        end -= len(sentence[start:end]) - len(POSSESSIVE.sub("", sentence[start:end]))
        if start < end:
            yield start, end


def _things(sentence: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Each run of words of meaning: from its first number on, or whole behind a word that comes before a thing."""
    run: list[re.Match[str]] = []
    announced = False
    for match in WORD.finditer(sentence):
        means = _apart(match.span(), taken) and (_means(match[0]) or _inside_a_number(sentence, run, match))
        if means and (not run or GAP.fullmatch(sentence, run[-1].end() - 1, match.start() + 1)):
            run.append(match)
            continue
        yield from _thing(run, announced)
        run = [match] if means else []
        announced = match[0].lower() in BEFORE_A_THING
    yield from _thing(run, announced)


def _means(word: str) -> bool:
    return word.lower() not in NO_THING or _is_number(word)


def _is_number(word: str) -> bool:
    return word.lower() == "one" or bool(numbers_in(word))


def _inside_a_number(sentence: str, run: list[re.Match[str]], match: re.Match[str]) -> bool:
    """Whether it is the "and" of "one hundred and ten"."""
    after = WORD.search(sentence, match.end())
    return match[0] == "and" and bool(run) and _is_number(run[-1][0]) and after is not None and _is_number(after[0])


def _thing(run: list[re.Match[str]], announced: bool) -> Iterator[tuple[int, int]]:
    begin = 0 if announced else next((n for n, match in enumerate(run) if _is_number(match[0])), len(run))
    if begin < len(run):
        yield run[begin].start(), run[-1].end()
