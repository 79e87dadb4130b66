"""What is read from the CLDR."""

from __future__ import annotations

import pytest

from agents.text.locale_data import writing


@pytest.mark.parametrize(
    ("language", "decimal", "group"), [("en", ".", ","), ("de", ",", "."), ("fr", ",", " "), ("ja", ".", ",")]
)
def test_a_language_has_its_separators(language: str, decimal: str, group: str) -> None:
    assert (writing(language).decimal, writing(language).group) == (decimal, group)


def test_months_are_known_whole_and_short() -> None:
    assert writing("en").months["september"] == writing("en").months["sept"] == writing("en").months["sep"] == 9
    assert writing("de").month_names["März"] == 3


@pytest.mark.parametrize(("language", "word", "zeros"), [("en", "million", 6), ("fr", "mille", 3), ("zh", "亿", 8)])
def test_words_for_large_numbers_have_their_zeros(language: str, word: str, zeros: int) -> None:
    assert writing(language).scales[word] == zeros


def test_a_metre_is_no_million() -> None:
    assert "m" not in {**writing("en").letters, **writing("en").scales}


@pytest.mark.parametrize("language", ["", "xx", "not a language"])
def test_an_unknown_language_is_written_as_english(language: str) -> None:
    assert writing(language).months == writing("en").months
