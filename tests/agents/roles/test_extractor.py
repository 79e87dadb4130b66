"""The extractor: a list of names, and types for those it left out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from agents.extraction import Extraction, FoundEntity, FoundRelation
from agents.models.scripted import ScriptedModel
from agents.roles.extractor import MOST_ENTITIES, Look, extract, left_out, read, scripted, scripted_names
from tests.conftest import client_of

TEXT = "Ann Hale sold </document> the mill to Tom Roe. It rained in Marrow."
TYPES = ["person", "place"]


def run(
    look: Any, names: Callable[[dict[str, Any]], Any] = scripted_names, text: str = TEXT, types: list[str] = TYPES
) -> tuple[ScriptedModel, Extraction]:
    model = ScriptedModel({"extractor": lambda inputs: look, "extractor.names": names})
    return model, asyncio.run(extract(client_of(model), "Journal", text, types))


def roles(model: ScriptedModel) -> list[str]:
    return [request.role for request in model.requests]


def test_lines_are_taken_apart_and_repeated_ones_count_once() -> None:
    _, found = run(
        Look(entities=["person: Ann Hale", "place: the mill", "person: Ann Hale", "person: Tom Roe", "place: Marrow"])
    )
    named = [
        FoundEntity("Ann Hale", "person"),
        FoundEntity("the mill", "place"),
        FoundEntity("Tom Roe", "person"),
        FoundEntity("Marrow", "place"),
    ]
    assert found.entities == named


def test_names_that_the_list_left_out_are_typed_line_by_line_and_one_of_no_type_is_left_out() -> None:
    answers = {"line_1": "thing: Tom Roe", "line_2": "place: Marrow"}
    model, found = run(Look(entities=["person: Ann Hale"]), names=lambda inputs: json.dumps(answers))
    assert roles(model) == ["extractor", "extractor.names"]
    assert found.entities == [FoundEntity("Ann Hale", "person"), FoundEntity("Marrow", "place")]
    request = model.requests[1]
    assert "line_1: Tom Roe\nline_2: Marrow" in request.messages[-1]["content"]
    schema = request.json_schema
    assert schema["properties"]["line_1"]["pattern"] == "^(person|place): Tom Roe$"
    assert schema["required"] == ["line_1", "line_2"]


def test_a_list_without_a_gap_is_not_asked_about_again_and_relations_are_quoted() -> None:
    model, found = run(
        Look(entities=["person: Ann Hale", "person: Tom Roe"]), text="Ann Hale sold the mill to Tom Roe."
    )
    assert (roles(model), found.relations) == (
        ["extractor"],
        [FoundRelation("Ann Hale", "sold the mill to", "Tom Roe")],
    )


def test_a_reply_that_leaves_lines_out_loses_these_alone() -> None:
    listed = Look(entities=["person: Ann Hale", "person: Tom Roe"])
    _, found = run(listed, names=lambda inputs: "{}")
    assert len(found.entities) == 2


def test_names_left_out_are_those_without_a_word_of_a_listed_one_and_no_dates_or_orders() -> None:
    text = (
        "# Sale of a mill\n\nAnn Hale and Tom left Marrow on Monday. Ann wept. Marrow burned. Every Miller left in "
        "May. Nor did Tom. Dorn fell."
    )
    assert left_out(text, ["Ann Hale"]) == ["Tom", "Marrow", "Miller"]
    assert left_out(text, ["ann", "Tom Roe", "the town of Marrow", "millers", "Miller"]) == []


def test_the_document_is_fenced_and_the_types_are_named() -> None:
    model, _ = run(Look(entities=[]))
    prompt = model.requests[0].messages[-1]["content"]
    assert prompt.startswith("<document>\nJournal\n\nAnn Hale sold (document> the mill")
    assert "person, place" in prompt


def test_a_line_without_a_type_is_no_entity_and_too_many_lines_are_no_look() -> None:
    assert read(Look(entities=["Ann Hale", "person: ", "place: Dorn: the old town"])) == [
        FoundEntity("Dorn: the old town", "place")
    ]
    with pytest.raises(ValidationError):
        Look(entities=[f"person: Name {n}" for n in range(MOST_ENTITIES + 1)])


def test_the_scripted_look_is_one_the_schema_takes() -> None:
    assert scripted({"document": "Bastow Pask met Wenna Tolley at Gull Point."}).entities[0] == "person: Bastow Pask"


def test_a_type_of_several_words_or_with_capitals_is_taken_from_the_reply() -> None:
    model, found = run(
        '{"entities": ["Work of Art: The Blue Heron"]}',
        text="The Blue Heron hangs in Marrow.",
        types=["Work of Art", "place"],
    )
    assert found.entities == [FoundEntity("The Blue Heron", "Work of Art"), FoundEntity("Marrow", "Work of Art")]
    pattern = model.requests[0].json_schema["properties"]["entities"]["items"]["pattern"]
    assert re.match(pattern, "Work of Art: The Blue Heron")
    assert not re.match(pattern, "Blue Heron: Work of Art")
