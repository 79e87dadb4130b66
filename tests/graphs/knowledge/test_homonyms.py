"""Homonyms: split by type and neighbourhood, and not by a slip of the extractor."""

from __future__ import annotations

from graphs.knowledge.homonyms import Homonyms

HERE = {f"chunk-{n}": f"doc-{n}" for n in range(5)}


def homonyms(*lines: list[tuple[str, str]]) -> Homonyms:
    return Homonyms([(f"chunk-{n}", form, kind) for n, line in enumerate(lines) for kind, form in line], HERE)


RIVER = [("place", "jordan"), ("place", "petrin")]
MAN = [("person", "jordan"), ("person", "orla dunn")]


def test_a_name_of_two_types_beside_different_names_is_two_things() -> None:
    there = homonyms(RIVER, RIVER, MAN, MAN)
    assert [there.of("jordan", f"chunk-{n}") for n in range(5)] == ["jordan (place)"] * 2 + ["jordan"] * 3


def test_one_odd_type_is_a_slip() -> None:
    there = homonyms(RIVER, RIVER, MAN)
    assert {there.of("jordan", f"chunk-{n}") for n in range(3)} == {"jordan"}


def test_two_types_beside_the_same_names_are_one_thing() -> None:
    ship, company = (
        [("thing", "quenn marl"), ("person", "skane")],
        [("organization", "quenn marl"), ("person", "skane")],
    )
    assert homonyms(ship, ship, company, company).of("quenn marl", "chunk-2") == "quenn marl"
