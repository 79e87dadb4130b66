"""Equal, in doubt, or two: which pairs of names a model is asked about."""

from __future__ import annotations

import pytest

from tests.graphs.knowledge.entity_scenes import keys, merging, resolve

Scene = tuple[str, str, str]  # kind, left, right


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("person", "KEVIN SANDELL", "Kevin Sandell"),
        ("person", "Dr. Jane Miller", "Jane Miller"),
        ("person", "Sandell, Kevin", "Kevin Sandell"),
        ("person", "Kevin's", "Kevin"),
        ("organization", "Norvik Labs Inc.", "Norvik Labs"),
        ("thing", "drift nets", "the drift net"),
    ],
    ids=["case", "title", "order", "possessive", "legal-form", "plural"],
)
def test_names_that_are_equal_once_normalised_are_one_without_a_question(kind: str, left: str, right: str) -> None:
    there = resolve([f"{kind}: {left}"], [f"{kind}: {right}"])
    assert len(set(keys(there, (left, 0), (right, 1)))) == 1
    assert there.doubtful() == []


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [("person", "Mr. Alex Reed", "Mrs. Alex Reed"), ("organization", "Norvik Labs Ltd", "Norvik Labs GmbH")],
    ids=["a-couple", "two-companies"],
)
def test_two_titles_or_legal_forms_leave_equal_names_in_doubt(kind: str, left: str, right: str) -> None:
    there = resolve([f"{kind}: {left}"], [f"{kind}: {right}"])
    assert len(set(keys(there, (left, 0), (right, 1)))) == 2
    assert len(there.doubtful()) == 1


@pytest.mark.parametrize(
    ("kind", "short", "full", "reason", "by_rule"),
    [
        ("person", "Kevin", "Kevin Sandell", "part of the name", True),
        ("person", "Captain Sandell", "Kevin Sandell", "part of the name", True),
        ("person", "J. Miller", "Jane Miller", "part of the name", True),
        ("person", "Jane Miller", "Jane Anne Miller", "part of the name", True),
        ("person", "Tom Hale", "Tom Hale Jr.", "part of the name", False),
        ("person", "Kevin", "Kevin's sister", "part of the name", False),
        ("person", "Bill Harker", "William Harker", "part of the name", True),
        ("person", "Billy", "William Harker", "part of the name", False),
        ("person", "Orla Dun", "Orla Dunn", "part of the name", False),
        ("person", "Ann Hale", "Anna Hale", "part of the name", False),
        ("person", "@orladunn", "Orla Dunn", "alike", False),
        ("organization", "Univ. of Norvik", "University of Norvik", "part of the name", False),
        ("organization", "Norvik", "Norvik Labs", "part of the name", True),
        ("organization", "NMT", "Norvik Museum of Tides", "acronym", True),
        ("organization", "N.M.T.", "Norvik Museum of Tides", "acronym", True),
        ("organization", "AI", "Ambry Institute", "acronym", False),
        ("place", "Marrow", "Marrow Bay", "part of the name", False),
        ("thing", "the lens", "Tollin lens", "part of the name", True),
        ("thing", "the lens", "lens blank", "part of the name", False),
    ],
)
def test_what_shares_words_or_letters_is_in_doubt_and_the_rule_takes_the_plainest_for_one(
    kind: str, short: str, full: str, reason: str, by_rule: bool
) -> None:
    there = merging([f"{kind}: {short}"], [f"{kind}: {full}"])
    ((left, right, why),) = there.pairs
    assert [there.names[left].spelling, there.names[right].spelling, why] == [short, full, reason]
    assert bool(there.likely()) is by_rule


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("person: Ann Hale", "person: Tom Hale"),
        ("person: Reed", "person: Reid"),
        ("person: J. R. Okafor", "person: James Paul Okafor"),
        ("place: Norvik", "organization: Norvik Labs"),
        ("place: Florence", "person: Florence Kell"),
        ("thing: Apollon 11", "thing: Apollon 12"),
        ("thing: Version 2", "thing: Version 2.1"),
        ("place: Gull Point", "place: Gull Pond"),
        ("place: 東浜市", "place: 西浜市"),
    ],
    ids=["family", "surnames", "middle-name", "types", "person-and-place", "numbers", "versions", "words", "signs"],
)
def test_what_shares_too_little_is_two_without_a_question(left: str, right: str) -> None:
    assert merging([left], [right]).pairs == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Margaret Hale, known as Snake, ran the mill.", True),
        ("Margaret Hale (Snake) ran the mill.", True),
        ("Margaret Hale, née Snake, ran the mill.", True),
        ("Margaret Hale and Snake ran the mill.", False),
        ("Margaret Hale, and Snake, ran the mill.", False),
        ("Margaret Hale, Snake and others ran the mill.", False),
    ],
    ids=["known-as", "brackets", "another-language", "and", "a-list-with-and", "a-list"],
)
def test_a_text_that_calls_one_thing_by_two_names_is_asked_about(text: str, asked: bool) -> None:
    there = merging(["person: Margaret Hale", "person: Snake"], texts=[text])
    assert [pair.reason for pair in there.pairs] == ["told in the text"] * asked


def test_a_pair_that_a_person_keeps_apart_is_not_asked_about() -> None:
    lines = ["person: Kevin", "person: Kevin Sandell"]
    assert len(resolve(lines).doubtful()) == 1
    assert resolve(lines, keep_apart=[["Kevin", "Kevin Sandell"]]).doubtful() == []


def test_two_that_stand_on_one_page_are_two_by_rule_though_one_name_is_short_for_the_other() -> None:
    assert merging(["person: Bill Harker", "person: William Harker"]).likely() == []
