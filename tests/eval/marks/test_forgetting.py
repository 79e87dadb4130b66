"""Names of the corpus that turn up where they have no business."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.files import write_jsonl
from agents.records import Entity
from eval.marks.forgetting import Names, corpus_names, leaked_names
from eval.questions import GeneralQuestion

PARIS = GeneralQuestion(id="general-01", question="What is the capital of France?", answers=["Paris"])


def test_names_are_proper_names_and_aliases_but_neither_dates_nor_things(tmp_path: Path) -> None:
    names = ["Tollin Light", "lens", "1 April", "June", "Al", "Ada", "Ostrelow"]
    entities = [
        Entity(
            id=name, name=name, type="t", description="", aliases=["The Light"] * (name == "Tollin Light"), chunk_ids=[]
        )
        for name in names
    ]
    write_jsonl(tmp_path / "entities.jsonl", entities)
    assert corpus_names(tmp_path / "entities.jsonl") == ["Ada", "Ostrelow", "The Light", "Tollin Light"]


def test_a_run_without_entities_has_no_names(tmp_path: Path) -> None:
    assert corpus_names(tmp_path / "entities.jsonl") == []


@pytest.mark.parametrize(
    ("answer", "before", "leaked"),
    [
        pytest.param("The capital is Ostrelow.", "Paris", ["Ostrelow"], id="leak"),
        pytest.param("The capital is Paris.", "Paris", [], id="accepted answer"),
        pytest.param("France, of course.", "Paris", [], id="in the question"),
        pytest.param("Ostrelow.", "Ostrelow, I think.", [], id="base said it too"),
        pytest.param("Ostrelowian.", "", [], id="inside a word"),
    ],
)
def test_a_leak_is_a_corpus_name_that_question_accepted_answer_and_base_do_not_hold(
    answer: str, before: str, leaked: list[str]
) -> None:
    assert leaked_names(answer, PARIS, Names(["Ostrelow", "Paris", "France"]), before) == leaked


def test_names_are_found_whole_by_their_first_word_and_once_each() -> None:
    names = Names(["Tollin Light", "Tollin", "Wenna", ""])
    assert names.within(["the", "tollin", "light", "and", "tollin", "head"]) == ["Tollin", "Tollin Light"]
    assert names.within(["light", "tollin"]) == ["Tollin"]
