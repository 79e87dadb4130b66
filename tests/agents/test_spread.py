"""Some of many, at equal distances."""

from __future__ import annotations

import pytest

from agents.spread import spread


@pytest.mark.parametrize(
    ("count", "chosen"),
    [(1, [0]), (3, [0, 3, 6]), (9, list(range(9))), (20, list(range(9)))],
    ids=["one", "some", "all", "more-than-there-are"],
)
def test_some_of_many_are_spread_over_them_all(count: int, chosen: list[int]) -> None:
    assert spread(range(9), count) == chosen


def test_of_nothing_there_is_nothing() -> None:
    assert spread([], 3) == []
