"""Names of people: joined where one fits, apart where two do.

The measure of the rules is bench/quality/resolution.py.
"""

from __future__ import annotations

import pytest

from tests.graphs.knowledge.entity_scenes import keys, resolve


@pytest.mark.parametrize(
    ("short", "full", "rule"),
    [
        ("KEVIN SANDELL", "Kevin Sandell", "spelling"),
        ("Dr. Jane Miller", "Jane Miller", "title"),
        ("Captain Sandell", "Kevin Sandell", "title"),
        ("Sandell, Kevin", "Kevin Sandell", "order of names"),
        ("J. Miller", "Jane Miller", "initials"),
        ("Jane Miller", "Jane Anne Miller", "part of the name"),
        ("Bill Harker", "William Harker", "diminutive"),
        ("Kevin", "Kevin Sandell", "part of the name"),
        ("Sandell", "Kevin Sandell", "part of the name"),
    ],
)
def test_a_name_joins_the_only_person_it_fits(short: str, full: str, rule: str) -> None:
    there = resolve([f"person: {full}"], [f"person: {short}"])
    left, right = keys(there, (short, 1), (full, 0))
    assert left is not None
    assert left == right
    assert (
        there.rule_of(left if rule == "spelling" else short.casefold().replace(".", "").replace(",", ""), "chunk-1")
        == rule
    )


@pytest.mark.parametrize(
    ("line", "left", "right"),
    [
        (["person: Mr. Hale", "person: Mrs. Hale", "person: Ann Hale"], "Mr. Hale", "Mrs. Hale"),
        (["person: Mr. Alex Reed", "person: Mrs. Alex Reed"], "Mr. Alex Reed", "Mrs. Alex Reed"),
        (["person: J. Miller", "person: Jane Miller", "person: John Miller"], "J. Miller", "Jane Miller"),
        (["person: Bill Harker", "person: William Harker"], "Bill Harker", "William Harker"),
        (["person: Ann Hale", "person: Tom Hale", "person: Hale"], "Hale", "Ann Hale"),
        (["person: Captain Hale", "person: Tom Hale", "person: Ann Hale"], "Captain Hale", "Tom Hale"),
        (["person: Captain Tom", "person: Tom Hale"], "Captain Tom", "Tom Hale"),
        (["place: Florence", "person: Florence Kell"], "Florence", "Florence Kell"),
        (["person: Tom Hale Jr.", "person: Tom Hale Sr."], "Tom Hale Jr.", "Tom Hale Sr."),
    ],
    ids=[
        "couple",
        "couple-of-one-name",
        "two-fit",
        "side-by-side",
        "family",
        "captain-of-two",
        "captain-of-a-first-name",
        "a-place",
        "father-and-son",
    ],
)
def test_what_may_be_two_stays_apart(line: list[str], left: str, right: str) -> None:
    assert len(set(keys(resolve(line), (left, 0), (right, 0)))) == 2
