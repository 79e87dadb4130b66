"""A cap is never passed, and a request that fits is never held back."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import BudgetReached
from agents.models.budget import Budget, Caps


def run(caps: Caps, jobs: list[tuple[int, int]]) -> tuple[Budget, int]:
    """Requests of (most, taken) tokens, all at once; the budget at the end, and how many were refused."""
    budget = Budget(caps)

    async def one(most: int, taken: int) -> None:
        async with budget.request(most, most / 1000) as bill:
            await asyncio.sleep(0)
            bill.tokens, bill.cost = taken, taken / 1000

    async def all_of_them() -> list[BaseException | None]:
        return await asyncio.gather(*(one(*job) for job in jobs), return_exceptions=True)

    ended = asyncio.run(all_of_them())
    assert all(e is None or isinstance(e, BudgetReached) for e in ended)
    return budget, sum(e is not None for e in ended)


jobs = st.lists(st.integers(1, 50).flatmap(lambda most: st.tuples(st.just(most), st.integers(0, most))), max_size=30)


@given(jobs=jobs, calls=st.integers(0, 20), tokens=st.integers(0, 400))
def test_no_cap_is_ever_passed(jobs: list[tuple[int, int]], calls: int, tokens: int) -> None:
    budget, _ = run(Caps(calls, tokens, tokens / 1000), jobs)
    assert budget.spent.calls <= calls
    assert budget.spent.tokens <= tokens
    assert budget.spent.cost <= tokens / 1000 + 1e-6


@given(jobs=jobs)
def test_what_fits_in_the_end_is_let_through(jobs: list[tuple[int, int]]) -> None:
    taken = sum(t for _, t in jobs)
    budget, refused = run(Caps(tokens=taken + 50), jobs)
    assert (refused, budget.spent.tokens) == (0, taken)


@pytest.mark.parametrize(
    ("caps", "words"),
    [(Caps(calls=1), "--max-calls 1"), (Caps(tokens=15), "--max-tokens 15"), (Caps(cost=0.015), "--max-cost 0.015")],
    ids=["calls", "tokens", "cost"],
)
def test_the_cap_that_was_reached_is_named(caps: Caps, words: str) -> None:
    budget = Budget(caps)

    async def two() -> None:
        for _ in range(2):
            async with budget.request(10, 0.01) as bill:
                bill.tokens, bill.cost = 10, 0.01

    with pytest.raises(BudgetReached, match=words):
        asyncio.run(two())


@pytest.mark.parametrize(
    ("caps", "words"),
    [
        (Caps(cost=0.02), "--max-cost 0.02 is reached: 1 requests, 30 tokens, 0.0040 USD spent in this start; "),
        (Caps(calls=1), "--max-calls 1 is reached: 1 requests, 30 tokens, 0.0040 USD spent in this start$"),
    ],
    ids=["cost", "calls"],
)
def test_a_cap_that_stops_far_below_itself_says_what_the_next_request_may_take(caps: Caps, words: str) -> None:
    budget = Budget(caps)

    async def two() -> None:
        async with budget.request(100, 0.01) as bill:
            bill.tokens, bill.cost = 30, 0.004
        async with budget.request(4_500, 0.0165):
            pass

    with pytest.raises(BudgetReached) as ended:
        asyncio.run(two())
    assert re.match(words, ended.value.what)
    assert ended.value.what.endswith("may take up to 4,500 tokens, 0.0165 USD") is (caps.calls is None)


def test_a_request_that_fails_is_counted_and_costs_nothing() -> None:
    budget = Budget(Caps(calls=5))

    async def fails() -> None:
        async with budget.request(10, 1.0):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fails())
    assert (budget.spent.calls, budget.spent.tokens, budget.spent.cost) == (1, 0, 0.0)


@given(most=st.lists(st.integers(1, 50), max_size=30), calls=st.integers(0, 20), tokens=st.integers(0, 400))
def test_what_is_written_for_a_batch_is_charged_at_its_most_and_passes_no_cap(
    most: list[int], calls: int, tokens: int
) -> None:
    budget = Budget(Caps(calls, tokens, tokens / 1000))
    taken = [n for n in most if not budget.take(n, n / 1000)]
    assert (budget.spent.calls, budget.spent.tokens) == (len(taken), sum(taken))
    assert len(taken) <= calls
    assert sum(taken) <= tokens
    if sum(most) <= tokens and len(most) <= calls:
        assert taken == most
