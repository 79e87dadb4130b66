"""When a server wants to be asked again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.models.retry_after import at_the_clock, wait_asked

NOW = datetime(2026, 10, 21, 7, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("9999", 9999.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 60.0), ("", None), ("soon", None)],
    ids=["seconds", "half-a-second", "hours", "date", "none", "nonsense"],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert wait_asked({"retry-after": value}, now=NOW) == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Rate limit reached. Please try again in 7m12.5s.", 432.5),
        ("Please retry in 34.07s.", 34.07),
        ("Try again in 20 seconds", 20.0),
        ("try again in 6ms", 0.006),
        ("try again later", None),
    ],
    ids=["minutes", "seconds", "in-words", "milliseconds", "later"],
)
def test_a_wait_that_stands_in_the_words_counts(words: str, seconds: float | None) -> None:
    assert wait_asked({}, words) == pytest.approx(seconds)


def test_milliseconds_have_a_header_of_their_own() -> None:
    assert wait_asked({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s, until"), (90, "1 min 30 s, until"), (3600, "1 h 0 min, until")]
)
def test_a_wait_is_told_with_its_end(seconds: float, words: str) -> None:
    assert at_the_clock(seconds).startswith(words)
