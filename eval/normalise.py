"""Two texts that say the same in other letters become the same list of words.

Case, punctuation, articles and accents' composition do not matter; numbers in words become digits; "the 3rd of April",
"April 3" and "3 April" are one date. Lists in the manner of the SQuAD evaluation script (Rajpurkar et al. 2016, section
6.1),
widened by numbers and dates. What it gives away: "one" as a pronoun counts as the number 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

ARTICLES = frozenset({"a", "an", "the"})
_MONTHS = "january february march april may june july august september october november december"
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
MONTHS = tuple(_MONTHS.split())
UNITS: dict[str, int] = {word: value for value, word in enumerate(_UNITS.split())}
TENS: dict[str, int] = {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
ORDINALS: dict[str, int] = {word: value for value, word in enumerate(_ORDINALS.split(), 1)} | {"thirtieth": 30}
NUMBER_OR_WORD = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+")


def words(text: str) -> list[str]:
    """The words of `text` in normal form, in order."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"[’'‘]s\b|[’'‘]", "", plain)
    plain = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", plain)
    tokens = [token.replace(",", "") for token in NUMBER_OR_WORD.findall(plain)]
    tokens = _dates(_numbers(tokens))
    return [token for token in tokens if token not in ARTICLES] or tokens


def contains(haystack: Sequence[str], needle: Sequence[str]) -> bool:
    """Whether `needle` stands in `haystack` as consecutive whole words; an empty needle never does."""
    size = len(needle)
    return size > 0 and any(list(haystack[at : at + size]) == list(needle) for at in range(len(haystack) - size + 1))


def _numbers(tokens: list[str]) -> list[str]:
    """Runs of number words become digits: "one hundred and eighteen" → "118", "twenty seven" → "27"."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        value, used = _number(tokens, at)
        out.append(tokens[at] if used == 0 else str(value))
        at += used or 1
    return out


def _number(tokens: list[str], at: int) -> tuple[int, int]:
    """The value of the number words from `at` on and how many they are; (0, 0) where none stands."""
    total = current = used = 0
    last = ""  # the sort of the word before: a unit never follows a unit, "six two" stays two numbers
    while at + used < len(tokens):
        token = tokens[at + used]
        follows = tokens[at + used + 1] if at + used + 1 < len(tokens) else ""
        if token in UNITS and last in ("", "scale") or token in UNITS and last == "tens" and 0 < UNITS[token] < 10:
            current, last = current + UNITS[token], "unit"
        elif last == "tens" and 0 < ORDINALS.get(token, 10) < 10:
            return total + current + ORDINALS[token], used + 1
        elif token in TENS and last in ("", "scale"):
            current, last = current + TENS[token], "tens"
        elif token in SCALES and (
            current if last and token != "hundred" else last != "scale" and (last or token == "hundred")
        ):
            current, last = max(current, 1) * SCALES[token], "scale"
            if token != "hundred":
                total, current = total + current, 0
        elif token == "and" and last == "scale" and (follows in UNITS or follows in TENS):
            pass
        else:
            break
        used += 1
    return (total + current, used) if used else (0, 0)


def _dates(tokens: list[str]) -> list[str]:
    """Day and month stand as "3 april".

    "of" between them goes, "april 3" turns round, an ordinal word becomes its number.
    """
    out: list[str] = []
    for token in tokens:
        if token in MONTHS and len(out) > 1 and out[-1] == "of" and _day(out[-2]):
            out[-2:] = [_day(out[-2]), token]
        elif token in MONTHS and out and _day(out[-1]) and (len(out) < 2 or out[-2] not in MONTHS):
            out[-1:] = [_day(out[-1]), token]
        elif out and out[-1] in MONTHS and _day(token) and not (len(out) > 1 and _day(out[-2])):
            out[-1:] = [_day(token), out[-1]]
        else:
            out.append(token)
    return out


def _day(token: str) -> str:
    value = int(token) if token.isdecimal() and len(token) < 3 else ORDINALS.get(token, 0)
    return str(value) if 1 <= value <= 31 else ""
