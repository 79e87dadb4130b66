"""Names of what is no person. The measure of the rules is bench/quality/resolution.py."""

from __future__ import annotations

import pytest

from tests.graphs.knowledge.entity_scenes import keys, resolve


@pytest.mark.parametrize(
    ("line", "text", "short", "full", "rule"),
    [
        (
            ["organization: Norvik Labs Inc.", "organization: Norvik Labs"],
            None,
            "Norvik Labs Inc.",
            "Norvik Labs",
            "legal form",
        ),
        (["place: City of Ostrey", "place: Ostrey"], None, "City of Ostrey", "Ostrey", "kind of place"),
        (["thing: ferry Kittiwake", "thing: Kittiwake"], None, "ferry Kittiwake", "Kittiwake", "kind in front"),
        (
            ["organization: OHA", "organization: Ostrey Harbour Authority"],
            None,
            "OHA",
            "Ostrey Harbour Authority",
            "acronym",
        ),
        (["thing: lens", "thing: Tollin lens"], None, "lens", "Tollin lens", "part of the name"),
        (["organization: Norvik", "organization: Norvik Labs"], None, "Norvik", "Norvik Labs", "part of the name"),
        (
            ["thing: Old Tub", "thing: Kittiwake"],
            "The Kittiwake, also known as the Old Tub, sank.",
            "Old Tub",
            "Kittiwake",
            "told in the text",
        ),
        (
            ["thing: tub", "thing: Kittiwake"],
            "A tub (short) is short for Kittiwake. The word tub is short for Kittiwake.",
            "tub",
            "Kittiwake",
            "told in the text",
        ),
    ],
)
def test_a_name_joins_the_only_thing_it_fits(
    line: list[str], text: str | None, short: str, full: str, rule: str
) -> None:
    there = resolve(line, texts=[text] if text else None)
    assert len(set(keys(there, (short, 0), (full, 0)))) == 1
    assert there.rule_of(short.casefold().strip("."), "chunk-0") == rule


@pytest.mark.parametrize(
    ("line", "text", "left", "right"),
    [
        (["place: Norvik", "organization: Norvik Labs"], None, "Norvik", "Norvik Labs"),
        (["place: Marrow", "place: New Marrow", "place: Marrow Bay"], None, "Marrow", "New Marrow"),
        (
            ["organization: council", "organization: Ostrey council", "organization: Marrow council"],
            None,
            "council",
            "Ostrey council",
        ),
        (
            ["organization: OHA", "organization: Ostrey Harbour Authority", "organization: Ombrel Herring Association"],
            None,
            "OHA",
            "Ostrey Harbour Authority",
        ),
        (
            ["place: Ostrey", "place: Ostrey, Norland", "place: Ostrey, Sandmark"],
            None,
            "Ostrey, Norland",
            "Ostrey, Sandmark",
        ),
        (
            ["person: Kevin Sandell", "organization: Norvik Labs"],
            "Kevin Sandell (Norvik Labs) spoke.",
            "Kevin Sandell",
            "Norvik Labs",
        ),
        (["person: Ann Hale", "person: Tom Reed"], "Ann Hale called Tom Reed.", "Ann Hale", "Tom Reed"),
    ],
    ids=["types", "places", "two-fit", "two-acronyms", "two-towns", "affiliation", "a-call"],
)
def test_what_may_be_two_things_stays_apart(line: list[str], text: str | None, left: str, right: str) -> None:
    assert len(set(keys(resolve(line, texts=[text] if text else None), (left, 0), (right, 0)))) == 2
