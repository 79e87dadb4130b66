"""Number words as figures, by text2num, in the languages that it reads (docs/decisions/0013)."""

from __future__ import annotations

from functools import cache


def as_figures(text: str, language: str, least: int) -> str:
    """`text` with the number words of `least` and above as figures; as it is in a language whose words are not read."""
    from text_to_num import alpha2digit

    if language not in spoken_languages():
        return text
    return alpha2digit(text, language, threshold=float(least))


@cache
def spoken_languages() -> frozenset[str]:
    """ISO 639-1 codes of the languages whose number words are read."""
    from text_to_num import alpha2digit

    def known(language: str) -> bool:
        try:
            alpha2digit("", language)
        except ValueError:
            return False
        return True

    return frozenset(filter(known, ("da", "de", "en", "es", "fr", "it", "nl", "pt")))
