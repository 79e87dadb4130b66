"""Extractions become one knowledge graph."""

import pytest

from agents.extractor import Extraction, FoundEntity, FoundRelation
from agents.records import Chunk
from graphs.knowledge import CO_MENTION_WEIGHT, canonical, merge, to_graph

TEXTS = {
    "chunk-1": "# Journal\n\nBastow Pask met Wenna. They left.",
    "chunk-2": "Bastow sold the Boat to Wenna Tolley.",
    "chunk-3": "It rained on Wenna Tolley.",
}
CHUNKS = [Chunk(id=cid, document_id="doc-1", start=0, end=len(text), text=text) for cid, text in TEXTS.items()]


def found(*names, relations=()):
    return Extraction(entities=[FoundEntity(name, kind) for name, kind in names], relations=[FoundRelation(*r) for r in relations])


EXTRACTIONS = {
    "chunk-1": found(("Bastow Pask", "person"), ("Wenna", "person"), relations=[("Bastow Pask", "met", "Wenna")]),
    "chunk-2": found(
        ("Bastow", "person"),
        ("the boat", "Thing"),
        ("Wenna Tolley", "person"),
        ("Invented Name", "person"),
        relations=[("Bastow", "sold", "the boat"), ("Bastow", "met", "Wenna Tolley"), ("Bastow", "met", "Nobody"), ("Bastow", "is", "Bastow Pask")],
    ),
    "chunk-3": found(),
}


@pytest.fixture(scope="module")
def merged():
    entities, relations = merge(EXTRACTIONS, CHUNKS, ["person", "thing"])
    return {e.name: e for e in entities}, relations


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("The Boat", "boat", True), ("Gull-Point", "gull point", True), ("Ann", "Anna", False), ("a mill", "an mill", True)],
    ids=["article-case", "punctuation", "another-name", "articles"],
)
def test_names_are_compared_folded(left, right, same):
    assert (canonical(left) == canonical(right)) is same


def test_a_one_word_name_joins_the_only_longer_one(merged):
    entities, _ = merged
    assert set(entities) == {"Bastow Pask", "Wenna Tolley", "the boat"}
    assert entities["Bastow Pask"].aliases == ["Bastow"]


def test_an_ambiguous_short_name_stays_alone():
    chunk = Chunk(id="chunk-1", document_id="doc-1", start=0, end=1, text="Ann Hale and Ann Reed saw Ann.")
    entities, _ = merge({"chunk-1": found(("Ann Hale", "person"), ("Ann Reed", "person"), ("Ann", "person"))}, [chunk], ["person"])
    assert sorted(e.name for e in entities) == ["Ann", "Ann Hale", "Ann Reed"]


def test_every_chunk_that_mentions_an_entity_is_found_also_where_it_was_not_extracted(merged):
    entities, _ = merged
    assert entities["Wenna Tolley"].chunk_ids == ["chunk-1", "chunk-2", "chunk-3"]
    assert entities["the boat"].chunk_ids == ["chunk-2"]


def test_a_name_that_stands_in_no_chunk_was_made_up(merged):
    assert "Invented Name" not in merged[0]


def test_descriptions_are_quoted_from_the_text_without_headings(merged):
    assert merged[0]["Bastow Pask"].description == "Bastow Pask met Wenna. Bastow sold the Boat to Wenna Tolley."


def test_types_are_the_configured_ones(merged):
    assert merged[0]["the boat"].type == "thing"


def test_relations_join_known_ends_and_count_their_chunks(merged):
    entities, relations = merged
    by_ends = {(r.source, r.target): r for r in relations}
    bastow, wenna, boat = (entities[name].id for name in ("Bastow Pask", "Wenna Tolley", "the boat"))
    assert set(by_ends) == {(bastow, wenna), (bastow, boat)}
    met = by_ends[(bastow, wenna)]
    assert (met.weight, met.chunk_ids) == (2.0, ["chunk-1", "chunk-2"])
    assert met.description == "Bastow Pask met Wenna; Bastow met Wenna Tolley"


def test_the_order_of_extractions_changes_nothing():
    backwards = dict(reversed(EXTRACTIONS.items()))
    assert merge(backwards, CHUNKS, ["person", "thing"]) == merge(EXTRACTIONS, CHUNKS, ["person", "thing"])


def test_the_graph_adds_relations_and_co_mentions(merged):
    entities, relations = merged
    graph = to_graph(list(entities.values()), relations)
    bastow, wenna, boat = (entities[name].id for name in ("Bastow Pask", "Wenna Tolley", "the boat"))
    assert graph[bastow][wenna]["weight"] == 2.0 + 2 * CO_MENTION_WEIGHT
    assert graph[wenna][boat]["weight"] == CO_MENTION_WEIGHT
    assert graph.nodes[boat]["name"] == "the boat"
