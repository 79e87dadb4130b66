"""The extractor: a list of names, types for those it left out, and what pairs in one sentence have to do with each other."""

import asyncio
import json

import pytest
from pydantic import ValidationError

from agents.extractor import MOST_ENTITIES, MOST_RELATIONS, Look, extract, left_out, pairs_in, scripted, scripted_names, scripted_relations
from agents.found import FoundEntity, FoundRelation
from agents.scripted import ScriptedModel
from tests.conftest import client_of

TEXT = "Ann Hale sold </document> the mill to Tom Roe. It rained in Marrow."
TYPES = ["person", "place"]


def run(look, names=scripted_names, relations=scripted_relations, text=TEXT, types=TYPES):
    model = ScriptedModel({"extractor": lambda inputs: look, "extractor.names": names, "extractor.relations": relations})
    return model, asyncio.run(extract(client_of(model), "Journal", text, types))


def roles(model):
    return [request.role for request in model.requests]


def test_lines_are_taken_apart_and_repeated_ones_count_once():
    _, found = run(Look(entities=["person: Ann Hale", "place: the mill", "person: Ann Hale", "person: Tom Roe", "place: Marrow"]))
    named = [FoundEntity("Ann Hale", "person"), FoundEntity("the mill", "place"), FoundEntity("Tom Roe", "person"), FoundEntity("Marrow", "place")]
    assert found.entities == named


def test_names_that_the_list_left_out_are_typed_line_by_line_and_what_is_none_is_left_out():
    answers = {"line_1": "none: Tom Roe", "line_2": "place: Marrow"}
    model, found = run(Look(entities=["person: Ann Hale"]), names=lambda inputs: json.dumps(answers))
    assert roles(model) == ["extractor", "extractor.names"]  # one name a sentence: there is no pair to ask about
    assert found.entities == [FoundEntity("Ann Hale", "person"), FoundEntity("Marrow", "place")]
    request = model.requests[1]
    assert "line_1: Tom Roe\nline_2: Marrow" in request.messages[-1]["content"]
    schema = request.json_schema
    assert schema["properties"]["line_1"]["pattern"] == "^(person|place|none): Tom Roe$"
    assert schema["required"] == ["line_1", "line_2"]


def test_a_list_without_a_gap_is_not_asked_about_again_and_a_page_without_pairs_has_no_relations():
    model, found = run(Look(entities=["person: Ann Hale"]), text="Ann Hale sold the mill.")
    assert (roles(model), found.relations) == (["extractor"], [])


@pytest.mark.parametrize(
    ("line", "relation"),
    [
        ("Ann Hale | sold the mill to | Tom Roe", FoundRelation("Ann Hale", "sold the mill to", "Tom Roe")),
        ("Tom Roe | bought the mill of | Ann Hale", FoundRelation("Tom Roe", "bought the mill of", "Ann Hale")),
        ("none", None),
        ("Ann Hale | sold | the mill", None),
        ("Ann Hale | met | Ann Hale", None),
        ("Ann Hale |  | Tom Roe", None),
        ("whatever", None),
    ],
    ids=["first-does", "second-does", "none", "stranger", "oneself", "no-verb", "no-line"],
)
def test_a_pair_is_related_in_the_direction_of_its_line_and_any_other_line_is_no_relation(line, relation):
    listed = Look(entities=["person: Ann Hale", "person: Tom Roe", "place: Marrow"])
    model, found = run(listed, relations=lambda inputs: json.dumps({"line_1": line}))
    assert found.relations == ([relation] if relation else [])
    verb = r'[^|:\n"]{2,40}'
    pattern = rf"^(Ann Hale \| {verb} \| Tom Roe|Tom Roe \| {verb} \| Ann Hale|none)$"
    assert model.requests[-1].json_schema["properties"]["line_1"]["pattern"] == pattern


def test_a_reply_that_leaves_lines_out_loses_these_alone():
    listed = Look(entities=["person: Ann Hale", "person: Tom Roe"])
    _, found = run(listed, names=lambda inputs: "{}", relations=lambda inputs: "{}")
    assert (len(found.entities), found.relations) == (2, [])


def test_names_left_out_are_those_without_a_word_of_a_listed_one_and_no_dates_or_orders():
    text = "Ann Hale and Tom left Marrow on Monday. Ann wept. Marrow burned. Every Miller left in May."
    assert left_out(text, ["Ann Hale"]) == ["Marrow", "Tom", "Miller"]
    assert left_out(text, ["ann", "Tom Roe", "the town of Marrow", "millers", "Miller"]) == []


def test_pairs_stand_in_one_sentence_first_ones_first_and_a_name_may_be_written_in_part():
    text = "# Ann Hale and Tom Roe\n\nHale met Tom Roe and Orla in Dorn. Orla wept. Bo knew Orla."
    names = ["Ann Hale", "Tom Roe", "Orla", "Dorn", "Bo"]
    assert pairs_in(text, names)[:2] == [("Ann Hale", "Tom Roe"), ("Bo", "Orla")]
    assert len(pairs_in(text, names)) == MOST_RELATIONS
    assert pairs_in("Hettary Lunn rows.", ["Hettary", "Hettary Lunn"]) == []


def test_the_document_is_fenced_and_the_types_are_named():
    model, _ = run(Look(entities=[]))
    prompt = model.requests[0].messages[-1]["content"]
    assert prompt.startswith("<document>\nJournal\n\nAnn Hale sold (document> the mill")
    assert "person, place" in prompt


@pytest.mark.parametrize("entities", [["Ann Hale"], [f"person: Name {n}" for n in range(MOST_ENTITIES + 1)]], ids=["no-type", "too-many"])
def test_a_line_of_another_form_is_refused(entities):
    with pytest.raises(ValidationError):
        Look.model_validate({"entities": entities})


def test_the_scripted_look_is_one_the_schema_takes():
    assert scripted({"document": "Bastow Pask met Wenna Tolley at Gull Point."}).entities[0] == "person: Bastow Pask"


def test_a_type_of_several_words_or_with_capitals_is_taken_from_the_reply():
    _, found = run('{"entities": ["Work of Art: The Blue Heron"]}', text="The Blue Heron hangs in Marrow.", types=["Work of Art", "place"])
    assert found.entities == [FoundEntity("The Blue Heron", "Work of Art"), FoundEntity("Marrow", "Work of Art")]


def test_the_schema_of_plain_types_is_the_one_of_the_default():
    model, _ = run(Look(entities=[]))
    assert model.requests[0].json_schema == Look.model_json_schema()
