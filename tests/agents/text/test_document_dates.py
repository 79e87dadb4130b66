"""The day of a document: stated, in its name, or in its first lines; never one that its text only tells of."""

from __future__ import annotations

from typing import Any

import pytest

from agents.text.document_dates import days_near, document_date, with_weekday


@pytest.mark.parametrize(
    ("path", "text", "metadata", "language", "day"),
    [
        ("a.md", "Text.", {"date": "2026-09-14T10:00:00+02:00"}, "en", "2026-09-14"),
        ("mails/2026-09-14 plan.eml", "Text.", {}, "en", "2026-09-14"),
        ("week37/20260914_1000.txt", "LiHua: Hi.", {}, "en", "2026-09-14"),
        ("a.txt", "Time: 20260914_10:00\nLiHua: Hi.", {}, "en", "2026-09-14"),
        ("a.md", "# Letter\n\nLund, 4 May 1921\n\nDear Ann, on 7 June 1926 …", {}, "en", "1921-05-04"),
        ("a.md", "# Brief\n\nLund, den 4. Mai 1921\n\nLiebe Anna", {}, "de", "1921-05-04"),
        ("a.md", "# 会议记录 2026年9月14日\n\n正文。", {}, "zh", "2026-09-14"),
        (
            "a.md",
            "Anna Berg opened the mill at Lund on 4 May 1921, and paid three hundred crowns for its wheel.",
            {},
            "en",
            "",
        ),
        ("a.md", "# From 4 May 1921 to 7 June 1926\n\nText.", {}, "en", ""),
        ("01-journal-3-april.md", "# Journal, 3 April\n\nText.", {}, "en", ""),
        ("a.md", "Text.", {"date": "spring 1921"}, "en", ""),
        ("20261399.txt", "Text.", {}, "en", ""),
    ],
    ids=[
        *(
            "stated",
            "name-with-dashes",
            "name-in-figures",
            "head-of-a-chat",
            "letter",
            "german-letter",
            "chinese-heading",
        ),
        *("told-in-a-sentence", "two-dates", "without-a-year", "no-day", "no-date"),
    ],
)
def test_a_document_has_the_day_that_it_says(
    path: str, text: str, metadata: dict[str, Any], language: str, day: str
) -> None:
    assert document_date(path, text, metadata, language) == day


def test_yesterday_and_next_friday_are_near_and_next_month_is_not() -> None:
    near = days_near("2026-03-01")
    assert {"2026-02-28", "2026-03-06", "2026-02-15", "2026-03-15"} <= near
    assert "2026-03-16" not in near
    assert days_near("") == frozenset()


def test_the_writer_is_told_the_day_of_the_week() -> None:
    assert with_weekday("2026-09-14") == "2026-09-14 (Monday)"
