"""Interim."""

from __future__ import annotations

import re


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands."""
    words = quote.strip().rstrip(".").split()
    if not words:
        return None
    found = re.search(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)", text, re.IGNORECASE)
    return found.span() if found else None
