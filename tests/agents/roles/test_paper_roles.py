"""The published recipe's roles: lines become subjects, forms name them, and what is not a line is refused."""

from __future__ import annotations

import asyncio
import random

import pytest
from pydantic import ValidationError

from agents.models.scripted import ScriptedModel
from agents.roles.paper import (
    ENTITY_FORMS,
    MOST_ENTITIES,
    NOUNS,
    RELATION_FORMS,
    ROLES,
    AnswerDraft,
    Described,
    QuestionDraft,
    Subject,
    answer_passage,
    ask_passage,
    describe,
    scripted_answer,
    scripted_question,
    template_question,
)
from agents.roles.registry import model_keys
from tests.conftest import client_of

ANN = Subject(("Ann Hale",), "person", "Ann Hale sold the mill.")
SALE = Subject(("Ann Hale", "Tom Hale"), "", "Ann Hale sold the mill to Tom Hale.")
NOTHING = Described(entities=[], relations=[])


def looked(*looks: Described) -> tuple[ScriptedModel, list[Subject]]:
    left = list(looks)
    model = ScriptedModel({"extractor.paper": lambda inputs: left.pop(0)})
    return model, asyncio.run(describe(client_of(model), "Journal", "Ann sold </document> the mill."))


def test_lines_are_taken_apart_and_repeated_ones_count_once() -> None:
    line = "person: Ann Hale | Ann Hale sold the mill."
    first = Described(entities=[line, line], relations=["Ann Hale | Tom Hale | Ann Hale sold the mill to Tom Hale."])
    _, told = looked(first, NOTHING)
    assert told == [ANN, SALE]


def test_one_gleaning_always_follows_and_is_told_what_is_listed() -> None:
    model, told = looked(NOTHING, Described(entities=["person: Ann Hale | Ann Hale sold the mill."], relations=[]))
    assert told == [ANN]
    model, _ = looked(Described(entities=["person: Ann Hale | x"], relations=["Ann Hale | Tom Hale | y"]), NOTHING)
    assert len(model.requests) == 2
    assert "leave it out: Ann Hale, Ann Hale and Tom Hale." in model.requests[1].messages[-1]["content"]


def test_the_document_is_fenced_and_only_the_five_types_are_asked_for() -> None:
    model, _ = looked(NOTHING, NOTHING)
    prompt = model.requests[0].messages[-1]["content"]
    assert prompt.startswith("<document>\nJournal\n\nAnn sold (document> the mill.\n</document>")
    assert "event, organization, person, geo, food" in prompt


@pytest.mark.parametrize(
    "look",
    [
        {"entities": ["Ann Hale | sold the mill"], "relations": []},
        {"entities": ["thing: the mill | was sold"], "relations": []},
        {"entities": ["person: Ann Hale"], "relations": []},
        {"entities": [], "relations": ["Ann Hale | sold the mill"]},
        {"entities": [f"person: Name {n} | told" for n in range(MOST_ENTITIES + 1)], "relations": []},
    ],
    ids=["no-type", "another-type", "no-description", "one-name", "too-many"],
)
def test_a_line_of_another_form_is_refused(look: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        Described.model_validate(look)


def test_a_description_longer_than_asked_for_is_read_all_the_same() -> None:
    assert (
        Described(entities=[f"person: Ann Hale | {'told ' * 100}"], relations=[])
        .read()[0]
        .description.startswith("told told")
    )


@pytest.mark.parametrize("text", ["", "  "], ids=["empty", "blank"])
def test_a_draft_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        AnswerDraft(thought="So.", answer=text)


def test_there_are_six_forms_a_type_and_nine_for_relations_and_each_names_its_subject() -> None:
    assert (len(set(ENTITY_FORMS)), len(set(RELATION_FORMS)), list(NOUNS)) == (
        6,
        9,
        ["event", "organization", "person", "geo", "food"],
    )
    drawn = {template_question(ANN, random.Random(seed)) for seed in range(200)}
    assert len(drawn) == 6
    assert all("Ann Hale" in question for question in drawn)
    drawn = {template_question(SALE, random.Random(seed)) for seed in range(400)}
    assert len(drawn) == 9
    assert all("Ann Hale" in question and "Tom Hale" in question for question in drawn)


def test_a_name_with_braces_is_only_a_name() -> None:
    assert "{name}" in template_question(Subject(("{name}",), "geo", ""), random.Random(0))


def test_a_passage_is_asked_first_and_the_answer_is_told_question_and_thought() -> None:
    model = ScriptedModel(
        {"question_writer.paper_question": scripted_question, "question_writer.paper_answer": scripted_answer}
    )
    client = client_of(model)

    async def both() -> tuple[QuestionDraft, AnswerDraft]:
        asked = await ask_passage(client, "Ann Hale sold the mill.", SALE)
        return asked, await answer_passage(client, "Ann Hale sold the mill.", SALE, asked)

    asked, answered = asyncio.run(both())
    first, second = (request.messages[-1]["content"] for request in model.requests)
    assert "how Ann Hale and Tom Hale are connected" in first
    assert asked.question in second
    assert asked.thought in second
    assert answered.answer == SALE.description
    document = first[: first.index("</document>")]
    assert second.startswith(document)  # the same words first: a server's prompt cache holds them


def test_every_role_is_counted_with_a_role_of_the_config() -> None:
    assert {role.name.partition(".")[0] for role in ROLES} == {"extractor", "question_writer"} <= {*model_keys()}
