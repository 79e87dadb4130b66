"""Extractions become one knowledge graph."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agents.extraction import Extraction, FoundEntity, FoundRelation
from agents.records import Chunk, Entity, Relation
from graphs.knowledge.merge import CO_MENTION_WEIGHT, MOST_TOGETHER, KnowledgeConfig, merge, to_graph

CONFIG = KnowledgeConfig(entity_types=["person", "thing"])
TEXTS = {
    "chunk-1": "# Journal\n\nBastow Pask met Wenna. They left.",
    "chunk-2": "Bastow sold the Boat to Wenna Tolley.",
    "chunk-3": "It rained on Wenna Tolley.",
}
CHUNKS = [Chunk(id=cid, document_id="doc-1", start=0, end=len(text), text=text) for cid, text in TEXTS.items()]


def found(*names: tuple[str, str], relations: tuple[()] | list[tuple[str, str, str]] = ()) -> Extraction:
    return Extraction(
        entities=[FoundEntity(name, kind) for name, kind in names], relations=[FoundRelation(*r) for r in relations]
    )


EXTRACTIONS = {
    "chunk-1": found(("Bastow Pask", "person"), ("Wenna", "person"), relations=[("Bastow Pask", "met", "Wenna")]),
    "chunk-2": found(
        ("Bastow", "person"),
        ("the boat", "Thing"),
        ("Wenna Tolley", "person"),
        ("Invented Name", "person"),
        relations=[
            ("Bastow", "sold", "the boat"),
            ("Bastow", "met", "Wenna Tolley"),
            ("Bastow", "met", "Nobody"),
            ("Bastow", "is", "Bastow Pask"),
        ],
    ),
    "chunk-3": found(),
}


@pytest.fixture(scope="module")
def merged() -> tuple[dict[str, Entity], list[Relation]]:
    found = merge(EXTRACTIONS, CHUNKS, CONFIG)
    return {e.name: e for e in found.entities}, found.relations


def test_a_one_word_name_joins_the_only_longer_one(merged: tuple[dict[str, Entity], list[Relation]]) -> None:
    entities, _ = merged
    assert set(entities) == {"Bastow Pask", "Wenna Tolley", "the boat"}
    assert entities["Bastow Pask"].aliases == ["Bastow"]


def test_an_ambiguous_short_name_stays_alone() -> None:
    chunk = Chunk(id="chunk-1", document_id="doc-1", start=0, end=1, text="Ann Hale and Ann Reed saw Ann.")
    there = merge(
        {"chunk-1": found(("Ann Hale", "person"), ("Ann Reed", "person"), ("Ann", "person"))}, [chunk], CONFIG
    )
    assert sorted(e.name for e in there.entities) == ["Ann", "Ann Hale", "Ann Reed"]


def test_every_chunk_that_mentions_an_entity_is_found_also_where_it_was_not_extracted(
    merged: tuple[dict[str, Entity], list[Relation]],
) -> None:
    entities, _ = merged
    assert entities["Wenna Tolley"].chunk_ids == ["chunk-1", "chunk-2", "chunk-3"]
    assert entities["the boat"].chunk_ids == ["chunk-2"]


@pytest.mark.parametrize(
    "name", ["Dear Madam", "Mister", "First"], ids=["salutation", "form-of-address", "common-word"]
)
def test_what_names_nobody_is_no_entity(name: str) -> None:
    text = f"Dear Madam,\n\n{name} came Ann. At first Mister Hale was late."
    chunk = Chunk(id="chunk-1", document_id="doc-1", start=0, end=len(text), text=text)
    there = merge({"chunk-1": found((name, "person"), ("Mister Hale", "person"))}, [chunk], CONFIG)
    assert [e.name for e in there.entities] == ["Mister Hale"]


def test_a_name_that_stands_in_no_chunk_was_made_up(merged: tuple[dict[str, Entity], list[Relation]]) -> None:
    assert "Invented Name" not in merged[0]


def test_descriptions_are_quoted_from_the_text_without_headings(
    merged: tuple[dict[str, Entity], list[Relation]],
) -> None:
    assert merged[0]["Bastow Pask"].description == "Bastow Pask met Wenna. Bastow sold the Boat to Wenna Tolley."


def test_types_are_the_configured_ones(merged: tuple[dict[str, Entity], list[Relation]]) -> None:
    assert merged[0]["the boat"].type == "thing"


def test_relations_join_known_ends_and_count_their_chunks(merged: tuple[dict[str, Entity], list[Relation]]) -> None:
    entities, relations = merged
    by_ends = {(r.source, r.target): r for r in relations}
    bastow, wenna, boat = (entities[name].id for name in ("Bastow Pask", "Wenna Tolley", "the boat"))
    assert set(by_ends) == {(bastow, wenna), (bastow, boat)}
    met = by_ends[(bastow, wenna)]
    assert (met.weight, met.chunk_ids) == (2.0, ["chunk-1", "chunk-2"])
    assert met.description == "Bastow Pask met Wenna; Bastow met Wenna Tolley"


def test_the_order_of_extractions_changes_nothing() -> None:
    backwards = dict(reversed(EXTRACTIONS.items()))
    assert merge(backwards, CHUNKS, CONFIG) == merge(EXTRACTIONS, CHUNKS, CONFIG)


def test_the_graph_adds_relations_and_co_mentions(merged: tuple[dict[str, Entity], list[Relation]]) -> None:
    entities, relations = merged
    graph = to_graph(list(entities.values()), relations)
    bastow, wenna, boat = (entities[name].id for name in ("Bastow Pask", "Wenna Tolley", "the boat"))
    assert graph[bastow][wenna]["weight"] == 2.0 + 2 * CO_MENTION_WEIGHT
    assert graph[wenna][boat]["weight"] == CO_MENTION_WEIGHT
    assert graph.nodes[boat]["name"] == "the boat"


def test_every_merge_is_kept_with_its_rule_and_chunks() -> None:
    merges = merge(EXTRACTIONS, CHUNKS, CONFIG).merges
    assert [(m.name, m.merged, m.rule, m.chunk_ids) for m in sorted(merges, key=lambda m: m.name)] == [
        ("Bastow Pask", "Bastow", "part of the name", ["chunk-2"]),
        ("Wenna Tolley", "Wenna", "part of the name", ["chunk-1"]),
    ]


def test_a_merge_is_undone_by_name_and_another_made() -> None:
    undone = KnowledgeConfig(
        entity_types=["person", "thing"], keep_apart=[["bastow", "Bastow Pask"]], merge=[["the boat", "WENNA"]]
    )
    names = {e.name: e.aliases for e in merge(EXTRACTIONS, CHUNKS, undone).entities}
    assert "Bastow" in names
    assert names["Bastow Pask"] == []
    assert names["Wenna Tolley"] == ["Wenna", "the boat"]


def test_a_configured_name_that_no_chunk_names_is_told() -> None:
    assert merge(EXTRACTIONS, CHUNKS, KnowledgeConfig(keep_apart=[["Bastow", "Bastov Pask"]])).unknown == [
        "Bastov Pask"
    ]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"merge": [["Ann"]]}, "two or more names"),
        ({"keep_apart": [["The Boat", "boat"]]}, "differ by more than case"),
        (
            {"merge": [["Ann", "Ann Hale"], ["Ann Hale", "A. Hale"]], "keep_apart": [["ANN", "A. Hale"]]},
            "stand in merge and in keep_apart",
        ),
    ],
    ids=["one-name", "same-name", "contradiction"],
)
def test_lists_of_names_that_make_no_sense_are_refused(config: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KnowledgeConfig(**config)


def test_a_configured_type_is_kept_as_it_is_written() -> None:
    chunk = Chunk(id="chunk-1", document_id="doc-1", start=0, end=1, text="The Treaty of Marrow was signed.")
    (entity,) = merge(
        {"chunk-1": found(("Treaty of Marrow", "treaty"))}, [chunk], KnowledgeConfig(entity_types=["Treaty", "person"])
    ).entities
    assert entity.type == "Treaty"


def test_a_chunk_that_lists_hundreds_of_names_pairs_the_rarest_only() -> None:
    listed = [
        Entity(
            id=f"e{n:03}", name=f"e{n}", type="thing", description="", chunk_ids=["chunk-1", "chunk-2"][: 1 + (n < 100)]
        )
        for n in range(300)
    ]
    graph = to_graph(listed, [])
    assert graph.number_of_edges() == MOST_TOGETHER * (MOST_TOGETHER - 1)
    assert graph.degree["e100"] == MOST_TOGETHER - 1
