"""The numbers, dates and times of a text as values, whatever words or figures they are written in.

text2num reads number words (English, French, Spanish, Portuguese, German, Dutch, Italian, Danish); names of months,
separators and words for a million are the CLDR's; Chinese figures are Unicode's (docs/decisions/0013). A number is its
decimal figures ("1200", "5.3", "12%"), a date ISO 8601 with what is left open ("2024-04-03", "2024-04", "--04-03",
"--04"), a time of day "T10:30". "one" and "first" by themselves are no values: they are said of anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import NamedTuple

from agents.text.figures import FIGURES, FRACTION, HAN, RAISED, fraction, han_figures
from agents.text.locale_data import Writing, writing
from agents.text.normal_form import plain
from agents.text.number_words import as_figures
from agents.text.stems import content_stems

ENDLESS = re.compile(rf"[\d{FIGURES}]{{31,}}")
"""No number that anyone compares, and minutes of work for some patterns."""
DIGIT = re.compile(r"\d")
ISO_DATE = re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
FIGURE_DATE = re.compile(r"(?<![\d.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
CJK_DATE = re.compile(r"(?:(\d{4}) ?[年년] ?)?(?<!\d)(\d{1,2}) ?[月월](?: ?(\d{1,2}) ?[日号號일])?")
CJK_TIME = re.compile(r"(\d{1,2}) ?[時时点點시] ?(?:(\d{1,2}) ?[分분]|[半반])")
CLOCK = re.compile(
    r"(?<![\d:])(?<!\d[.,])(?P<hour>\d{1,2})(?:[:.h] ?(?P<minute>[0-5]\d)(?![\d%]))?"
    r"(?P<unit> ?(?P<half>[ap])\.?m\b\.?| ?uhr\b| o'clock\b)?",
    re.IGNORECASE,
)
ENGLISH_CLOCK = re.compile(r"\b(half|quarter|5|10|20|25)(?: minutes)? (past|to) (\d{1,2})\b", re.IGNORECASE)
"""Of the minutes only those that a clock is read by: a vote of "twenty-seven to nine" is no time."""
LETTER = r"[^\W\d_\u0e00-\U0010ffff]"  # of Latin, Greek, Cyrillic, Hebrew, Arabic, Hindi
NUMBER = re.compile(
    rf"(?:(?<=[\s(])|^)-(?=\d)|(?<!{LETTER}){LETTER}+\d[^\W\u0e00-\U0010ffff]*|\d+(?:[.,' ]\d+){{0,12}}"
)
"""A minus, a word with figures ("H100"; Chinese letters and figures part), or figures with separators or blanks."""
PERCENT = re.compile(r"(?<!\d)(?<!\d[.,])(-?\d+(?:[.,]\d+){0,6}) ?%")
DAY = r"(?<!\d)(?<!\d[.,])(?P<day>\d{1,2})(?:st|nd|rd|th|er|[.ºª°])?"


MONEY_IN_MILLIONS = re.compile(r"((?:[€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY|CAD|AUD)) ?\d+(?:[.,]\d+)*) ?mn?\b")
"""Behind a currency an m is no metre."""
PLACES = range(0xF0000, 0x10FFFE)  # private characters of Unicode, which no text needs: each stands for a value
PRIVATE = re.compile(f"([{chr(PLACES[0])}-{chr(PLACES[-1])}])")


class Reading(NamedTuple):
    """The values of a text in the order they were found, and the text with a private character for each."""

    found: tuple[str, ...]
    placed: str

    @property
    def values(self) -> frozenset[str]:
        """Each value once."""
        return frozenset(self.found)

    @property
    def rest(self) -> str:
        """The text without its values."""
        return self.placed.translate(dict.fromkeys(PLACES[: len(self.found)], " "))


def value_parts(text: str, language: str = "en") -> list[tuple[str, bool]]:
    """`text` in parts in the order of reading, each with whether it is a value; number words count from nought on."""
    reading = _read(text, language, least=0)
    parts = PRIVATE.split(reading.placed)
    return [(reading.found[ord(p) - PLACES[0]], True) if n % 2 else (p, False) for n, p in enumerate(parts) if p]


class Amount(NamedTuple):
    """A number, and the words beside it."""

    number: Decimal
    of: str


def values_in(text: str, language: str = "en") -> frozenset[str]:
    """The numbers, dates and times of `text` (ISO 639-1 `language`) as values."""
    return _read(text, language, least=3).values


def same_value(left: str, right: str, language: str = "en") -> bool:
    """Whether two short answers say the same numbers or dates, of the same thing if both name one.

    "Six years" is "6 years" and "6", but not "six months". False where neither holds a value.
    """
    a, b = _read(left, language, least=0), _read(right, language, least=0)
    if not a.values or a.values != b.values:
        return False
    named, other = content_stems(a.rest, language), content_stems(b.rest, language)
    return named <= other or other <= named


def amount(text: str, language: str = "en") -> Amount | None:
    """The one number of a short answer and what it is a number of ("crowns"), None where it is more or something else.

    Dates, times and shares are no amounts; of a short answer "two" is 2.
    """
    reading = _read(text, language, least=0)
    value = next(iter(reading.values)) if len(reading.values) == 1 else ""
    return Amount(Decimal(value), " ".join(reading.rest.split())) if re.fullmatch(r"\d+(\.\d+)?", value) else None


def says(value: str, values: frozenset[str]) -> bool:
    """Whether one of `values` is `value` or a date that it is a part of.

    3 April 2024 says 2024, April, April 2024 and 3 April.
    """
    if value in values:
        return True
    parts = [part for whole in values if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", whole) for part in _parts(whole)]
    return value in parts or any(re.fullmatch(r"--\d\d-\d\d", whole) and whole[:4] == value for whole in values)


def _parts(date: str) -> list[str]:
    return [date[:4], date[:7], "-" + date[4:], "-" + date[4:7]]


@lru_cache(maxsize=2**15)
def _read(text: str, language: str, least: int) -> Reading:
    """Each kind of value is taken out before the next is looked for; number words below `least` stay words."""
    found: list[str] = []
    local = writing(language)

    def place(said: str) -> str:
        found.append(said)
        return chr(PLACES[min(len(found), len(PLACES)) - 1]) + " "

    def take(pattern: re.Pattern[str], value: Callable[[re.Match[str]], str]) -> None:
        nonlocal text

        def note(match: re.Match[str]) -> str:
            said = value(match)
            return place(said) if said else match[0]

        text = pattern.sub(note, text)

    text = " ".join(ENDLESS.sub(" ", PRIVATE.sub(" ", text)).split())
    plain_letters = text.isascii()  # most texts: half of the patterns look for letters that they have not
    if not plain_letters:
        text = FRACTION.sub(lambda m: fraction(m).replace(".", local.decimal), text)
        text = RAISED.sub("", text).replace("，", ", ")
    text = plain(text) if plain_letters else HAN.sub(han_figures, plain(text).replace("−", "-"))
    text = re.sub(rf" ?{local.percent}(?!\w)", " %", text, flags=re.IGNORECASE)
    if language == "en":
        text = MONEY_IN_MILLIONS.sub(r"\1 million", text)
    text = _scaled(local).sub(lambda m: _figures(m["figures"], local, _zeros(m, local)), text)
    text = as_figures(text, language, least)
    with_month = re.search(local.month, text, re.IGNORECASE)
    for pattern in _beside_month(local) if with_month else ():
        text = pattern.sub(lambda m: m[1] + _ordinal(m[2], language), text)
    if not DIGIT.search(text):
        take(_month_alone(local), lambda m: _named_date(m, local))
        return Reading(tuple(found), text)
    take(ISO_DATE, lambda m: _date(m[1], m[3], m[4]))
    take(FIGURE_DATE, lambda m: _figure_date(m, local))
    if not plain_letters:
        take(CJK_DATE, lambda m: _date(*m.groups()))
    for pattern in _dates(local) if with_month else ():
        take(pattern, lambda m: _named_date(m, local))
    take(_month_alone(local), lambda m: _named_date(m, local))
    if not plain_letters:
        take(CJK_TIME, lambda m: _time(m[1], m[2] or "30"))
    if language == "en":
        take(ENGLISH_CLOCK, _english_time)
    take(CLOCK, _clock)
    if "%" in text:
        take(PERCENT, lambda m: _figures(m[1], local) + "%")
    minus = ""

    def number(match: re.Match[str]) -> str:
        nonlocal minus
        sign, minus = minus, "-" if match[0] == "-" else ""
        return " " if minus else " ".join(place(sign + value) for value in _numbers(match[0], local))

    placed = NUMBER.sub(number, text)
    return Reading(tuple(found), placed)


def _numbers(written: str, local: Writing) -> list[str]:
    """The numbers of a run of figures: one with separators, or several with blanks; "H100" is itself."""
    if not written[0].isdecimal():
        return [written.lower()]
    if " " in written and not (local.group == " " and re.fullmatch(r"\d{1,3}( \d{3})+(,\d+)?", written)):
        return [_figures(part, local) for part in written.split()]
    return [_figures(written, local)]


def _figures(written: str, local: Writing, zeros: int = 0) -> str:
    """A number written with the separators of a language, times ten to the `zeros`, without them."""
    marks = re.sub(r"\d", "", written)
    pieces = re.split(r"[.,' ]", written)
    thousands = len(pieces[0]) <= 3 and all(len(piece) == 3 for piece in pieces[1:])
    if not marks:
        number = written
    elif len(set(marks)) == 1 and thousands and (marks[0] != local.decimal or len(marks) > 1):
        number = "".join(pieces)
    elif len(marks) == 1 or (len(set(marks)) == 2 and marks.count(marks[-1]) == 1):
        number = "".join(pieces[:-1]) + "." + pieces[-1]
    else:
        return written  # "1.2.3", the number of a version
    try:
        return format(Decimal(number).scaleb(zeros).normalize(), "f")
    except InvalidOperation:  # more figures than Decimal holds
        return number


@cache
def _scaled(local: Writing) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(local.scales, key=len, reverse=True))
    letters = "".join(local.letters) or "(?!)"
    near = f"|(?-i:(?P<letter>[{letters}]))(?![\\w])" if local.letters else "|(?P<letter>(?!))"
    end = r"(?!\w)" if any(name[:1] < "\u0e00" for name in local.scales) else ""
    return re.compile(
        rf"(?<!\d)(?<!\d[.,])(?P<figures>\d+(?:[.,]\d+){{0,6}})(?: ?(?P<scale>{names}){end}\.?{near})", re.IGNORECASE
    )


def _zeros(match: re.Match[str], local: Writing) -> int:
    return local.scales[match["scale"].lower()] if match["scale"] else local.letters[match["letter"]]


@cache
def _beside_month(local: Writing) -> tuple[re.Pattern[str], ...]:
    """The word beside a month, which may be "first": `as_figures` leaves it: "one" and "second" mean other things."""
    word, links = r"([^\W\d_]+)", rf"(?:{local.links} )*"
    before = re.compile(rf"(\b){word}(?= {links}{local.month}\b)", re.IGNORECASE)
    behind = re.compile(rf"(\b{local.month} {links}){word}\b", re.IGNORECASE)
    return (before, behind) if local.month_first else (before,)


def _ordinal(word: str, language: str) -> str:
    spoken = as_figures(word, language, least=0)
    return spoken if re.fullmatch(r"[12](?!\d)\D{1,2}", spoken) else word


@cache
def _dates(local: Writing) -> tuple[re.Pattern[str], ...]:
    month = rf"(?P<month>{local.month})\b(?:\.(?!(?-i: ?[A-ZÀ-Þ])| ?$))?"  # "3 Jan. 2020", but "on 3 May. Then …"
    links = rf"(?:{local.links} )*"
    year = rf"(?:,? {links}(?P<year>\d{{4}})(?!\d))"
    forms = [rf"{DAY} ?{links}{month}{year}?", rf"(?P<year>\d{{4}})\.? {month} {DAY}(?!\d)"]
    if local.month_first:
        forms.append(rf"\b{month} {links}{DAY}(?![\d:]){year}?")
    forms.append(rf"\b{month}{year}")
    return tuple(re.compile(form, re.IGNORECASE) for form in forms)


@cache
def _month_alone(local: Writing) -> re.Pattern[str]:
    alone = "|".join(re.escape(name) for name in local.month_names) or "(?!)"
    return re.compile(rf"\b(?P<month>{alone})\b")


def _named_date(match: re.Match[str], local: Writing) -> str:
    parts = match.groupdict()
    return _date(parts.get("year"), str(local.months[parts["month"].lower()]), parts.get("day"))


def _figure_date(match: re.Match[str], local: Writing) -> str:
    """Day and month by the habit of the language, a full stop means day first everywhere; 13 and above is a day."""
    first, second = match[1], match[3]
    month_first = local.month_first and match[2] != "."
    if int(first) > 12 or (not month_first and int(second) <= 12):
        first, second = second, first
    return _date(match[4], first, second)


def _date(year: str | None, month: str, day: str | None) -> str:
    """ISO 8601, or "" where there is no such month or day."""
    if not 1 <= int(month) <= 12 or (day is not None and not 1 <= int(day) <= 31):
        return ""
    return f"{year or '-'}-{int(month):02}" + (f"-{int(day):02}" if day else "")


def _clock(match: re.Match[str]) -> str:
    colon = re.match(r"\d{1,2}[:h]", match[0])
    if not match["unit"] and not (colon and match["minute"]):
        return ""
    hour = int(match["hour"])
    if match["half"] and hour <= 12:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    return _time(str(hour), match["minute"] or "0")


def _english_time(match: re.Match[str]) -> str:
    minutes = {"half": 30, "quarter": 15}.get(match[1].lower()) or int(match[1])
    total = int(match[3]) * 60 + (minutes if match[2].lower() == "past" else -minutes)
    return _time(str(total // 60), str(total % 60)) if minutes < 60 and 1 <= int(match[3]) <= 12 else ""


def _time(hour: str, minute: str) -> str:
    return f"T{int(hour):02}:{int(minute):02}" if int(hour) <= 24 and int(minute) < 60 else ""
