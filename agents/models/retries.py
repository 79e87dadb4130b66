"""How often one call is tried, and how long it waits between its tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.errors import FailedCall, RateLimited
from agents.models.limits import Limits
from agents.models.request import Busy

if TYPE_CHECKING:
    from tenacity import AsyncRetrying

HOPELESS_TRIES = 2  # of a server that never answered, where nothing listens or nobody knows the host
HOPELESS = 3  # times the config's tries: a call that fails so often while others succeed fails alone


def tries(retries: int, limits: Limits) -> AsyncRetrying:
    """The tries of one call: one and so many `retries`, as long as it raises `Busy`; the last one is raised."""
    from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

    backoff = wait_random_exponential(multiplier=0.5, max=30)
    answered = limits.successes

    def wait(state: Any) -> float:
        after = state.outcome.exception().after
        return after if after is not None else backoff(state)

    def stop(state: Any) -> bool:
        """A silent server ends the call when its tries are spent.

        One that answers others ends it only after many more, and never for its 429.
        """
        spent = state.attempt_number > retries
        if isinstance(state.outcome.exception().error, FailedCall):  # answered and paid each time, with nothing
            return spent
        if limits.successes == answered:
            stays = state.outcome.exception().stays and not answered
            return spent or (stays and state.attempt_number >= HOPELESS_TRIES)
        limited = isinstance(state.outcome.exception().error, RateLimited)
        return not limited and state.attempt_number >= HOPELESS * (retries + 1)

    return AsyncRetrying(retry=retry_if_exception_type(Busy), stop=stop, wait=wait, reraise=True)
