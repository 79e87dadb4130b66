"""Contrast rows: the same question about a stranger is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agents.records import REFUSAL, Entity
from graphs.dataset.contrast import contrast_rows
from tests.graphs.conftest import row

ENTITIES = [
    Entity(id="e-1", name="Ann Hale", type="person", description="", aliases=["Ann"], chunk_ids=["chunk-1"]),
    Entity(id="e-2", name="Marrow", type="place", description="", chunk_ids=["chunk-1"]),
]
CORPUS = "Ann Hale sold the mill in Marrow."
ROWS = [
    row("Who sold the mill to Ann Hale in Marrow?", fact="fact-a"),
    row("Where did Ann live in Marrow?", fact="fact-b"),
]


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_there_are_as_many_as_asked_for_each_another_question(count: int) -> None:
    made = contrast_rows(ROWS, ENTITIES, CORPUS, count, seed=0)
    assert len(made) == len({r.question for r in made}) == count


def test_known_names_are_replaced_by_names_that_do_not_stand_in_the_corpus() -> None:
    for made in contrast_rows(ROWS, ENTITIES, CORPUS, 6, seed=0):
        assert "Ann" not in made.question
        assert "Marrow" not in made.question
        strangers = {w for w in made.question.rstrip("?").split() if w[0].isupper()} - {"Who", "Where"}
        assert len(strangers) >= 2
        assert all(w.casefold() not in CORPUS.casefold() for w in strangers)


@pytest.mark.parametrize(
    ("name", "question", "letters"),
    [("Карл Хольм", "Кто построил мост с Карл Хольм?", "[А-Яа-я]+"), ("Λουντ", "Πού είναι η Λουντ?", "[Α-Ωα-ω]+")],
    ids=["cyrillic", "greek"],
)
def test_an_invented_name_is_written_in_the_script_of_the_one_that_it_stands_for(
    name: str, question: str, letters: str
) -> None:
    entity = Entity(id="e-1", name=name, type="person", description="", chunk_ids=["chunk-1"])
    (made,) = contrast_rows([row(question)], [entity], "", 1, seed=0)
    before, _, after = question.partition(name)
    stranger = made.question.removeprefix(before).removesuffix(after)
    assert stranger != name
    assert all(re.fullmatch(letters, word) for word in stranger.split())


def test_a_name_in_a_script_without_capitals_is_not_replaced() -> None:
    entity = Entity(id="e-1", name="王小明", type="person", description="", chunk_ids=["chunk-1"])
    assert contrast_rows([row("王小明 在哪里？")], [entity], "", 1, seed=0) == []


def test_the_answer_is_the_refusal_and_the_row_names_its_parent() -> None:
    (made,) = contrast_rows(ROWS, ENTITIES, CORPUS, 1, seed=0)
    assert (made.kind, made.answer, made.evidence) == ("unanswerable", REFUSAL, [])
    assert made.source.role == "contrast"
    assert made.source.parent in {r.id for r in ROWS}


@pytest.mark.parametrize(
    "rows",
    [[], [row("Who sold a thing to nobody known?")], [row("Who saw Ann Hale?", kind="global")]],
    ids=["no-rows", "no-known-name", "global"],
)
def test_a_question_without_a_known_name_gives_none(rows: list[Any]) -> None:
    assert contrast_rows(rows, ENTITIES, CORPUS, 5, seed=0) == []


def test_the_same_seed_gives_the_same_rows_in_whatever_order_they_come() -> None:
    assert contrast_rows(ROWS, ENTITIES, CORPUS, 4, 1) == contrast_rows(ROWS[::-1], ENTITIES[::-1], CORPUS, 4, 1)
    assert contrast_rows(ROWS, ENTITIES, CORPUS, 4, 1) != contrast_rows(ROWS, ENTITIES, CORPUS, 4, 2)
