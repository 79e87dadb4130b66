"""Two texts that say the same become the same words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.marks.normalise import contains, tokens, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Four", "4", id="number word"),
        pytest.param("one hundred and eighteen steps", "118 steps", id="hundreds"),
        pytest.param("a hundred and ten", "110", id="a hundred"),
        pytest.param("Twenty-seven to nine", "27 to 9", id="hyphen"),
        pytest.param("two thousand and five", "2,005", id="thousands"),
        pytest.param("the 3rd of April", "3 April", id="ordinal"),
        pytest.param("April 3rd", "3 April", id="month first"),
        pytest.param("the first of May", "1 May", id="ordinal word"),
        pytest.param("the twenty-first of June", "21 June", id="compound ordinal"),
        pytest.param("The Tollin Light!", "tollin light", id="case, article, punctuation"),
        pytest.param("the baker’s shop", "the baker's shop", id="apostrophe"),
        pytest.param("cafe\u0301", "café", id="composed accent"),
    ],
)
def test_the_same_thing_said_differently_is_the_same(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("six two", "62", id="two units are two numbers"),
        pytest.param("first mate", "1 mate", id="an ordinal away from a month stays a word"),
        pytest.param("3 April", "4 April", id="days differ"),
        pytest.param("3 April", "3 May", id="months differ"),
    ],
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_a_needle_is_found_as_whole_consecutive_words_only() -> None:
    assert contains(["net", "loft"], ["loft"])
    assert not contains(["loftier"], ["loft"])
    assert not contains(["net", "old", "loft"], ["net", "loft"])
    assert not contains(["net"], [])


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        pytest.param("It ends on 3 May. Then it is quiet.", "..", id="a sentence behind it"),
        pytest.param("It ends on 3 May.", ".", id="the end"),
        pytest.param("It ends in Sept. 1902, on a Monday", ",", id="shortened, with a year"),
        pytest.param("On 3 Jan. he left", "", id="shortened, with a day"),
    ],
)
def test_a_full_stop_behind_a_month_ends_the_sentence_unless_it_goes_on(text: str, marks: str) -> None:
    assert "".join(token.raw for token in tokens(text) if token.kind == "mark") == marks


@given(st.text())
def test_any_text_becomes_words_and_contains_itself(text: str) -> None:
    found = words(text)
    assert all(word and not word.isspace() for word in found)
    assert contains(found, found) == bool(found)


@given(st.integers(0, 999_999))
def test_every_number_in_words_becomes_its_digits(number: int) -> None:
    assert words(spelled(number)) == (str(number),)


def spelled(number: int) -> str:
    """The number in English words."""
    units = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    )
    tens = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    if number < 20:
        return units.split()[number]
    if number < 100:
        return tens[number // 10] + (f"-{spelled(number % 10)}" if number % 10 else "")
    for scale, name in ((1000, "thousand"), (100, "hundred")):
        if number >= scale:
            rest = number % scale
            joint = " and " if rest < 100 else " "
            return f"{spelled(number // scale)} {name}" + (joint + spelled(rest) if rest else "")
    raise AssertionError


def test_a_list_of_citations_that_never_closes_is_read_at_once() -> None:
    began = time.perf_counter()
    tokens("The years were [" + ", ".join(str(year) for year in range(1840, 1870)) + " and")
    assert time.perf_counter() - began < 1
