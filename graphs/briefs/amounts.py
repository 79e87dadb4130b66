"""Amounts of something counted, in digits or English words: "one hundred and ten crowns" is (110, "crowns")."""

from __future__ import annotations

import re

from agents.text.number_words import as_figures
from agents.text.words import STOP, stem

AMOUNT = re.compile(r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?)(?:\s+(1000(?:000)*)\b)?\s+([a-z]{2,}s)\b")
"""text_to_num writes 8.5 million lights as "8.5 1000000 lights"."""


def amounts_in(text: str) -> dict[str, tuple[float, str]]:
    """The first amount of everything that is counted in the plural, with its word, by the stem of that word."""
    found: dict[str, tuple[float, str]] = {}
    for number, scale, unit in AMOUNT.findall(as_figures(text, "en", least=1)):
        if unit not in STOP:
            found.setdefault(stem(unit), (float(number.replace(",", "")) * float(scale or 1), unit))
    return found
