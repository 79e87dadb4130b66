"""Described subjects of chunks become entities and relations: joined by name, nothing resolved, nothing checked."""

from __future__ import annotations

from agents.roles.paper import Subject
from graphs.knowledge.merge import MOST_DESCRIPTION
from graphs.paper.subjects import join


def entity(name: str, description: str = "told", kind: str = "person") -> Subject:
    return Subject((name,), kind, description)


def relation(source: str, target: str, description: str = "joined") -> Subject:
    return Subject((source, target), "", description)


def test_names_that_differ_in_case_alone_are_one_and_their_descriptions_are_joined_in_the_order_of_the_corpus() -> None:
    told = {
        "b": [entity("ANN HALE", "Ann left.")],
        "a": [entity("Ann Hale", "Ann came."), entity("Ann Hale", "Ann came.")],
    }
    (found,), relations = join(told, ["a", "b"])
    assert (found.name, found.aliases, found.description, found.chunk_ids) == (
        "Ann Hale",
        ["ANN HALE"],
        "Ann came. Ann left.",
        ["a", "b"],
    )
    assert relations == []


def test_a_first_name_alone_stays_another_entity() -> None:
    found, _ = join({"a": [entity("Ann Hale"), entity("Ann")]}, ["a"])
    assert {e.name for e in found} == {"Ann", "Ann Hale"}


def test_the_commonest_type_stands() -> None:
    (found,), _ = join(
        {"a": [entity("Marrow", kind="geo"), entity("Marrow", kind="food"), entity("Marrow", kind="geo")]}, ["a"]
    )
    assert found.type == "geo"


def test_a_relation_has_no_direction_and_one_to_no_entity_is_left_out() -> None:
    told = {
        "a": [
            entity("Ann"),
            entity("Tom"),
            relation("Ann", "Tom", "sold to"),
            relation("Ann", "Nobody"),
            relation("Ann", "ann"),
        ],
        "b": [relation("Tom", "Ann", "paid")],
    }
    entities, (found,) = join(told, ["a", "b"])
    ids = {e.name: e.id for e in entities}
    assert (found.source, found.target, found.description, found.weight, found.chunk_ids) == (
        ids["Ann"],
        ids["Tom"],
        "sold to paid",
        2.0,
        ["a", "b"],
    )


def test_a_joined_description_has_an_end() -> None:
    (found,), _ = join({str(n): [entity("Ann", f"{n} " * 200)] for n in range(9)}, [str(n) for n in range(9)])
    assert len(found.description) == MOST_DESCRIPTION
