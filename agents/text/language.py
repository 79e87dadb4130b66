"""Which language a text is in, and what that language is called."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import regex

from agents.text.spans import UNSPACED

READ = 4_000
"""Characters of a text that are looked at: a page is in one language as a rule."""
LEAST_LETTERS = 12
"""Fewer letters are a name or a greeting; of a script that parts no words, a third of it."""
LEAST_CONFIDENCE = 0.35
"""Of py3langid, 0 to 1: short sentences in their own language reach 0.4, lists of names stay below (decision 0013)."""
RARE = frozenset({"an", "la", "lb", "oc", "sa", "vo", "wa"})
"""Spoken by few, and near to a language that many write: Prof. Smith is not Luxembourgish."""
JOINED = rf"(?:(?!{UNSPACED.pattern})\S)*"
NO_WORDS = regex.compile(rf"\S*(?:://|@)\S*|{JOINED}\d{JOINED}|[^\p{{L}}\p{{M}}\s'’-]")
"""Addresses, words with figures (in Chinese the figures alone, since a sentence is one word there), and signs."""


@lru_cache(maxsize=2**12)
def language_of(text: str) -> str:
    """ISO 639-1 code of the language of `text`, "" where it is too short or no language stands out."""
    letters = " ".join(NO_WORDS.sub(" ", text[:READ]).split())
    if len(letters) + 2 * len(UNSPACED.findall(letters)) < LEAST_LETTERS:
        return ""
    code, confidence = _identifier().classify(letters)
    return code if confidence >= LEAST_CONFIDENCE else ""


def language_name(code: str) -> str:
    """The English name of an ISO 639-1 language, "German" of "de"; the code itself where it has none."""
    from babel import Locale

    return Locale("en").languages.get(code, code)


@cache
def _identifier() -> Any:
    """py3langid's model (97 languages and dialects, 4 MB, in the package), kept to languages of ISO 639-1.

    Its dialects share the confidence with their language: Wu with Chinese, Walloon with French.
    """
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
    from py3langid.modelio import load_model

    scores, priors, labels, *automaton = load_model(MODEL_DIR / MODEL_FILE)
    kept = [n for n, code in enumerate(labels) if len(code) == 2 and code not in RARE]
    moves, rows, outputs = automaton
    # set_languages would keep the scores of all languages beside these: 27 MB
    return LanguageIdentifier(
        scores[:, kept], priors[kept], [labels[n] for n in kept], moves, outputs, norm_probs=True, tk_row=rows
    )
