"""One page through writer, checks and critic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.errors import RefusedPrompt
from agents.facts import Fact, Passage
from agents.roles.passage_writer import PassageDraft
from graphs.facts.loop import begin, build_passage_loop, passage
from graphs.facts.passage import Page
from graphs.facts.rows import Question
from tests.graphs.facts.conftest import TEXT, ToldWriter, sources_of

BOUGHT = {
    "sentences": [2],
    "statement": "Ann Hale bought the mill from Tom Reed on 3 March for 5,300 crowns.",
    "date": "--03-03",
    "asks": [
        {
            "part": "person",
            "answer": "Ann Hale",
            "questions": ["Who bought the mill from Tom Reed?", "mill from Tom Reed buyer"],
        },
        {"part": "number", "answer": "5,300 crowns", "questions": ["What did Ann Hale pay for the mill?"]},
    ],
}
DRAFT = {
    "names": [{"name": "Ann Hale", "type": "person"}, {"name": "Tom Reed", "type": "person"}],
    "facts": [BOUGHT],
    "untold": [{"sentence": 1, "reason": "heading"}, {"sentence": 4, "reason": "no statement"}],
}


def run(writer: ToldWriter, **settings: Any) -> Passage:
    sources = sources_of(TEXT, **settings)
    loop = build_passage_loop(sources, writer)
    return passage(asyncio.run(loop.ainvoke(begin(Page(sources, next(iter(sources.chunks.values())))))))


def test_a_fact_keeps_its_sentence_its_parts_and_a_row_for_every_question() -> None:
    made = run(ToldWriter(PassageDraft.model_validate(DRAFT)), max_rounds=1)
    (fact,) = made.facts
    assert fact.evidence[0].quote == "Ann Hale bought the mill from Tom Reed on 3 March for 5,300 crowns."
    assert [(part.kind, part.text) for part in fact.parts] == [("person", "Ann Hale"), ("number", "5,300 crowns")]
    assert {row.question for row in made.examples} == {q for ask in BOUGHT["asks"] for q in ask["questions"]}  # type: ignore[attr-defined]
    assert {row.source.style for row in made.examples} == {"person", "number"}


def test_every_sentence_carries_a_fact_or_a_reason() -> None:
    made = run(ToldWriter(PassageDraft.model_validate(DRAFT)), max_rounds=1)
    assert [s.reason or "fact" for s in made.sentences] == ["heading", "fact", "not read", "no statement"]
    assert [TEXT[s.start : s.end][:8] for s in made.sentences] == ["# Minute", "Ann Hale", "She want", "Nobody o"]


def test_a_fact_with_too_few_rows_is_asked_again_and_told_what_was_sent_back() -> None:
    writer = ToldWriter(
        PassageDraft.model_validate(DRAFT),
        later=[[("Whose purchase on 3 March was the mill?", "Ann Hale")]],
        faults={"mill from Tom Reed buyer": "unclear"},
    )
    made = run(writer, max_rounds=2)
    told = writer.heard[0][0][1]
    assert "mill from Tom Reed buyer -> Ann Hale (sent back: unclear)" in told
    assert "Who bought the mill from Tom Reed? -> Ann Hale" in told
    assert "Whose purchase on 3 March was the mill?" in {row.question for row in made.examples}
    assert [r.reason for r in made.rejected] == ["unclear"]


def test_a_fact_with_enough_rows_is_not_asked_again() -> None:
    writer = ToldWriter(PassageDraft.model_validate(DRAFT))
    run(writer, max_rounds=3, rows_per_fact=2)
    assert not writer.heard


def test_what_was_written_adds_up_to_what_was_kept_and_rejected() -> None:
    writer = ToldWriter(
        PassageDraft.model_validate(DRAFT),
        later=[[("Who bought the mill from Tom Reed?", "Ann Hale"), ("Who sold the mill to Ann Hale?", "Tom Reed")]],
        faults={"What did Ann Hale pay for the mill?": "wrong answer"},
    )
    made = run(writer, max_rounds=2)
    assert sum(came.written for came in made.rounds) == len(made.examples) + len(made.rejected)
    assert {fault.reason for fault in made.rejected} == {"wrong answer", "question repeated"}


def test_questions_of_a_fact_without_a_sentence_of_the_page_are_rejected_and_counted() -> None:
    nowhere = {**BOUGHT, "sentences": [99], "statement": "Tom Reed owns a ferry."}
    made = run(ToldWriter(PassageDraft.model_validate({**DRAFT, "facts": [nowhere]})), max_rounds=1)
    assert not made.facts
    assert {fault.reason for fault in made.rejected} == {"no sentence of the page"}
    assert made.rounds[0].written == len(made.rejected) == 3


def test_entries_of_a_reply_that_cannot_be_read_are_rejected_and_counted() -> None:
    half = {**BOUGHT, "asks": [BOUGHT["asks"][0], {"part": "number"}]}  # type: ignore[index]
    written = PassageDraft.model_validate({**DRAFT, "facts": [half, {"sentences": "all"}]})
    made = run(ToldWriter(written), max_rounds=1)
    assert [fault.reason for fault in made.rejected] == ["unreadable entry", "unreadable entry"]
    assert {fault.question for fault in made.rejected} == {"{'part': 'number'}", "{'sentences': 'all'}"}
    assert made.rounds[0].written == len(made.examples) + len(made.rejected) == 4


@dataclass
class Refused(ToldWriter):
    """Its server refuses some of the calls."""

    of: str = "more"

    async def more(self, page: Page, needs: Sequence[tuple[Fact, Sequence[str]]]) -> list[Question]:
        if self.of == "more":
            raise RefusedPrompt("400", raw="stopped by the filter")
        return await super().more(page, needs)

    async def judge(self, page: Page, questions: Sequence[Question]) -> list[str]:
        if self.of == "judge":
            raise RefusedPrompt("400", raw="stopped by the filter")
        return await super().judge(page, questions)


def test_a_call_for_further_questions_that_fails_is_told_and_counted() -> None:
    made = run(Refused(PassageDraft.model_validate(DRAFT)), max_rounds=2)
    (lost,) = made.rejected
    assert (lost.brief, lost.gate, lost.reason, lost.raw) == (
        made.facts[0].id,
        "writer",
        "refused prompt",
        "stopped by the filter",
    )
    assert [(came.written, came.kept) for came in made.rounds] == [(3, 3), (1, 0)]


def test_rows_that_the_critic_s_server_refuses_keep_its_words() -> None:
    made = run(Refused(PassageDraft.model_validate(DRAFT), of="judge"), max_rounds=1)
    assert [(lost.reason, lost.raw) for lost in made.rejected] == [("refused prompt", "stopped by the filter")] * 3
