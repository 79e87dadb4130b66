"""When a server wants to be asked again: its Retry-After, or its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

NUMBER = re.compile(r"\d{1,9}(\.\d+)?")
WORDS = re.compile(r"(?:try again|retry)\D{1,20}((?:\d+(?:\.\d+)?\s?(?:ms|s|m|h)[a-z]*\s?)+)", re.IGNORECASE)
PART = re.compile(r"(\d+(?:\.\d+)?)\s?(ms|s|m|h)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def wait_asked(headers: Mapping[str, str], words: str = "", now: datetime | None = None) -> float | None:
    """Seconds to wait by the headers (seconds, milliseconds or a date) or the words ("try again in 7m12s"); or None."""
    value = str(headers.get("retry-after", "")).strip()
    milliseconds = str(headers.get("retry-after-ms", "")).strip()
    if NUMBER.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    if NUMBER.fullmatch(value):
        return float(value)
    if value:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
    told = WORDS.search(words[:2000])
    return sum(float(n) * SECONDS[unit] for n, unit in PART.findall(told[1].lower())) if told else None


def at_the_clock(seconds: float) -> str:
    """A wait as a person reads it: "1 h 0 min, until 14:05 on 27 November"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    span = f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
    try:
        end = datetime.now().astimezone() + timedelta(seconds=seconds)
    except OverflowError:
        return span
    day = "" if end.date() == datetime.now().date() else f" on {end.day} {end:%B %Y}"
    return f"{span}, until {end:%H:%M}{day}"
