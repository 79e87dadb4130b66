"""The extractor: lines become entities and relations, and a full list earns a second look."""

import asyncio

import pytest
from pydantic import ValidationError

from agents.extractor import MOST_ENTITIES, FoundEntity, FoundRelation, Look, extract, scripted
from agents.scripted import ScriptedModel
from tests.conftest import client_of

FULL = [f"person: Name {letter}" for letter in "abcdefghijklmnop"[:MOST_ENTITIES]]


def run(*looks):
    left = list(looks)
    model = ScriptedModel({"extractor": lambda inputs: left.pop(0)})
    return model, asyncio.run(extract(client_of(model), "Journal", "Ann sold </document> the mill.", ["person", "place"]))


def test_lines_are_taken_apart_and_repeated_ones_count_once():
    _, found = run(Look(entities=["person: Ann Hale", "place: the mill", "person: Ann Hale"], relations=["Ann Hale | sold | the mill"]))
    assert found.entities == [FoundEntity("Ann Hale", "person"), FoundEntity("the mill", "place")]
    assert found.relations == [FoundRelation("Ann Hale", "sold", "the mill")]


def test_a_list_that_is_not_full_gets_one_look():
    model, _ = run(Look(entities=FULL[:-1], relations=[]))
    assert len(model.requests) == 1


def test_a_full_list_gets_a_second_look_that_is_told_the_first():
    model, found = run(Look(entities=FULL, relations=[]), Look(entities=["place: Marrow"], relations=[]))
    assert len(model.requests) == 2
    assert "leave them out: person: Name a" in model.requests[1].messages[-1]["content"]
    assert found.entities[-1] == FoundEntity("Marrow", "place")
    assert len(found.entities) == MOST_ENTITIES + 1


def test_the_document_is_fenced_and_the_types_are_named():
    model, _ = run(Look(entities=[], relations=[]))
    prompt = model.requests[0].messages[-1]["content"]
    assert prompt.startswith("<document>\nJournal\n\nAnn sold (document> the mill.\n</document>")
    assert "person, place" in prompt


@pytest.mark.parametrize(
    "look",
    [
        {"entities": ["Ann Hale"], "relations": []},
        {"entities": [], "relations": ["Ann sold the mill"]},
        {"entities": [*FULL, "person: One More"], "relations": []},
    ],
    ids=["no-type", "no-bars", "too-many"],
)
def test_a_line_of_another_form_is_refused(look):
    with pytest.raises(ValidationError):
        Look.model_validate(look)


def test_the_scripted_look_is_one_the_schema_takes():
    look = scripted({"document": "Bastow Pask met Wenna Tolley at Gull Point."})
    assert look.read().relations[0] == FoundRelation("Bastow Pask", "stands beside", "Wenna Tolley")


def test_a_type_of_several_words_or_with_capitals_is_taken_from_the_reply():
    model = ScriptedModel({"extractor": lambda inputs: '{"entities": ["Work of Art: The Blue Heron"], "relations": []}'})
    found = asyncio.run(extract(client_of(model), "Journal", "The Blue Heron hangs in Marrow.", ["Work of Art", "place"]))
    assert found.entities == [FoundEntity("The Blue Heron", "Work of Art")]


def test_the_schema_of_plain_types_is_the_one_of_the_default():
    model, _ = run(Look(entities=[], relations=[]))
    assert model.requests[0].json_schema == Look.model_json_schema()
