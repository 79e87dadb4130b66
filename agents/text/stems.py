"""Interim."""

from __future__ import annotations

from agents.text.words import content_words, stem, words


def stems(text: str, language: str = "en") -> list[str]:
    """Stems in order."""
    return [stem(word) for word in words(text)]


def content_stems(text: str, language: str = "en") -> frozenset[str]:
    """Stems that carry meaning."""
    return frozenset(content_words(text))
