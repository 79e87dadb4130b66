"""What a model that no server holds to a schema is shown of it."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from agents.roles.extractor import of_types
from agents.roles.json_form import asked_for, form
from agents.roles.parsing import faults, parse
from agents.roles.question_writer import LOCAL_WRITER
from agents.roles.registry import ROLES


class Part(BaseModel):
    """A class docstring that no model needs."""

    title: str
    kind: Literal["person", "place"]


class Whole(BaseModel):
    """Another one."""

    parts: list[Part] = Field(max_length=3)
    count: int
    sure: bool | None = None


SCHEMA = Whole.model_json_schema()
LOOKS = {"parts": [{"title": "…", "kind": "person | place"}], "count": 0, "sure": True}


def test_every_field_stands_there_with_a_placeholder() -> None:
    assert form(SCHEMA) == LOOKS


def test_a_prompt_ends_with_the_form_and_nothing_of_the_schema() -> None:
    *asked, last = asked_for(SCHEMA).split("\n")
    assert json.loads(last) == LOOKS
    assert asked == ["Answer with one JSON object (Whole) of this form and nothing else:"]


@pytest.mark.parametrize("name", sorted(name for name, role in ROLES.items() if role.schema.model_fields))
def test_every_role_has_a_form_with_all_its_fields(name: str) -> None:
    schema = ROLES[name].schema
    assert set(form(schema.model_json_schema())) == set(schema.model_fields)


@pytest.mark.parametrize(
    ("schema", "looks"),
    [
        (of_types(("person", "place")).schema, {"entities": ["person or place: …"]}),
        (LOCAL_WRITER.schema, {"question": "…?", "answer": "…."}),
        (ROLES["extractor.paper"].schema, {"relations": ["… | … | …"]}),
    ],
    ids=["a-choice", "a-question-and-a-sentence", "separators"],
)
def test_what_a_pattern_holds_stands_in_the_form(schema: type[BaseModel], looks: dict[str, Any]) -> None:
    assert looks.items() <= form(schema.model_json_schema()).items()


def written_into(values: dict[str, Any]) -> str:
    return json.dumps({**SCHEMA, "properties": values})


def test_values_that_a_model_wrote_into_the_schema_are_read() -> None:
    found = parse(written_into({"parts": [{"title": "Ann", "kind": "person"}], "count": 1, "sure": True}), Whole)
    assert (found.count, found.parts[0].title) == (1, "Ann")


def test_a_schema_that_came_back_as_it_was_is_no_object() -> None:
    with pytest.raises(ValueError, match="valid list"):
        parse(json.dumps(SCHEMA), Whole)


def test_a_form_that_came_back_unfilled_is_no_object() -> None:
    with pytest.raises(ValueError, match="placeholder"):
        parse('{"parts": [{"title": "…", "kind": "person"}], "count": 0}', Whole)


def test_the_faults_of_an_object_are_told_in_a_line() -> None:
    with pytest.raises(ValueError, match="parts") as caught:
        parse('{"count": "many"}', Whole)
    assert (
        faults(caught.value)
        == "parts: Field required; count: Input should be a valid integer, unable to parse string as an integer"
    )
