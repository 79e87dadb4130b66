"""What a start may spend: requests, tokens and money, counted while it runs and never above its caps.

A request is let through only if the most it can take still fits beside the most that those under way can take. One that
does not fit waits for them; when none is left and it still does not fit, the run ends: nothing under way is lost.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agents.errors import BudgetReached


@dataclass(frozen=True)
class Spending:
    """Requests sent, tokens in and out of them, and USD."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0

    def __add__(self, other: Spending) -> Spending:
        return Spending(self.calls + other.calls, self.tokens + other.tokens, self.cost + other.cost)

    def __sub__(self, other: Spending) -> Spending:
        return Spending(self.calls - other.calls, self.tokens - other.tokens, self.cost - other.cost)


@dataclass(frozen=True)
class Caps:
    """The most of each; None: no cap."""

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None

    def exceeded(self, spent: Spending) -> str:
        """The caps that `spent` is above, in words; empty if none."""
        named = {
            "--max-calls": (self.calls, spent.calls),
            "--max-tokens": (self.tokens, spent.tokens),
            "--max-cost": (self.cost, spent.cost - 1e-9),  # sums of small floats
        }
        return ", ".join(f"{name} {cap}" for name, (cap, used) in named.items() if cap is not None and used > cap)


class Bill:
    """What one request took; set by its caller when the reply is there.

    Left as it is, nothing is charged but the request.
    """

    def __init__(self) -> None:
        self.tokens = 0
        self.cost = 0.0

    def charge(self, tokens: int, cost: float) -> None:
        """Set what it took."""
        self.tokens, self.cost = tokens, cost


class Budget:
    """The spending of one start, over all its models; `priced`: it is known what each of them costs."""

    def __init__(self, caps: Caps | None = None, priced: bool = True) -> None:
        self.caps = caps or Caps()
        self.priced = priced
        self.spent = Spending()
        self._held = Spending()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def request(self, tokens: int, cost: float) -> AsyncIterator[Bill]:
        """Let one request through that takes at most `tokens` and `cost`; the bill it fills in is charged at the end.

        Raises:
            BudgetReached: it does not fit, and nothing is under way that could end below its most.

        """
        most, bill = Spending(1, tokens, cost), Bill()
        await self._hold(most)
        try:
            yield bill
        finally:
            self._held -= most
            self.spent += Spending(1, bill.tokens, bill.cost)
            self._freed.set()  # without a pause: who waits must not end the run before this reply is in the store
            self._freed = asyncio.Event()

    async def _hold(self, most: Spending) -> None:
        while over := self.caps.exceeded(self.spent + self._held + most):
            if not self._held.calls:
                next_one = "" if "--max-calls" in over else f"; the next request may take up to {self._amount(most)}"
                raise BudgetReached(
                    f"{over} is reached: {self}{next_one}",
                    "the same command with a higher cap goes on from here; nothing is paid twice",
                )
            await self._freed.wait()
        self._held += most

    def take(self, tokens: int, cost: float) -> str:
        """Charge a request that is written for a batch with the most it can take.

        Returns the caps that it would go above, in words: then nothing is charged. Empty if it fits.
        """
        most = Spending(1, tokens, cost)
        if not (over := self.caps.exceeded(self.spent + self._held + most)):
            self.spent += most
        return over

    @property
    def brief(self) -> str:
        """Tokens and money so far, short enough for a bar; empty before the first reply."""
        cost = f"{self.spent.cost:.2f}" if self.priced else "?"
        money = f", {cost} USD" if self.spent.cost or not self.priced else ""
        return f"{self.spent.tokens:,} tokens{money}" if self.spent.tokens else ""

    def __str__(self) -> str:
        return f"{self.spent.calls} requests, {self._amount(self.spent)} spent in this start"

    def _amount(self, of: Spending) -> str:
        cost = f"{of.cost:.4f}" if self.priced else "?"
        return f"{of.tokens:,} tokens, {cost} USD"


def total_usage(counters: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The counters of several clients added up: asked, from_store, called, tries, tokens_in, tokens_out."""
    total: Counter[str] = Counter({"asked": 0, "from_store": 0, "called": 0, "tokens_in": 0, "tokens_out": 0})
    for counter in counters:
        total.update(counter)
    return dict(total)
