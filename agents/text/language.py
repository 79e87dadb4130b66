"""Interim."""

from __future__ import annotations


def language_of(text: str) -> str:
    """English."""
    return "en"


def language_name(code: str) -> str:
    """English."""
    return "English"
