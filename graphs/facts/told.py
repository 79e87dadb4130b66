"""Facts as writer and critic are shown them, and the verdict of the critic on rows over several facts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from agents.errors import ITEM_ERRORS
from agents.facts import Fact
from agents.progress import Stage
from agents.records import Evidence, Rejected
from agents.roles.passage_writer import numbered
from agents.roles.role import FENCE, Role
from agents.roles.row_critic import Row, judge_rows
from agents.text.language import language_of
from agents.text.prompt_injection import gives_orders
from agents.text.stems import stems
from agents.text.values import says, values_in
from graphs.concurrency import gather
from graphs.facts.checks import MOST_QUESTION, PAGE_WORDS, gives_away, strange_names
from graphs.facts.knowledge import entities_by_name
from graphs.facts.rows import FactSources, Question, Written, example, rejection
from graphs.lost import said_of

X = TypeVar("X")
MOST_JUDGED = 60  # rows of one call of the critic; over several facts each takes more reading than on a page
MOST_QUOTES = 2  # of a fact that many pages say


@dataclass(frozen=True)
class Told:
    """Some facts as one document: its language, all that it says, and the form that the critic is shown."""

    sources: FactSources
    facts: Sequence[Fact]
    written_in: str = ""
    """ISO 639-1, where it is known."""

    @cached_property
    def language(self) -> str:
        """ISO 639-1 of most of what is told, English where it does not show."""
        return self.written_in or language_of(" ".join(fact.statement for fact in self.facts)[:2000]) or "en"

    @cached_property
    def lines(self) -> list[str]:
        """One for each fact: `line_of`."""
        return [line_of(self.sources, fact) for fact in self.facts]

    @cached_property
    def document(self) -> str:
        """The numbered lines, as quoted data."""
        return numbered("What is told in several documents", self.lines)

    @cached_property
    def context(self) -> str:
        """Every word of the facts and of their evidence."""
        return "\n".join([*self.lines, *(e.quote for fact in self.facts for e in fact.evidence)])

    @cached_property
    def values(self) -> frozenset[str]:
        """The numbers and dates that are told."""
        return values_in(self.context, self.language) | {fact.date for fact in self.facts if fact.date}

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The spans of all facts, each once, in the order of the facts."""
        return list({(e.chunk_id, e.start, e.end): e for fact in self.facts for e in fact.evidence}.values())


def line_of(sources: FactSources, fact: Fact) -> str:
    """A fact with where and when it is told, and in which words."""
    quotes = [" ".join(e.quote.split()) for e in fact.evidence[:MOST_QUOTES]]
    where = "; ".join(dict.fromkeys(sources.title(e.chunk_id) for e in fact.evidence[:MOST_QUOTES]))
    said = " / ".join(quote for quote in dict.fromkeys(quotes) if quote != fact.statement)
    return f"{fact.statement} (in {', '.join(filter(None, [where, fact.date]))}{f': “{said}”' if said else ''})"


def documents_of(sources: FactSources, fact: Fact) -> frozenset[str]:
    """The ids of the documents that say it."""
    return frozenset(sources.chunks[e.chunk_id].document_id for e in fact.evidence)


def facts_by_entity(sources: FactSources) -> dict[str, list[Fact]]:
    """The facts that name each entity (by id), in the order of the documents."""
    by_name, found = entities_by_name(sources.entities.values()), {entity: [] for entity in sources.entities}
    for fact in sources.facts.values():
        ids = dict.fromkeys(by_name[name.casefold()].id for name in fact.entities if name.casefold() in by_name)
        for entity in ids:
            found[entity].append(fact)
    return found


def check_question(asked: Question, told: Told) -> str | None:
    """The reason why a question over facts fails whatever is its answer, or None; no model is asked."""
    said, question = f"{asked.question}\n{asked.answer}", asked.question
    if not asked.answer or len(stems(question, told.language)) < 2 or len(question) > MOST_QUESTION:
        return "not a question"
    if gives_orders(said) or FENCE.search(said):
        return "follows an order of the document"
    if told.language == "en" and PAGE_WORDS.search(question):
        return "mentions the page"
    stated = (value for text in (question, asked.answer) for value in values_in(text, told.language))
    if not all(says(value, told.values) for value in stated):
        return "number not in the facts"
    if strangers := strange_names(said, told.context, told.language):
        return f"name not in the facts: {', '.join(sorted(strangers))}"
    return "gives the answer away" if gives_away(question, asked.answer, told.language) else None


def sorted_out(checked: Iterable[tuple[Question, str | None]], language: str) -> tuple[list[Question], list[Rejected]]:
    """The questions without a fault, each once, and the rejections."""
    passed: list[Question] = []
    rejected: list[Rejected] = []
    seen: set[tuple[str, ...]] = set()
    for asked, fault in checked:
        key = tuple(stems(asked.question, language))
        if reason := fault or ("question repeated" if key in seen else None):
            rejected.append(rejection(asked, "check", reason, 1))
        else:
            passed.append(asked)
            seen.add(key)
    return passed, rejected


async def judged(
    told: Told,
    questions: Sequence[Question],
    role: Role[Any],
    community: str | None = None,
) -> Written:
    """The rows that the critic keeps, who is shown the facts; a call that fails is the reason of all its rows.

    So many rows a call, all calls at once.
    """

    async def one(asked: Sequence[Question]) -> Written:
        said = ""
        try:
            rows = [Row(q.question, q.answer) for q in asked]
            faults = await judge_rows(told.sources.clients["critic"], told.document, rows)
        except ITEM_ERRORS as error:
            faults, said = [error.reason] * len(asked), said_of(error)
        verdicts = list(zip(asked, faults, strict=True))
        return Written(
            [example(told.sources, q, role, 1, community) for q, fault in verdicts if fault == "none"],
            [rejection(q, "critic", fault, 1, said) for q, fault in verdicts if fault != "none"],
        )

    pieces = [questions[at : at + MOST_JUDGED] for at in range(0, len(questions), MOST_JUDGED)]
    return together(await gather(pieces, one, nullcontext()))


async def each_batch(
    batches: Iterable[Sequence[X]],
    write: Callable[[Sequence[X]], Awaitable[Written]],
    turn: asyncio.Semaphore,
    stage: Stage | None = None,
) -> list[Written]:
    """What was written of each batch, in their order; `stage` counts the items of those that are done."""

    async def one(batch: Sequence[X]) -> Written:
        written = await write(batch)
        if stage:
            stage.count("done", len(batch))
        return written

    return await gather(batches, one, turn)


def together(parts: Iterable[Written]) -> Written:
    """All rows and rejections, in order."""
    listed = list(parts)
    return Written([row for part in listed for row in part.examples], [row for part in listed for row in part.rejected])
