"""Names taken apart: what is folded, what is a title, what fits what."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.knowledge.names import (
    acronym,
    canonical,
    fits,
    initials,
    is_common,
    person,
    place_alone,
    without_kind,
    without_legal_form,
)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("The Boat", "boat", True),
        ("Gull-Point", "gull point", True),
        ("Ann", "Anna", False),
        ("a mill", "an mill", True),
        ("José Núñez", "JOSE NUNEZ", True),
        ("Groß & Söhne", "gross and sohne", True),
        ("東浜市", "西浜市", False),
        ("Ann's house", "Ann", False),
    ],
    ids=["article-case", "punctuation", "another-name", "articles", "accents", "ampersand", "signs", "possessive"],
)
def test_names_are_compared_folded(left: str, right: str, same: bool) -> None:
    assert (canonical(left) == canonical(right)) is same


@pytest.mark.parametrize(
    ("name", "given", "surname", "suffix", "title"),
    [
        ("Dr. Jane A. Miller", ("jane", "a"), "miller", "", "dr"),
        ("Miller, Jane", ("jane",), "miller", "", ""),
        ("Tom Hale Jr.", ("tom",), "hale", "jr", ""),
        ("Pieter van Houten", ("pieter",), "van houten", "", ""),
        ("van Houten", (), "van houten", "", ""),
        ("Captain Skane", (), "skane", "", "captain"),
    ],
    ids=["title", "order", "suffix", "particle", "particle-alone", "title-alone"],
)
def test_a_person_is_taken_apart(name: str, given: tuple[Any, ...], surname: str, suffix: str, title: str) -> None:
    found = person(name)
    assert found is not None
    assert (found.given, found.surname, found.suffix, found.title) == (given, surname, suffix, title)


@pytest.mark.parametrize("name", ["Captain", "Ann's house", ""], ids=["a-title-alone", "possessive", "empty"])
def test_what_is_nobodys_name_is_not_taken_apart(name: str) -> None:
    assert person(name) is None


@pytest.mark.parametrize(
    ("short", "full", "fit"),
    [
        ("J. Miller", "Jane Miller", True),
        ("J. R. Okafor", "James Robert Okafor", True),
        ("Bill Harker", "William Harker", True),
        ("Jane Miller", "Jane Anne Miller", True),
        ("J. R. Okafor", "James Paul Okafor", False),
        ("Bob Tarrow", "Rupert Tarrow", False),
        ("Tom Hale Jr.", "Tom Hale Sr.", False),
        ("Mr. J. Miller", "Mrs. Jane Miller", False),
    ],
    ids=[
        "letter",
        "letters",
        "diminutive",
        "middle",
        "another-middle",
        "no-diminutive",
        "father-and-son",
        "mr-and-mrs",
    ],
)
def test_a_briefer_name_fits_a_fuller_one(short: str, full: str, fit: bool) -> None:
    left, right = person(short), person(full)
    assert left
    assert right
    assert fits(left, right) is fit


def test_acronyms_are_capitals_and_may_leave_small_words_out() -> None:
    assert [acronym(name) for name in ("OHA", "N.M.T.", "Kevin", "A")] == ["oha", "nmt", "", ""]
    assert initials("norvik museum of tides") == {"nmot", "nmt"}
    assert initials("norvik") == set()


def test_what_only_says_the_kind_is_taken_off() -> None:
    assert without_legal_form("norvik labs inc") == "norvik labs"
    assert [place_alone(name) for name in ("City of Ostrey", "Ostrey, Norland", "New Marrow")] == [
        "ostrey",
        "ostrey",
        "new marrow",
    ]
    assert [without_kind(name) for name in ("the ferry Kittiwake", "north Ostrey", "van Houten")] == [
        "kittiwake",
        "north ostrey",
        "van houten",
    ]
    assert [is_common(name) for name in ("lens", "the Institute", "Norvik", "harbour meeting")] == [
        True,
        True,
        False,
        False,
    ]
