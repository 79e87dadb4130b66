"""Lines become one text: hyphens, Chinese and ligatures as they are read."""

from __future__ import annotations

import pytest

from graphs.corpus.readers.pdf_layout import joined
from graphs.corpus.readers.pdf_page import LIGATURES, NOT_TEXT


@pytest.mark.parametrize(
    ("above", "below", "whole"),
    [
        ("the light-", "house", "the lighthouse"),
        ("the light\u0002", "house", "the lighthouse"),
        ("the light\u00ad", "house", "the lighthouse"),
        ("Anna-", "Maria", "Anna-Maria"),
        ("Anna\ufffe", "Maria", "Anna-Maria"),
        ("from 1921 -", "1923", "from 1921 - 1923"),
        ("安娜开了", "磨坊", "安娜开了磨坊"),
        ("안나는", "방앗간을", "안나는 방앗간을"),
        ("the", "mill", "the mill"),
    ],
    ids=["hyphen", "pdfium's", "soft", "name", "name-soft", "dash", "chinese", "korean", "words"],
)
def test_two_lines_are_one_text(above: str, below: str, whole: str) -> None:
    assert joined(above, below) == whole


def test_ligatures_are_letters_and_nul_is_none() -> None:
    assert "o\ufb03ce \ufb01re\0".translate(LIGATURES).translate(NOT_TEXT) == "office fire"
