"""The words of a language that carry no meaning by themselves, from published lists that come with their packages."""

from __future__ import annotations

import runpy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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
        return frozenset(_short_lists()[f"STOPWORDS_{SHORT_LISTS[code]}"])
    import stopwordsiso

    return frozenset(stopwordsiso.stopwords(code)) if stopwordsiso.has_lang(code) else frozenset()


@cache
def _short_lists() -> dict[str, Any]:
    """bm25s.stopwords, a file of lists, without the package around it, which brings scipy: 13 MiB of every process."""
    package = find_spec("bm25s")
    return runpy.run_path(str(Path(str(package and package.origin)).with_name("stopwords.py")))
