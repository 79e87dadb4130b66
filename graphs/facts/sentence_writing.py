"""The embedded model as writer: a sentence a call in plain text, its answers given by rule, its rows answered anew.

A sentence of prose is a fact as it stands. What it names is found by rule, since a 1.5B model that is asked for facts
in full writes things that the page does not say (docs/results/small-teacher.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.facts import Fact, Name, Part, PartKind
from agents.records import Evidence
from agents.roles.role import Role
from agents.roles.row_verdicts import verdicts
from agents.roles.sentence_writer import SENTENCE_WRITER, SENTENCE_WRITER_ANEW, write_sentence
from agents.text.capitalised import capitalised_names, has_capitals
from agents.text.fast_extractor import find
from agents.text.language import language_name
from agents.text.names import names_in
from agents.text.prompt_injection import orders_in
from agents.text.sentences import is_prose
from agents.text.spans import locate
from agents.text.stems import stems
from agents.text.values import values_in
from graphs.facts.passage import Draft, Page, fact_id
from graphs.facts.rows import FactSources, Question
from graphs.knowledge.merge import KnowledgeConfig

FEWEST_WORDS = 4  # of a sentence that says something by itself
MOST_IN_A_NAME = 4  # words, or pairs of Chinese letters
CELLS = re.compile(r"\S \| \S")  # of a row of a table whose headers are not known, or of the headers themselves
AGREES = 0.5  # of the model's own answer with the row's: measured on 36 rows (docs/results/small-teacher.md)


@dataclass(frozen=True)
class SentenceWriter:
    """A sentence a call, the page first in the prompt: one after the other, so that a server's cache of it is used."""

    sources: FactSources
    knowledge: KnowledgeConfig
    role: Role[Any] = SENTENCE_WRITER
    more_role: Role[Any] = SENTENCE_WRITER_ANEW

    async def write(self, page: Page) -> Draft:
        """Every sentence of prose as a fact, with questions for its pieces."""
        draft = Draft(names=self._named(page))
        orders = orders_in(page.chunk.text)
        for number, (written, header) in enumerate(zip(page.sentences, page.headers, strict=True), 1):
            sentence = page.said[number - 1] if header else written
            if not header and (not is_prose(sentence) or CELLS.search(sentence)):
                draft.untold[number] = "heading"
            elif len(stems(sentence, page.language)) < FEWEST_WORDS or sentence in orders:
                draft.untold[number] = "no statement"
            else:
                questions = await self._questions(page, sentence, page.evidence([number]), anew=False)
                draft.facts.append(_fact(page, sentence, page.evidence([number]), questions))
                draft.questions += questions
        if not has_capitals(page.language):
            draft.names = self._answered_twice(page, draft)
        return draft

    async def more(self, page: Page, needs: Sequence[tuple[Fact, Sequence[str]]]) -> list[Question]:
        """The same pieces in another syntax."""
        return [
            question
            for fact, _ in needs
            for question in await self._questions(page, fact.evidence[0].quote, fact.evidence, anew=True)
        ]

    async def judge(self, page: Page, questions: Sequence[Question]) -> list[str]:
        """Each question answered anew by the page: another answer is a fault."""
        rows = [(question.question, question.answer) for question in questions]
        agreed = await verdicts(self.sources.clients["critic"], page.context, rows, page.language)
        return ["none" if agreement >= AGREES else "wrong answer" for agreement in agreed]

    async def _questions(self, page: Page, sentence: str, evidence: Sequence[Evidence], anew: bool) -> list[Question]:
        client, text = self.sources.clients["question_writer"], " ".join(sentence.split())
        language = language_name(page.language)
        written = await write_sentence(client, page.dated, page.chunk.text, sentence, language, anew)
        fact = fact_id(text, page.language)
        unread = [(line, "") for line, _ in written.left_out]  # without an answer the checks reject and count them
        return [
            Question("local", fact, _kind(answer, page.language), question, answer, text, evidence)
            for question, answer in [*written.rows, *unread]
        ]

    def _named(self, page: Page) -> list[Name]:
        """The names of a page by rule: with their types in English, in other languages without."""
        types = self.knowledge.entity_types
        if page.language == "en":
            return [Name(name=e.name, type=e.type) for e in find(page.chunk.text, types).entities]
        return [Name(name=name, type=types[-1]) for name in capitalised_names(page.chunk.text, page.language)]

    def _answered_twice(self, page: Page, draft: Draft) -> list[Name]:
        """The names of a page in a script without capitals: short answers that stand in two sentences, and no value."""
        answers = dict.fromkeys(q.answer for q in draft.questions if q.answer)
        return [
            Name(name=answer, type=self.knowledge.entity_types[-1])
            for answer in answers
            if len(stems(answer, page.language)) <= MOST_IN_A_NAME
            and not values_in(answer, page.language)
            and sum(locate(answer, sentence) is not None for sentence in page.sentences) > 1
        ]


def _fact(page: Page, sentence: str, evidence: list[Evidence], questions: Sequence[Question]) -> Fact:
    text = " ".join(sentence.split())
    parts = {q.answer: Part(kind=_kind(q.answer, page.language), text=q.answer) for q in questions if q.answer}
    named = names_in(sentence) if page.language == "en" else capitalised_names(sentence, page.language)
    return Fact(
        id=fact_id(text, page.language),
        statement=text,
        evidence=evidence,
        parts=list(parts.values()),
        entities=list(dict.fromkeys(named)),
    )


def _kind(answer: str, language: str) -> PartKind:
    """A date or a number where it holds one; what else it is no rule tells."""
    values = values_in(answer, language)
    return "date" if any("-" in value for value in values) else "number" if values else "thing"
