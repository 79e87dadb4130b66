"""How a language writes numbers and dates: month names, separators, words for a million, from the CLDR (babel)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

VARIANTS = {"en": ("en", "en_GB"), "no": ("nb",), "zh": ("zh", "zh_Hant")}
"""The locales that are read together; elsewhere the language itself."""
LINKS = {"en": ("of", "the"), "fr": ("de",), "it": ("di", "del"), "es": ("del",), "nl": ("van",)}
"""What may stand between day and month beside the words of the CLDR's pattern ("3 de mayo de 2024")."""
JOINED = {"he": ("ב",)}
"""What stands before a month without a space."""


@dataclass(frozen=True, eq=False)
class Writing:
    """What of a language is needed to read its numbers and dates."""

    months: dict[str, int]
    """Small letters, without a full stop, whole and short: "september", "sept", "sep"."""
    month_names: dict[str, int]
    """Whole names as they are written within a sentence: what stands for a month without a day beside it."""
    month: str
    """Pattern of the keys of `months`."""
    links: str
    """Pattern of the words between day, month and year; never matches where there are none."""
    month_first: bool
    """Whether the day follows the month in a date of figures, as in 4/3/2024."""
    decimal: str
    group: str
    scales: dict[str, int]
    """Small letters: "million" is 6 (zeros)."""
    letters: dict[str, int]
    """Scales of one Latin letter: "M", where it touches the number; not "m", which is a metre."""
    percent: str


@cache
def writing(language: str) -> Writing:
    """Of an ISO 639-1 `language`; of English where the CLDR does not know it."""
    from babel import Locale, UnknownLocaleError

    try:
        locales = [Locale.parse(name) for name in VARIANTS.get(language or "en", (language,))]
    except (UnknownLocaleError, ValueError):
        return writing("en")
    months = {name.rstrip(".").lower(): n for name, n in _months(locales, ("wide", "abbreviated"))}
    months |= {f"{before}{name}": n for before in JOINED.get(language, ()) for name, n in months.items()}
    home = locales[0]
    long = home.date_formats["long"].pattern
    links = {*re.findall(r"'([^']+)'", long), *LINKS.get(language, ())}
    symbols = home.number_symbols.get("latn", {})
    scales = dict(_scales(locales))
    return Writing(
        months=months,
        month_names=dict(_months(locales, ("wide",))),
        month=_any_of(months),
        links=_any_of(links),
        month_first=(short := home.date_formats["short"].pattern).find("M") < short.find("d"),
        decimal=symbols.get("decimal", "."),
        group=symbols.get("group", ",").replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'"),
        scales={name.lower(): zeros for name, zeros in scales.items() if len(name) > 1 or not name.isascii()},
        letters={
            name: zeros for name, zeros in scales.items() if name == "k" or (len(name) == 1 and "A" <= name <= "Z")
        },
        percent=_any_of({"%", *_percent(locales)}),
    )


def _any_of(words: Iterable[str]) -> str:
    """A pattern of `words`, the longest first; of none, one that never matches."""
    parts = [re.escape(word) for word in sorted(words, key=len, reverse=True)]
    return f"(?:{'|'.join(parts)})" if parts else "(?!)"


def _months(locales: list[Any], widths: tuple[str, ...]) -> Iterable[tuple[str, int]]:
    for locale in locales:
        for context in ("format", "stand-alone"):
            for width in widths:
                for number, name in locale.months[context][width].items():
                    if name.rstrip(".").isalpha():  # not "5月"
                        yield name, number


def _scales(locales: list[Any]) -> Iterable[tuple[str, int]]:
    """Each word for a power of ten with its zeros: the pattern "00 Mio'.'" of 10,000,000 gives Mio and 6."""
    for locale in locales:
        for width in ("short", "long"):
            for forms in locale.compact_decimal_formats[width].values():
                for size, pattern in forms.items():
                    name = re.sub(r"[0'.\u200f]", "", pattern.pattern).replace("\u00a0", " ").strip()
                    if name.replace(" ", "").isalpha():
                        yield name, len(size) - max(pattern.pattern.count("0"), 1)


def _percent(locales: list[Any]) -> Iterable[str]:
    for locale in locales:
        forms = locale._data["unit_patterns"].get("concentr-percent", {})  # babel gives these names no public way
        for width in ("long", "short"):
            for pattern in forms.get(width, {}).values():
                if isinstance(pattern, str) and (name := pattern.replace("{0}", "").strip().lower()):
                    yield name
