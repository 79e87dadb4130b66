"""Of which day a document is, so that "yesterday" gets one: by what its file says, its name or its first lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from agents.text.values import values_in

IN_FIGURES = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
"""In names of files and of heads of chats: 2026-09-14, 20260914."""
HEAD = 200
"""Characters of a text that may say its date before anything else."""
NEAR = 14
"""Days around it that words such as "yesterday", "last Friday" or "in a week" reach."""


def document_date(path: str, text: str, metadata: Mapping[str, Any], language: str) -> str:
    """The day of a document, ISO 8601; "" where it is not known, or not to the day."""
    stated = _day(str(metadata.get("date", ""))[:10])
    return (
        stated or _in_figures(path.rpartition("/")[2]) or _in_figures(text[:HEAD]) or _only_one(text[:HEAD], language)
    )


def days_near(day: str) -> frozenset[str]:
    """The days from two weeks before `day` to two weeks after, ISO 8601; none of ""."""
    if not day:
        return frozenset()
    middle = date.fromisoformat(day)
    return frozenset((middle + timedelta(days=n)).isoformat() for n in range(-NEAR, NEAR + 1))


def with_weekday(day: str) -> str:
    """How a writer is told it: "2026-09-14 (Monday)"."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return f"{day} ({names[date.fromisoformat(day).weekday()]})"


def _in_figures(text: str) -> str:
    found = {day for match in IN_FIGURES.finditer(text) if (day := _day("-".join(match.group(1, 3, 4))))}
    return found.pop() if len(found) == 1 else ""


@lru_cache(2**12)
def _only_one(head: str, language: str) -> str:
    """The one whole date of the first line with any: that of a letter or of minutes."""
    for line in head.splitlines():
        if days := {value for value in values_in(line, language) if _day(value)}:
            return days.pop() if len(days) == 1 and len(line) <= LONGEST_LINE else ""
    return ""


LONGEST_LINE = 80
"""Characters of a line that is a heading or a date line; in a longer one a date is something that is told."""


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat() if len(value) == 10 else ""
    except ValueError:
        return ""
