"""Parameters that a server ignores: it refuses none of them, and its answers show that it did otherwise.

Many servers pass over what they do not know. Of a model that has once done as it was asked, another answer proves
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agents.models.dialect import LIMITS, Dialect, Rung, misses_limit
from agents.models.store import Reply

PROOF = 2  # replies that were no object before any was: one may be a whim
IN_THE_PROMPT: Rung = "json_object"  # the surest way to an object that shows the schema in the prompt as well


class IgnoredParameters:
    """Finds out which parameters one model's server ignores, call by call."""

    def __init__(self) -> None:
        self.proof = PROOF
        self._gave_probabilities = False
        self._wrote_objects = False
        self._wrote_prose = 0

    def answered(self, known: Dialect, sent: Mapping[str, Any], reply: Reply) -> Dialect:
        """The dialect after a reply to a call with these parameters; a reply without a word shows nothing."""
        most = sent.get(LIMITS[0], 0)
        if most and not reply.estimated and misses_limit(reply.tokens_out, most, whole=True):
            known = known.knowing(LIMITS[0])
        self._gave_probabilities |= bool(reply.top_logprobs)
        if "logprobs" in sent and reply.text.strip() and not self._gave_probabilities:
            known = known.knowing("logprobs")
        return known

    def readable(self) -> None:
        """A first reply was the object that was asked for."""
        self._wrote_objects = True

    def unreadable(self, known: Dialect, rung: Rung, text: str, fields: Iterable[str]) -> Dialect:
        """The dialect after a first reply, asked for on this rung, that was no object.

        If it names no field of the schema, that was not read.
        """
        named = not text.strip() or any(f'"{name}"' in text for name in fields)
        if named or self._wrote_objects or known.rung != rung or rung not in ("json_schema", "tools"):
            return known
        self._wrote_prose += 1
        return known if self._wrote_prose < self.proof else known.on(IN_THE_PROMPT)
