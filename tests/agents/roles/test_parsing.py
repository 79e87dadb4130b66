"""An object found in what a model wrote."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from agents.roles.entries import left_out
from agents.roles.parsing import parse
from agents.roles.passage_writer import PassageDraft

ASK = {"part": "thing", "answer": "the wheel", "questions": ["What did Anna's brother build?", "Which part was built?"]}


def draft(facts: int) -> dict[str, Any]:
    statement = "Anna's brother built wheel {n} of the mill, he said."
    told = [{"sentences": [n], "statement": statement.format(n=n), "date": "", "asks": [ASK]} for n in range(facts)]
    return {"names": [{"name": "Anna", "type": "person"}], "facts": told, "untold": []}


def smart(text: str) -> str:
    return re.sub(r'"([^"]*)"', "“\\1”", text)


def wide(text: str) -> str:
    return text.replace('": ', '"：').replace(', "', '，"').replace("{", "｛").replace("]", "］").replace("[", "［")


SPELLINGS = {
    "as-it-is": lambda text: text,
    "fence": lambda text: f"Here is {{the}} JSON:\n```json\n{text}\n```\nI hope {{this}} helps!",
    "trailing-commas": lambda text: text.replace("]}]", "],}],"),
    "single-quotes": lambda text: repr(json.loads(text)),
    "smart-quotes": smart,
    "full-width": wide,
    "smart-and-full-width": lambda text: smart(text).replace("”: ", "”：").replace("”, ", "”，"),
    "quotes-in-a-string": lambda text: text.replace("the wheel", 'the "big" wheel'),
}


@pytest.mark.parametrize("facts", [3, 90], ids=["short", "long"])
@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_every_row_is_read_however_the_json_is_spelled(spelled: Any, facts: int) -> None:
    text = spelled(json.dumps(draft(facts), ensure_ascii=False))
    found = parse(text, PassageDraft)
    assert len(found.facts) == facts
    assert [len(fact.asks[0].questions) for fact in found.facts] == [2] * facts
    assert not left_out(found.facts)


@pytest.mark.parametrize("facts", [3, 90], ids=["short", "long"])
def test_the_rows_before_the_end_of_a_reply_that_broke_off_are_kept(facts: int) -> None:
    text = json.dumps(draft(facts))
    found = parse(text[: len(text) * 2 // 3], PassageDraft)
    assert facts // 2 <= len(found.facts) < facts
    assert found.untold == []


def test_quotation_marks_of_prose_inside_a_string_stay() -> None:
    told = draft(2)
    told["facts"][0]["statement"] = "He said: “Yes”, and left."
    found = parse(json.dumps(told, ensure_ascii=False).replace("]}]", "],}],"), PassageDraft)
    assert found.facts[0].statement == "He said: “Yes”, and left."


def test_entries_that_cannot_be_read_are_left_out_by_name_and_the_others_kept() -> None:
    told = draft(3)
    told["facts"][1] = {"sentences": "all"}
    told["facts"][2]["asks"] = [ASK, {"part": "moon"}]
    found = parse(json.dumps(told), PassageDraft)
    assert len(found.facts) == 2
    assert left_out(found.facts) == ["{'sentences': 'all'}"]
    assert left_out(found.facts[1].asks) == ["{'part': 'moon'}"]


def test_of_several_objects_the_one_that_fits_is_taken() -> None:
    text = f'Is it {{"word": "x"}}?\n\n{json.dumps(draft(1))}'
    assert len(parse(text, PassageDraft).facts) == 1
