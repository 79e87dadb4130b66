"""Interim."""

from __future__ import annotations

import re
from functools import lru_cache

MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]


@lru_cache(10000)
def values_in(text: str, language: str = "en") -> frozenset[str]:
    """Values."""
    from text_to_num import alpha2digit

    text = alpha2digit(text, "en", threshold=0)
    found = set()
    month = "|".join(MONTHS)
    for match in re.finditer(
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({month})\b|\b({month}) (\d{{1,2}})(?:st|nd|rd|th)?\b",
        text,
        re.IGNORECASE,
    ):
        day, name = (match[1], match[2]) if match[1] else (match[4], match[3])
        found.add(f"--{MONTHS.index(name.lower()) + 1:02}-{int(day):02}")
    found |= {n.replace(",", "") for n in re.findall(r"\b\d[\d,]*(?:\.\d+)?", text)}
    return frozenset(found)


def same_value(a: str, b: str, language: str = "en") -> bool:
    """Same."""
    return bool(values_in(a, language)) and values_in(a, language) <= values_in(b, language)
