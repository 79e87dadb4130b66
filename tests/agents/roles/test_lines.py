"""Lines of given forms: all are asked for, none is needed."""

from __future__ import annotations

import asyncio

import pytest

from agents.models.scripted import ScriptedModel
from agents.roles.lines import Lines, ask_lines, listed_in, literal
from agents.roles.role import Role
from tests.conftest import client_of

ROLE = Role("extractor.names", Lines, "{{lines}} of {{kind}}", max_tokens=50)


def ask(reply: str) -> tuple[ScriptedModel, list[str]]:
    model = ScriptedModel({"extractor.names": lambda inputs: reply})
    return model, asyncio.run(ask_lines(ROLE, client_of(model), ["one\ntwo", "three"], ["^a$", "^b$"], kind="things"))


@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        ('{"line_1": "a", "line_2": "b"}', ["a", "b"]),
        ('{"line_2": "whatever", "line_9": "x"}', ["", "whatever"]),
        ("{}", ["", ""]),
    ],
    ids=["all", "some-and-a-stranger", "none"],
)
def test_a_line_for_each_that_was_asked_about(reply: str, lines: list[str]) -> None:
    model, found = ask(reply)
    assert found == lines
    (request,) = model.requests
    assert request.messages[-1]["content"] == "<lines>\nline_1: one two\nline_2: three\n</lines> of things"
    schema = request.json_schema
    assert schema["required"] == ["line_1", "line_2"]
    assert schema["additionalProperties"] is False
    assert [line for line in schema["properties"].values()] == [
        {"pattern": p, "title": f"Line {n}", "type": "string"} for n, p in ((1, "^a$"), (2, "^b$"))
    ]


def test_a_literal_escapes_what_a_pattern_would_read_and_a_script_reads_the_lines() -> None:
    assert literal("Ann O'Hale (Dr.)") == "Ann O'Hale .Dr.."
    assert listed_in("line_1: a: b\nno line\nline_2: c") == [("line_1", "a: b"), ("line_2", "c")]
