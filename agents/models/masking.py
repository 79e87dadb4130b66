"""Secrets taken out of whatever a server says: a server may quote the key back, whole, in part or encoded.

Done once, where replies and errors come in (agents/models/openai_backend.py), so that no store, log or file has to know
of it.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

MASKED = "***"
SHORTEST = 8  # characters: "none" and "EMPTY" are no secrets, and no provider's key is so short
WHOLE_BELOW = 16  # a shorter secret is masked as a whole only: a piece of "placeholder" may be a word of the text
PIECE = 12  # characters of a long key that are masked wherever they stand; what is left of it is not to be guessed


class Mask:
    """Puts `***` in place of secrets: as they are, percent-encoded, and escaped as JSON or HTML writes them.

    Of a secret of at least 16 characters any piece is masked, from half of it or 12 characters on: servers quote
    beginnings and ends. What is shorter than 8 characters is no secret. Takes time linear in the text.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = dict.fromkeys(form for secret in secrets if is_secret(secret) for form in _forms(secret))
        self._pieces = [_Pieces(form) for form in forms]

    def __call__(self, text: str) -> str:
        """`text` without the secrets."""
        for pieces in self._pieces:
            text = pieces.masked(text)
        return text


class _Pieces:
    """The pieces of one form of a secret, and half-pieces: a text without one of these holds no piece either."""

    def __init__(self, form: str) -> None:
        self.size = len(form) if len(form) < WHOLE_BELOW else min(PIECE, len(form) // 2)
        self.step = self.size // 2
        self.whole = set(_runs(form, self.size))
        self.halves = set(_runs(form, self.step))

    def masked(self, text: str) -> str:
        """Every run of the text that is made of pieces, put as one `***`."""
        if not any(text[at : at + self.step] in self.halves for at in range(0, len(text), self.step)):
            return text
        kept: list[str] = []
        end = 0  # of the run under way
        for at in range(len(text) - self.size + 1):
            if text[at : at + self.size] not in self.whole:
                continue
            if not kept or at > end:
                kept += [text[end:at], MASKED]
            end = at + self.size
        return "".join([*kept, text[end:]]) if kept else text


def is_secret(value: str) -> bool:
    """Whether a key is more than a placeholder such as "none"."""
    return len(value) >= SHORTEST


def _runs(form: str, size: int) -> Iterator[str]:
    return (form[at : at + size] for at in range(len(form) - size + 1))


def _forms(secret: str) -> list[str]:
    encoded = quote(secret, safe="")
    return [secret, encoded, encoded.lower(), json.dumps(secret)[1:-1], html.escape(secret)]
