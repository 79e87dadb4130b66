"""Words of any language, stemmed, and those that carry meaning."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import Any

import regex

from agents.text.normal_form import plain
from agents.text.spans import UNSPACED
from agents.text.stop_words import stop_words

WORD = regex.compile(r"\p{N}+(?:[.,]\p{N}+)+|[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}\p{N}]+)*")
HIRAGANA = regex.compile(r"[\p{Hiragana}\u30fc]+")
STEMMERS = {
    **{"ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "da": "danish"},
    **{"nl": "dutch", "en": "english", "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french"},
    **{"de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish"},
    **{"it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian"},
    **{"fa": "persian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian"},
    **{"st": "sesotho", "es": "spanish", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish"},
}
"""ISO 639-1 code: the name of its Snowball algorithm."""
SNOWBALL = threading.Lock()  # a stemmer of snowballstemmer keeps the word it works on


def stems(text: str, language: str = "en") -> list[str]:
    """The stemmed words of `text` in the order they are read, in small letters; numbers stay as they are written.

    A language without a Snowball algorithm keeps its words whole. Scripts that do not part words (Chinese, Japanese,
    Thai, and Korean, which joins its particles to them) give pairs of neighbouring letters.
    """
    return [form for word in _words(text) for form in _forms(word, language)]


@lru_cache(maxsize=2**14)
def content_stems(text: str, language: str = "en") -> frozenset[str]:
    """The stems of `text` that carry meaning: no stop words, and no Japanese endings and particles."""
    stop = stop_words(language)
    return frozenset(
        form
        for word in _words(text)
        if word not in stop
        for form in _forms(word, language)
        if not ("'" in word and form in stop)  # "qu'il": Snowball takes the elision off
        and not (UNSPACED.match(form) and (form in stop or stop.issuperset(form) or HIRAGANA.fullmatch(form)))
    )


def _words(text: str) -> list[str]:
    return [match[0] for match in WORD.finditer(plain(text).lower())]


@lru_cache(maxsize=2**16)
def _forms(word: str, language: str) -> tuple[str, ...]:
    """What a word is compared by: its stem, or the pairs of letters of a script without spaces."""
    if not UNSPACED.search(word):
        return (_stem(word, language),)
    found: list[str] = []
    for run in regex.finditer(rf"({UNSPACED.pattern})+|(?:(?!{UNSPACED.pattern}).)+", word):
        letters = run[0]
        if run[1]:
            found += [letters[n : n + 2] for n in range(max(len(letters) - 1, 1))]
        else:
            found.append(letters)
    return tuple(found)


def _stem(word: str, language: str) -> str:
    if language not in STEMMERS or word[0].isdecimal():
        return word
    with SNOWBALL:
        return _stemmer(STEMMERS[language]).stemWord(word)


@cache
def _stemmer(algorithm: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(algorithm)
