"""Names are shown on one line."""

from __future__ import annotations

import pytest

from agents.text.printable import printable


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb.md", "a\\nb.md"),
        ("a\x1b[31m.md", "a\\x1b[31m.md"),
        ("a\u2028b", "a\\u2028b"),
        ("caf\udce9", "caf\\udce9"),
        ("Grüße\u202f👩‍🌾.md", "Grüße\u202f👩‍🌾.md"),
    ],
    ids=["line-break", "terminal-escape", "line-separator", "broken-character", "letters-of-all-kinds"],
)
def test_a_name_is_shown_on_one_line(name: str, shown: str) -> None:
    assert printable(name) == shown
