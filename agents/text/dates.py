"""Dates in English text."""

from __future__ import annotations

import re

DATE = re.compile(
    r"\b(\d{1,2}(st|nd|rd|th)? (of )?)?"
    r"(January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
)
