"""Names by rule in any language with capital letters; English has rules of its own (`proper_names`).

A run of words with a capital is a name, but for words that open a sentence, names of months and days, and words that
the text also writes small. Where every noun has a capital (German), a single one is no name behind an article, an
adjective or a number. Scripts without capitals show no name to a rule.
"""

from __future__ import annotations

from functools import cache, lru_cache

import regex

from agents.text.names import CONTRACTION
from agents.text.proper_names import SMALL_WORD
from agents.text.segment import spans
from agents.text.stop_words import stop_words
from agents.text.words import word_set

NOUNS_IN_CAPITALS = frozenset({"de", "lb"})
"""Languages that write every noun with a capital: it tells no name."""
CAPITALISED = r"\p{Lu}(?:\.|[\p{L}\p{M}\p{N}]*(?:['’-][\p{L}\p{M}\p{N}]+)*)"
LINKS = r"(?:(?:de|del|della|di|da|do|dos|das|du|des|la|le|van|von|der|den|af|av|al|el|ibn|bin|of)\s)"
RUN = regex.compile(rf"(?<![\w'’-]){CAPITALISED}(?:\s+{LINKS}{{0,2}}{CAPITALISED})*(?<!\.)")
"""A name may hold small words: "Río de la Plata"."""
LAST_WORD = regex.compile(r"[\w'’-]+(?=\s*$)")
BEFORE_A_NOUN = word_set(
    "der die das den dem des ein eine kein keine am im vom zum zur beim ins ans ihr sein mein unser euer dein "
    "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig hundert tausend mehr viel wenig"
)
ENDINGS = regex.compile(r"(?:e[nmrs]|(?<!t)e)$")
"""Of articles and adjectives before a noun in German: "seiner", "alten", "neue", but not of the verb "zahlte"."""
FEWEST_LETTERS = 2


def has_capitals(language: str) -> bool:
    """Whether a language (ISO 639-1) is written with capital letters, by the names of its months in the CLDR."""
    return any(name != name.upper() for name in _calendar(language))


@lru_cache(maxsize=2**10)
def capitalised_names(text: str, language: str) -> tuple[str, ...]:
    """The names in `text`, each once, in the order of reading; of headings and rows of tables none."""
    small = frozenset(SMALL_WORD.findall(text)) | stop_words(language) | _calendar(language)
    found: dict[str, None] = {}
    for start, end in spans(text, language):
        sentence = text[start:end]
        for run in RUN.finditer(sentence) if not sentence.startswith(("#", "|")) else ():
            if name := _name(run[0].split(), sentence[: run.start()], language, small):
                found[name] = None
    return tuple(found)


def _name(words: list[str], before: str, language: str, small: frozenset[str]) -> str:
    """The name in a run of words with capitals, of a sentence that begins with `before`; "" if there is none."""
    while words and (words[0].lower() in small or CONTRACTION.fullmatch(words[0])):
        before, words = f"{before} {words[0]}", words[1:]
    alone = len(words) == 1 or (len(words) > 1 and words[1].islower())
    if language in NOUNS_IN_CAPITALS and alone and _before_a_noun(before):
        words = words[2:]  # "der Rat von Lund" names Lund
    name = " ".join(words)
    return name if len(name) >= FEWEST_LETTERS else ""


def _before_a_noun(before: str) -> bool:
    """Whether a German noun stands at the head of its sentence, or behind an article, an adjective or a number."""
    last = LAST_WORD.search(before)
    return not last or last[0].lower() in BEFORE_A_NOUN or last[0].isdigit() or ENDINGS.search(last[0]) is not None


@cache
def _calendar(language: str) -> frozenset[str]:
    """Months and days of the week, in small letters."""
    from babel import Locale, UnknownLocaleError

    try:
        home = Locale.parse(language or "en")
    except (UnknownLocaleError, ValueError):
        return frozenset()
    tables = (names for kind in (home.months, home.days) for context in kind.values() for names in context.values())
    return frozenset(name.rstrip(".").lower() for names in tables for name in names.values())
