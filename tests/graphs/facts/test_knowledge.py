"""Facts of many pages as one knowledge: the same fact once, names by their entities, relations in the facts' words."""

from __future__ import annotations

from agents.facts import Fact, Name, Part, Passage
from agents.records import Chunk, Entity, Evidence
from graphs.facts.knowledge import canonical_facts, entities_by_name, merged_facts, merging_of, relations_of
from graphs.knowledge.merge import KnowledgeConfig


def fact(number: int, page: str, statement: str = "Ann Hale sold the mill.", **changes: object) -> Fact:
    span = Evidence(chunk_id=page, start=0, end=len(statement), quote=statement)
    return Fact(id=f"fact-{number}", statement=statement, evidence=[span]).model_copy(update=changes)


def entity(eid: str, name: str, *aliases: str, chunks: tuple[str, ...] = ("a",)) -> Entity:
    return Entity(id=eid, name=name, type="person", description="", aliases=list(aliases), chunk_ids=list(chunks))


def test_the_same_fact_of_five_pages_is_one_with_five_pieces_of_evidence() -> None:
    found = merged_facts(Passage(chunk_id=page, facts=[fact(1, page)]) for page in "abcde")
    assert [(one.id, [e.chunk_id for e in one.evidence]) for one in found] == [("fact-1", [*"abcde"])]


def test_a_page_that_is_read_twice_is_one_piece_of_evidence() -> None:
    assert len(merged_facts([Passage(chunk_id="a", facts=[fact(1, "a"), fact(1, "a")])])[0].evidence) == 1


def test_a_merged_fact_has_the_parts_names_and_date_of_all_its_pages() -> None:
    first = fact(1, "a", parts=[Part(kind="person", text="Ann Hale")], entities=["Ann Hale"])
    again = fact(
        1,
        "b",
        parts=[Part(kind="person", text="Ann Hale"), Part(kind="thing", text="mill")],
        entities=["Ann Hale", "mill"],
        date="2024-05-01",
    )
    (one,) = merged_facts([Passage(chunk_id="a", facts=[first]), Passage(chunk_id="b", facts=[again])])
    assert [part.text for part in one.parts] == ["Ann Hale", "mill"]
    assert (one.entities, one.date) == (["Ann Hale", "mill"], "2024-05-01")


def test_of_two_entities_with_the_same_name_the_first_by_id_has_it() -> None:
    found = entities_by_name([entity("e-2", "Ann Hale"), entity("e-1", "Ann Reed", "ANN HALE")])
    assert (found["ann hale"].id, found["ann reed"].id) == ("e-1", "e-1")


def test_a_fact_names_its_entities_by_their_own_names() -> None:
    known = [entity("e-1", "Ann Hale", "Ann"), entity("e-2", "Tom Reed", chunks=("b",)), entity("e-3", "mill")]
    told = fact(1, "a", "Ann sold the mill to Tom Reed.", entities=["Ann", "Nobody"])
    # Tom Reed is not an entity of this page
    assert canonical_facts([told], known)[0].entities == ["Ann Hale", "mill"]


def test_names_of_passages_are_entities_and_one_that_stands_on_no_page_is_none() -> None:
    text = "Ann Hale sold the mill to Tom Reed."
    chunk = Chunk(id="a", document_id="d", start=0, end=len(text), text=text)
    names = [Name(name=name, type="person") for name in ("Ann Hale", "Tom Reed", "Peg Stone")]
    found = merging_of([Passage(chunk_id="a", names=names)], [chunk], KnowledgeConfig.model_validate({})).end([])
    assert {one.name for one in found.entities} == {"Ann Hale", "Tom Reed"}


def test_a_relation_says_what_the_facts_say_that_name_both() -> None:
    known = [entity("e-1", "Ann Hale"), entity("e-2", "mill")]
    both = ["Ann Hale", "mill"]
    facts = [
        fact(1, "a", "Ann Hale sold the mill.", entities=both),
        fact(2, "b", "Ann Hale built the mill.", entities=[*both, "stranger"]),
        fact(3, "a", "Ann Hale is old.", entities=["Ann Hale"]),
    ]
    (relation,) = relations_of(facts, known)
    assert relation.description == "Ann Hale sold the mill. Ann Hale built the mill."
    assert (relation.source, relation.target, relation.weight, relation.chunk_ids) == ("e-1", "e-2", 2.0, ["a", "b"])


def test_a_list_of_many_names_relates_only_the_first_of_them() -> None:
    names = [f"Name {n}" for n in range(20)]
    told = fact(1, "a", entities=names)
    assert len(relations_of([told], [entity(f"e-{n}", name) for n, name in enumerate(names)])) == 6 * 5 // 2
