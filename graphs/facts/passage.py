"""A chunk as the writer is shown it, and what the writer said of it as facts, names, sentences and questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from agents.facts import Fact, Name, Part, Sentence, Untold
from agents.records import Chunk, Evidence, content_id
from agents.roles.entries import left_out
from agents.roles.passage_writer import AskDraft, PassageDraft, numbered
from agents.text.capitalised import capitalised_names
from agents.text.document_dates import document_date, with_weekday
from agents.text.language import language_of
from agents.text.names import names_in
from agents.text.segment import spans
from agents.text.spans import locate
from agents.text.stems import stems
from agents.text.table_rows import header_of, with_headers
from agents.text.turns import turns
from graphs.facts.rows import FactSources, Question

BEGINNING = 300  # characters of its document that a later chunk is shown: who writes, when, to whom


@dataclass(frozen=True)
class Page:
    """One chunk, cut into sentences, with what tells who speaks and when."""

    sources: FactSources
    chunk: Chunk

    @cached_property
    def title(self) -> str:
        """Of its document."""
        return self.sources.title(self.chunk.id)

    @cached_property
    def before(self) -> str:
        """The beginning of its document, "" if the chunk is that beginning."""
        text = self.sources.documents[self.chunk.document_id].text
        return " ".join(text[: min(BEGINNING, self.chunk.start)].split())

    @cached_property
    def language(self) -> str:
        """ISO 639-1; that of the document's beginning where the chunk is too short to tell, else English."""
        document = self.sources.documents[self.chunk.document_id].text
        return language_of(self.chunk.text) or language_of(document[:2000]) or "en"

    @cached_property
    def date(self) -> str:
        """The day of its document, ISO 8601; "" where it is not known."""
        document = self.sources.documents[self.chunk.document_id]
        return document_date(document.path, document.text, document.metadata, self.language)

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """(start, end) of each sentence in the chunk."""
        return spans(self.chunk.text, self.language)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences, in the order of reading."""
        return [self.chunk.text[start:end] for start, end in self.spans]

    @cached_property
    def headers(self) -> list[str]:
        """Of each sentence the line of headers over it, if it is a row of a table."""
        document = self.sources.documents[self.chunk.document_id]
        tables = document.metadata.get("tables", ())
        return [header_of(document.text, tables, self.chunk.start + start) for start, _ in self.spans]

    @cached_property
    def said(self) -> list[str]:
        """The sentences as they stand alone: a row with its headers, a later part of a turn with its speaker."""
        spoken = turns(self.sources.documents[self.chunk.document_id].text)
        found: list[str] = []
        for (start, _), text, header in zip(self.spans, self.sentences, self.headers, strict=True):
            speaker = spoken.speaker(self.chunk.start + start) if text[0] not in "[(" else ""
            found.append(with_headers(text, header) if header else f"{speaker}: {text}" if speaker else text)
        return found

    @cached_property
    def document(self) -> str:
        """What writer and critic are shown."""
        return numbered(self.title, self.said, self.before, self.date and with_weekday(self.date))

    @cached_property
    def context(self) -> str:
        """All that the page says: title, its document's beginning, headers of its tables and its date included."""
        return "\n".join(
            filter(None, [self.title, self.before, *dict.fromkeys(self.headers), self.chunk.text, self.date])
        )

    @cached_property
    def dated(self) -> str:
        """The title with the date, for a writer that is shown no more."""
        return ", ".join(filter(None, [self.title, self.date and with_weekday(self.date)]))

    def evidence(self, numbers: Iterable[int]) -> list[Evidence]:
        """The sentences of these numbers, from 1, those that stand side by side as one span."""
        known = sorted({n - 1 for n in numbers if 1 <= n <= len(self.spans)})
        runs = [[n for _, n in run] for _, run in groupby(enumerate(known), lambda pair: pair[1] - pair[0])]
        return [self.sources.span(self.chunk.id, self.spans[run[0]][0], self.spans[run[-1]][1]) for run in runs]


@dataclass
class Draft:
    """What a writer made of a page: facts, names, reasons of sentences without a fact by number, questions."""

    facts: list[Fact] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)
    untold: dict[int, Untold] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)


def fact_id(statement: str, language: str) -> str:
    """The same for statements of the same words in the same order, whatever page says them."""
    return content_id("fact", *stems(statement, language))


def facts_of(page: Page, draft: PassageDraft) -> tuple[list[Fact], list[Question]]:
    """The facts of a reply and the questions about them; a fact without a sentence of the page is none."""
    facts: dict[str, Fact] = {}
    questions: list[Question] = []
    names = [name.name for name in draft.names]
    for told in draft.facts:
        statement, evidence = " ".join(told.statement.split()), page.evidence(told.sentences)
        fact = Fact(
            id=fact_id(statement, page.language),
            statement=statement,
            evidence=evidence,
            parts=_parts(told.asks, evidence),
            entities=[name for name in names if locate(name, statement)] or _named(statement, page.language),
            date=told.date.strip(),
        )
        if statement and evidence:
            facts.setdefault(fact.id, fact)
        questions += [
            *asked(fact, told.asks),
            *unread(told.asks),
        ]  # without a sentence the checks reject them, so that they are counted
    return list(facts.values()), [*questions, *unread(draft.facts)]


def _named(statement: str, language: str) -> list[str]:
    return names_in(statement) if language == "en" else list(capitalised_names(statement, language))


def unread(entries: Sequence[Any]) -> list[Question]:
    """A question without a side for each entry that could not be read: the checks reject it, so that it is counted."""
    return [Question("local", content_id("unread", text), "", text, "", "", []) for text in left_out(entries)]


def asked(fact: Fact, asks: Iterable[AskDraft]) -> list[Question]:
    """The questions of a reply about one fact."""
    return [
        Question(
            "local", fact.id, ask.part, " ".join(question.split()), ask.answer.strip(), fact.statement, fact.evidence
        )
        for ask in asks
        for question in ask.questions
    ]


def _parts(asks: Iterable[AskDraft], evidence: Sequence[Evidence]) -> list[Part]:
    """The parts that stand in the evidence as they are, each once."""
    quoted = " ".join(e.quote for e in evidence)
    found = {ask.answer: Part(kind=ask.part, text=ask.answer) for ask in asks if locate(ask.answer, quoted)}
    return list(found.values())


def sentences_of(page: Page, facts: Iterable[Fact], reasons: dict[int, Untold]) -> list[Sentence]:
    """Every sentence of the page, with its facts or a reason (by number, from 1); without either it was not read."""
    carried = [(e.start, e.end, fact.id) for fact in facts for e in fact.evidence if e.chunk_id == page.chunk.id]
    found: list[Sentence] = []
    for number, (start, end) in enumerate(page.spans, 1):
        first, last = page.chunk.start + start, page.chunk.start + end
        ids = list(dict.fromkeys(fid for a, b, fid in carried if a <= first and last <= b))
        reason = "" if ids else reasons.get(number, "not read")
        found.append(Sentence(chunk_id=page.chunk.id, start=first, end=last, facts=ids, reason=reason))
    return found
