"""Two texts that say the same in other letters become the same list of tokens, in any language.

Case, punctuation, articles and accents do not matter; numbers, dates and times are values (`agents.text.values`), units
behind a number their CLDR names, British and American spelling one. In the manner of the SQuAD evaluation script
(Rajpurkar et al. 2016, section 6.1). What it gives away: "one" as a pronoun counts as the number 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

import regex

from agents.text.normal_form import plain
from agents.text.spans import UNSPACED
from agents.text.stems import stems
from agents.text.stop_words import stop_words
from agents.text.values import value_parts
from agents.text.words import word_set

ARTICLES = word_set(
    "a an the der die das den dem des ein eine einen einem einer le la les un une el los las una il lo gli i o os "
    "as um uma de het een"
) | word_set("every each per jede jeder jedes jeden alle chaque cada ogni elke")
"""What tells nothing of an answer: "every 500 hours" is "500 hours"."""
TITLES = word_set(
    "mr mrs ms miss dr prof professor captain sir lady lord frau herr madame monsieur señor señora don doña"
)
PIECE = regex.compile(rf"{UNSPACED.pattern}|[\p{{L}}\p{{M}}\p{{N}}]+(?:'(?=t\b))?|[^\s\p{{L}}\p{{M}}\p{{N}}]")
POSSESSIVE = re.compile(r"'s\b")
OWNS = "’"
"""The mark that stands for it: `plain` has written every other apostrophe as '."""
UMLAUT = re.compile(r"(?<=[aou])e")
CITATION = re.compile(
    r"\[\d[\d,;–\s-]*\]|[\[(](?:documents?|doc\.?|dokumente?|source|page|p\.|s\.)\s*\d+[\])]"
    r"|\b(?:documents?|doc\.|dokumente?|sources?|passages?|page|seite|chunk)\s\d+(?:(?:,| and| und| et| y)\s\d+)*",
    re.IGNORECASE,
)
"""Which passage an answer rests on: its number answers nothing."""
VALUE = re.compile(r"(?:\d{4}|-)-\d\d(?:-\d\d)?|T\d\d:\d\d")  # as `agents.text.values` writes dates and times
HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
BRITISH = ((re.compile(r"our$"), "or"), (re.compile(r"(?<=[a-z]{2})tre$"), "ter"), (re.compile(r"^grey"), "gray"))
"""Applied to stems of both sides, so that a word of another kind is not hurt."""
MONEY = ("EUR", "USD", "GBP", "JPY", "CHF", "CNY")


class Token(NamedTuple):
    """A word, a value or a mark of punctuation: `form` to compare, `stem` to compare loosely, `raw` as written."""

    form: str
    stem: str
    raw: str
    kind: Literal["word", "value", "mark"]


@lru_cache(maxsize=2**12)
def words(text: str) -> tuple[str, ...]:
    """The words and values of `text` in normal form, in order, without articles (unless there is nothing else)."""
    found = tuple(token.form for token in tokens(text) if token.kind != "mark")
    return tuple(form for form in found if form not in ARTICLES) or found


def contains(haystack: Sequence[str], needle: Sequence[str]) -> bool:
    """Whether `needle` stands in `haystack` as consecutive whole words; an empty needle never does."""
    size, wanted = len(needle), tuple(needle)
    return size > 0 and any(tuple(haystack[at : at + size]) == wanted for at in range(len(haystack)))


@lru_cache(maxsize=2**14)
def tokens(text: str, language: str = "en") -> tuple[Token, ...]:
    """The tokens of `text` in ISO 639-1 `language`, without citations."""
    if VALUE.fullmatch(text):
        return (Token(text, text, text, "value"),)
    found: list[Token] = []
    readable = CITATION.sub(" ", plain(text).replace("n't", " not"))
    if language == "en":
        readable = HYPHEN.sub(" ", readable)  # "a five-year warranty"
    for part, is_value in value_parts(readable, language):
        if is_value:
            found.append(Token(part, part, part, "value"))
            continue
        for raw in PIECE.findall(POSSESSIVE.sub(OWNS, part)):
            if raw[0].isalnum() or UNSPACED.match(raw):
                behind = bool(found) and found[-1].kind == "value"
                unit = _units(language).get(raw.casefold()) if behind else None
                form = unit or _folded(raw)
                found.append(Token(form, unit or _stem(raw, language), raw, "word"))
            else:
                found.append(Token("", "", raw, "mark"))
    return tuple(found)


def content(text: str, language: str) -> list[Token]:
    """The tokens that carry meaning; all words where none does ("why not")."""
    said = [token for token in tokens(text, language) if token.kind != "mark" and token.form not in ARTICLES]
    if UNSPACED.search(text):  # 阿 in the name 陈阿炳
        return said
    named = [token for token in said if not _is_title(said, token)]
    return [token for token in named if not is_stop(token, language)] or said


def _is_title(said: Sequence[Token], token: Token) -> bool:
    """Whether a token is a title in front of a name, which an answer may leave out: "Mrs" of "Mrs Plum"."""
    at = next(n for n, one in enumerate(said) if one is token)
    behind = said[at + 1].raw[:1] if at + 1 < len(said) else ""
    return token.form in TITLES and token.raw[:1].isupper() and behind.isupper()


def is_stop(token: Token, language: str) -> bool:
    """Whether a word says nothing by itself."""
    return token.kind == "word" and (token.raw.casefold() in stop_words(language) or token.form in ARTICLES)


@lru_cache(maxsize=2**16)
def _folded(word: str) -> str:
    """Without case, accents and the two ways to write an umlaut."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    if letters.isascii() and "e" not in letters:
        return letters
    base = (
        "".join(letter for letter in letters if not unicodedata.combining(letter)) if letters[:1] < "\u0900" else word
    )
    return UMLAUT.sub("", unicodedata.normalize("NFC", base)) or base


@lru_cache(maxsize=2**15)
def _stem(word: str, language: str) -> str:
    found = "".join(stems(word, language)) or word.casefold()
    if language == "en":
        for pattern, american in BRITISH:
            found = pattern.sub(american, found)
    return _folded(found)


@cache
def _units(language: str) -> dict[str, str]:
    """What may stand behind a number in `language` or English, by one name for each unit: "km" is length-kilometer."""
    from babel import Locale, UnknownLocaleError

    found: dict[str, str] = {}
    for code in dict.fromkeys(("en", "en_GB", language)):
        try:
            locale: Any = Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
        for width in ("long", "short"):
            for unit, widths in locale._data["unit_patterns"].items():  # babel gives these names no public way
                for form in dict(widths.get(width, {})).values():
                    name = form.replace("{0}", "").strip(" .").casefold() if isinstance(form, str) else ""
                    if name.isalpha() and name not in stop_words(language):
                        found.setdefault(name, f"unit:{unit}")
        for currency in MONEY:
            for name in (locale.currencies.get(currency, currency), currency):
                found.setdefault(name.casefold(), f"unit:{currency}")
    return found
