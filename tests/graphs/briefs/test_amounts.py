"""Amounts are read in digits and in words."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.briefs.amounts import amounts_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The price rose to one hundred and ten crowns.", {"crown": (110, "crowns")}),
        ("It has 8.5 million lights and 2,000 lamps.", {"light": (8_500_000, "lights"), "lamp": (2000, "lamps")}),
        ("Two coppers, then three coppers.", {"copper": (2, "coppers")}),
        ("He kept it for thirty-one years.", {"year": (31, "years")}),
        ("There was one was: version 2.1.3 is twenty this time.", {}),
    ],
    ids=["words", "scale-and-separators", "the-first", "hyphen", "no-amount"],
)
def test_what_is_counted_and_how_many(text: str, found: dict[str, Any]) -> None:
    assert amounts_in(text) == found
