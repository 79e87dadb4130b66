"""The fast method: names by rules, related by standing in one sentence; no model."""

from __future__ import annotations

import pytest

from agents.extraction import FoundRelation
from agents.roles.extractor import ENTITY_TYPES
from agents.text.fast_extractor import BESIDE, MOST_ENTITIES, find

TEXT = (
    "Yesterday Wenna Tolley met Bastow Pask in Marrow. On Monday Bastow Pask said nothing. The Ambry Institute paid "
    "for the lens. Nobody saw that the lens was cracked; nobody had looked at the lens. Mr. J. Orme went home on 3 "
    "April, and it was not yesterday."
)
FOUND = find(TEXT, ENTITY_TYPES)


def test_names_are_found_with_a_type_guessed_from_what_stands_beside_them() -> None:
    assert {e.name: e.type for e in FOUND.entities} == {
        "Wenna Tolley": "person",
        "Bastow Pask": "person",
        "Marrow": "place",
        "Ambry Institute": "organization",
        "J. Orme": "person",
        "lens": "thing",
    }


def test_names_of_one_sentence_are_related() -> None:
    assert FoundRelation("Wenna Tolley", "met", "Bastow Pask") in FOUND.relations
    assert FoundRelation("Bastow Pask", BESIDE, "Marrow") in FOUND.relations
    assert FoundRelation("Bastow Pask", BESIDE, "Ambry Institute") not in FOUND.relations


def test_the_speaker_of_a_turn_is_a_person() -> None:
    found = find("KEVIN SANDELL: I came to Marrow.\nORLA DUNN: Kevin did.", ENTITY_TYPES)
    assert {(e.name, e.type) for e in found.entities} >= {
        ("KEVIN SANDELL", "person"),
        ("ORLA DUNN", "person"),
        ("Marrow", "place"),
    }


def test_types_are_the_configured_ones() -> None:
    assert {e.type for e in find(TEXT, ["Person", "other"]).entities} == {"Person", "other"}


@pytest.mark.parametrize(
    "text",
    ["", "It rained and it rained.", "x = {'name': [1, 2]}", "| a | b |\n|---|---|"],
    ids=["empty", "prose", "code", "table"],
)
def test_a_chunk_with_nothing_to_say_gives_nothing(text: str) -> None:
    assert find(text, ENTITY_TYPES).entities == []


def test_a_chunk_of_many_names_gives_the_most_frequent() -> None:
    found = find("".join(f"Al{chr(97 + n)} Mo{chr(97 + n)} left. " * (1 + n) for n in range(20)), ENTITY_TYPES)
    assert len(found.entities) == MOST_ENTITIES
    assert found.entities[0].name == "Alt Mot"
