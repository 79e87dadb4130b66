"""Sentences end where they end, and re-read by their offsets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.sentences import sentences

PIECES = st.lists(
    st.sampled_from(
        [
            "Ann sold it",
            "Dr. Hale",
            ". ",
            "! ",
            "? ",
            '"Go," she said',
            ".\n\n",
            "\n# Title\n",
            " 3 April",
            "- item",
            "…",
            "”",
            "A.",
            "\t",
        ]
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann sold it. Tom paid.", ["Ann sold it.", "Tom paid."]),
        ("Ann came in 1921. Łucja wrote. Émile paid.", ["Ann came in 1921.", "Łucja wrote.", "Émile paid."]),
        ("Dr. Hale came. He left.", ["Dr. Hale came.", "He left."]),
        ("J. Hale came.", ["J. Hale came."]),
        ('"Go now!" Ann said. She left.', ['"Go now!"', "Ann said.", "She left."]),
        ("# Journal\n\nAnn came", ["# Journal", "Ann came"]),
        ("It cost 3.50 in all. 4 paid.", ["It cost 3.50 in all.", "4 paid."]),
        (
            "ANN HALE: Is it --\nTOM REED: Yes.\nANN HALE: Good.",
            ["ANN HALE: Is it --", "TOM REED: Yes.", "ANN HALE: Good."],
        ),
        ("Prices:\n| oil | 9 |\n|---|---|\n| wick | 2 |", ["Prices:", "| oil | 9 |", "|---|---|", "| wick | 2 |"]),
        ("  ", []),
    ],
    ids=["two", "accents", "title", "initial", "quoted", "heading", "decimal", "transcript", "table", "blank"],
)
def test_sentences_end_where_they_end(text: str, expected: list[Any]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(PIECES.map("".join) | st.text(max_size=200))
def test_sentence_spans_re_read_and_leave_nothing_but_white_space(text: str) -> None:
    spans = sentences(text)
    at, left = 0, ""
    for start, end in spans:
        assert at <= start < end
        assert text[start:end] == text[start:end].strip()
        left += text[at:start]
        at = end
    assert (left + text[at:]).strip() == ""
