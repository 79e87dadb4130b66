"""The passage writer over one page: what is cut off is asked in halves, and what is passed over once more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agents.errors import TruncatedReply
from agents.models.config import ModelConfig
from agents.models.scripted import ScriptedModel
from agents.roles.passage_writer import MoreAsks, MoreDraft, PassageDraft
from agents.roles.registry import scripts
from graphs.facts.passage import Draft, Page, facts_of
from graphs.facts.rows import FactSources, Question
from graphs.facts.sentence_writing import SentenceWriter
from graphs.facts.writers import MOST_JUDGED, PassageWriter, writer_of
from graphs.knowledge.merge import KnowledgeConfig
from tests.conftest import client_of
from tests.graphs.facts.conftest import sources_of

TEXT = "Ann Hale bought the mill. Tom Reed sold a boat. Peg Stone grew tall beans. Old Marta wove two rugs."
Answer = Callable[[dict[str, Any]], Any]


def page_of(**answers: Answer) -> tuple[ScriptedModel, FactSources, Page]:
    """The page with a model that answers so (`question_writer__passage`)."""
    model = ScriptedModel({**scripts(), **{role.replace("__", "."): answer for role, answer in answers.items()}})
    sources = sources_of(TEXT)
    sources = replace(sources, clients=dict.fromkeys(sources.clients, client_of(model)))
    return model, sources, Page(sources, next(iter(sources.chunks.values())))


def write(answer: Answer) -> tuple[ScriptedModel, Draft]:
    model, sources, page = page_of(question_writer__passage=answer)
    return model, asyncio.run(PassageWriter(sources, KnowledgeConfig.model_validate({})).write(page))


def asked_for(inputs: dict[str, Any]) -> list[int]:
    """The numbers of the sentences that a call is about."""
    return [int(n) for n in re.findall(r"\d+", inputs["scope"])] or [1, 2, 3, 4]


def facts(*numbers: int) -> PassageDraft:
    """A fact for each of these sentences, with one question."""
    said = TEXT.split(". ")
    told = [
        {
            "sentences": [n],
            "statement": said[n - 1],
            "date": "",
            "asks": [{"part": "person", "answer": " ".join(said[n - 1].split()[:2]), "questions": [f"Who? {n}"]}],
        }
        for n in numbers
    ]
    return PassageDraft.model_validate({"names": [], "facts": told, "untold": []})


def test_a_page_is_one_call() -> None:
    model, draft = write(lambda inputs: facts(*asked_for(inputs)))
    assert len(model.requests) == 1
    assert [fact.statement.split()[0] for fact in draft.facts] == ["Ann", "Tom", "Peg", "Old"]


def test_a_page_whose_reply_is_cut_off_is_asked_in_halves_and_none_is_asked_twice() -> None:
    def longer_than_one(inputs: dict[str, Any]) -> Any:
        numbers = asked_for(inputs)
        return TruncatedReply("cut", raw="{") if len(numbers) > 1 and 1 in numbers else facts(*numbers)

    model, draft = write(longer_than_one)
    assert [asked_for(request.inputs) for request in model.requests] == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]
    assert [fact.statement.split()[0] for fact in draft.facts] == ["Ann", "Tom", "Peg", "Old"]
    assert len(draft.questions) == 4


def test_a_page_of_which_every_reply_is_cut_off_fails() -> None:
    with pytest.raises(TruncatedReply):
        write(lambda inputs: TruncatedReply("cut", raw="{"))


def test_a_half_that_fails_leaves_the_facts_of_the_other_half() -> None:
    def cut_at_the_third(inputs: dict[str, Any]) -> Any:
        numbers = asked_for(inputs)
        return TruncatedReply("cut", raw="{") if 3 in numbers else facts(*numbers)

    model, draft = write(cut_at_the_third)
    assert [fact.statement.split()[0] for fact in draft.facts] == ["Ann", "Tom"]
    assert len(model.requests) == 4  # all, the first half, the second, and its first sentence


def test_a_sentence_that_is_passed_over_is_asked_for_once_more_and_no_oftener() -> None:
    model, draft = write(lambda inputs: facts(*(n for n in asked_for(inputs) if n not in (2, 3))))
    assert [asked_for(request.inputs) for request in model.requests] == [[1, 2, 3, 4], [2, 3]]
    assert len(draft.facts) == 2


def test_what_the_second_call_finds_stands_beside_the_first() -> None:
    model, draft = write(lambda inputs: facts(3) if inputs["scope"] else facts(1, 2, 4))
    assert len(model.requests) == 2
    assert sorted(fact.statement.split()[0] for fact in draft.facts) == ["Ann", "Old", "Peg", "Tom"]


def test_a_sentence_with_a_reason_is_not_asked_for_again() -> None:
    told = {"untold": [{"sentence": 4, "reason": "no statement"}, {"sentence": 9, "reason": "heading"}]}
    reply = PassageDraft.model_validate({**facts(1, 2, 3).model_dump(), **told})
    model, draft = write(lambda inputs: reply)
    assert (len(model.requests), draft.untold) == (1, {4: "no statement"})


def test_more_questions_belong_to_the_fact_of_their_number() -> None:
    more = facts(2).facts[0].asks
    reply = MoreDraft(facts=[MoreAsks(fact=2, asks=more), MoreAsks(fact=7, asks=more), MoreAsks(fact=0, asks=more)])
    model, sources, page = page_of(question_writer__more=lambda inputs: reply)
    writer = PassageWriter(sources, KnowledgeConfig.model_validate({}))
    first, second, *_ = (one.facts[0] for one in (_draft(page, n) for n in (1, 2)))
    found = asyncio.run(writer.more(page, [(first, ["a"] * 20), (second, [])]))
    assert [(question.fact, question.question) for question in found] == [(second.id, "Who? 2")]
    assert model.requests[0].inputs["needs"].count("   - a") == 8


def test_rows_beyond_one_call_of_the_critic_are_even_parts_in_their_order() -> None:
    model, sources, page = page_of()
    writer = PassageWriter(sources, KnowledgeConfig.model_validate({}))
    asked = [Question("local", "f", "person", f"Who is {n}?", "Ann", "", []) for n in range(MOST_JUDGED + 10)]
    assert asyncio.run(writer.judge(page, asked)) == ["none"] * len(asked)
    assert [request.inputs["rows"].count(" -> ") for request in model.requests] == [50, 50]
    assert asyncio.run(writer.judge(page, [])) == []


@pytest.mark.parametrize(
    ("setting", "provider", "kind"),
    [
        ("auto", "openai", PassageWriter),
        ("auto", "local", SentenceWriter),
        ("passage", "local", PassageWriter),
        ("sentence", "openai", SentenceWriter),
    ],
    ids=["auto-served", "auto-embedded", "passage", "sentence"],
)
def test_the_writer_is_the_one_that_the_config_or_the_model_asks_for(setting: str, provider: str, kind: type) -> None:
    sources = sources_of(TEXT, writer=setting)
    config = ModelConfig.model_validate({"model": "m", "provider": provider, "base_url": "http://127.0.0.1:9/v1"})
    sources.clients["question_writer"].config = config
    assert type(writer_of(sources, KnowledgeConfig.model_validate({}))) is kind


def _draft(page: Page, number: int) -> Draft:
    found, questions = facts_of(page, facts(number))
    return Draft(facts=found, questions=questions)
