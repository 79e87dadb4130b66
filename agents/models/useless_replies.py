"""Replies in a row that were of no use: a model that answers nothing of sense is not asked, and paid, on and on."""

from __future__ import annotations

from agents.errors import UselessReplies
from agents.models.config import ModelConfig

AT_FIRST = 3  # calls in a row that a server refuses without having answered one: it takes no request of ours
MOST_SHOWN = 300  # characters of the sample


class UselessStreak:
    """How many replies in a row, the latest ones of a model, were of no use."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.in_a_row = 0

    def good(self) -> None:
        """A reply was of use."""
        self.in_a_row = 0

    def bad(self, said: str, never: bool = False) -> None:
        """One was not; `said` is what came, `never` whether the server has not answered any call yet.

        Raises `UselessReplies` when there were too many.
        """
        self.in_a_row += 1
        most = self.config.useless_replies
        if self.in_a_row >= (min(most, AT_FIRST) if never else most):
            shown = " ".join(said.split())[:MOST_SHOWN]
            again = "try another model, or raise useless_replies of this one"
            do = "there was no other: `ragtuned doctor` finds out what the server takes" if never else again
            raise UselessReplies(
                f"the last {self.in_a_row} replies of {self.config.model} were of no use; the last one: {shown!r}",
                f"all replies are kept; {do}",
                raw=said,
            )
