"""The words of a language that carry no meaning by themselves, from published lists that come with their packages."""

from __future__ import annotations

from functools import cache

SHORT_LISTS = {
    "da": "DANISH",
    "de": "GERMAN",
    "en": "EN_PLUS",
    "es": "SPANISH",
    "fr": "FRENCH",
    "it": "ITALIAN",
    "nl": "DUTCH",
    "no": "NORWEGIAN",
    "pt": "PORTUGUESE",
    "ru": "RUSSIAN",
    "sv": "SWEDISH",
    "tr": "TURKISH",
}
"""The NLTK (Snowball) lists in bm25s: 100 to 300 function words each.

Preferred where there is one: the lists of stopwordsiso are unions, and the English one holds "fire", "mill" and "room".
"""


@cache
def stop_words(language: str) -> frozenset[str]:
    """Lower-case stop words of an ISO 639-1 `language`; none for a language without a list."""
    code = "no" if language in ("nb", "nn") else language
    if code in SHORT_LISTS:
        import bm25s.stopwords

        return frozenset(getattr(bm25s.stopwords, f"STOPWORDS_{SHORT_LISTS[code]}"))
    import stopwordsiso

    return frozenset(stopwordsiso.stopwords(code)) if stopwordsiso.has_lang(code) else frozenset()
