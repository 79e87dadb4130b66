"""A refusal that does not say why: the same is asked once more in the plainest form before its item is given up.

A server that does not know a parameter may answer "Bad Request" and no more; so does one that does not like a prompt.
So what no answered call has held yet is left out, once. If that is answered, it stays so.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.models.dialect import UNSURE, Dialect


class PlainestForm:
    """Finds the form that one model takes where its server refuses a call and does not say why."""

    def __init__(self) -> None:
        self.tried = False
        """The plainest form was refused too: such a refusal is the item's own fault from now on."""
        self._taken: set[str] = set()
        self._left_out: set[str] = set()
        self._before: Dialect | None = None  # while it is not known whether the plainest form is answered

    def refused(self, known: Dialect, sent: Iterable[str]) -> tuple[Dialect, bool]:
        """(the dialect after a refusal of a call with these parameters, whether to ask once more)."""
        suspects = UNSURE.intersection(sent) - self._taken
        if suspects and not self.tried:
            self._before = self._before or known
            self._left_out |= suspects
            return known.plainest(suspects), True
        before, self._before = self._before, None
        self.tried = self.tried or before is not None
        return before or known, False

    def answered(self, known: Dialect, sent: Iterable[str]) -> tuple[Dialect, set[str]]:
        """(the dialect after an answer to a call with these parameters, what was found to be refused)."""
        self._taken.update(UNSURE.intersection(sent))
        if self._before is None or self._left_out.intersection(sent):
            return known, set()
        before, refused = self._before, self._left_out - self._taken  # what another call was answered with is none
        self._before, self._left_out = None, set()
        return before.plainest(refused), refused
