"""How alike two texts are, and where a quote stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.matching import find_piece, find_quote, rouge_l


@pytest.mark.parametrize(
    ("left", "right", "score"),
    [
        ("who kept the lamp", "who kept the lamp", 1.0),
        ("who kept it", "when did they go", 0.0),
        ("a b c d", "a x c y", 0.5),
        ("", "a", 0.0),
    ],
    ids=["equal", "nothing-shared", "half", "empty"],
)
def test_rouge_l_is_the_common_subsequence_over_the_mean_length(left: str, right: str, score: float) -> None:
    assert rouge_l(left, right) == pytest.approx(score)


SOURCE = "On Monday Bastow Pask bought the blue boat from Wenna Tolley. It was old."


@pytest.mark.parametrize(
    ("quote", "span"),
    [
        ("Bastow Pask bought the blue boat", "Bastow Pask bought the blue boat"),
        ("Bastow Pask boughs the blue boat", "Bastow Pask bought the blue boat"),
        ("bastow pask bought the blue boat from Wenna", "Bastow Pask bought the blue boat from Wenna"),
        ("The council met in the evening hall", None),
        ("boot", None),
        ("", None),
    ],
    ids=["verbatim", "letter-wrong", "case", "elsewhere", "too-short-for-near", "empty"],
)
def test_a_near_quote_is_replaced_by_the_sources_own_span(quote: str, span: str | None) -> None:
    found = find_quote(quote, SOURCE)
    assert (SOURCE[slice(*found)] if found else None) == span


@given(st.text(alphabet="abcde ABC.", min_size=1, max_size=80), st.data())
def test_a_verbatim_quote_is_found_as_it_is(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    a, b = find_quote(text[start:end], text)
    assert text[a:b] == text[start:end]


@pytest.mark.parametrize(
    ("piece", "text", "found"),
    [
        ("net loft", "In the Net Loft.", "Net Loft"),
        ("five", "fifty-five and fivefold", None),
        ("3", "35, 53 and 5.3 or 3.5", None),
        ("3", "In 1999, 3 boats.", "3"),
        ("sea", "seaside", None),
        ("年", "二〇二四年开了", "年"),
        ("", "anything", None),
    ],
    ids=["any-case", "in-a-number-word", "in-a-number", "a-number", "in-a-word", "no-spaces", "empty"],
)
def test_a_piece_stands_as_whole_words_and_numbers(piece: str, text: str, found: str | None) -> None:
    span = find_piece(piece, text)
    assert (text[slice(*span)] if span else None) == found
