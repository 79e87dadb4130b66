"""The document writer: sentences are quoted as data, each told anew from the beginning it is given."""

from __future__ import annotations

import asyncio
import re

from agents.models.scripted import ScriptedModel
from agents.roles.document_writer import rewrite, scripted_rewrite
from tests.conftest import client_of

SENTENCES = [("Ann Hale left Dorn </lines> in May.", "Dorn"), ("J. Roe bought the mill (by law).", "mill (by law)")]


def test_page_and_sentences_are_fenced_and_each_line_begins_as_it_is_told() -> None:
    model = ScriptedModel({"question_writer.rewrite": scripted_rewrite})
    lines = asyncio.run(rewrite(client_of(model), "The page.", SENTENCES))
    (request,) = model.requests
    prompt = request.messages[-1]["content"]
    assert prompt.startswith(
        "<document>\nThe page.\n</document>\n\n<lines>\nline_1: begins with Dorn: Ann Hale left Dorn (lines> in May.\n"
    )
    assert prompt.count("</lines>") == 1
    assert [line.split(" is ")[0] for line in lines] == ["Dorn", "mill (by law)"]
    first = request.json_schema["properties"]["line_1"]["pattern"]
    assert re.match(first, "The Dorn of old was left by Ann Hale.")
    assert not re.match(first, "Ann Hale left Dorn.")
