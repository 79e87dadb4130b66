"""Refusals: questions that the documents do not answer, about names that they hold and about invented ones."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

from agents.errors import ITEM_ERRORS
from agents.facts import Fact
from agents.progress import Stage
from agents.records import Entity, Example, content_id
from agents.roles.unknown_writer import UNKNOWNS_WRITER, UnknownDraft, judge_told, told_of, write_unknowns
from agents.text.language import language_name
from agents.text.refusals import refusal
from agents.text.spans import locate
from graphs.config import UnanswerableConfig
from graphs.dataset.contrast import contrast_rows
from graphs.facts.passage import Page
from graphs.facts.rows import FactSources, Question, Written, example, rejection
from graphs.facts.told import Told, check_question, each_batch, facts_by_entity, sorted_out
from graphs.lost import said_of

NAMES_A_CALL = 10
MOST_SHOWN = 16_000  # characters of facts in one call; a name that more is told of is not asked about
PER_NAME = 3  # questions, where there are names enough
MOST_PER_NAME = 8
WRITTEN = 1.4  # questions written for one that is wanted: checks and critic stop some
WELL_KNOWN = 5  # facts from which a name counts as well known; those are asked about first


class Known(NamedTuple):
    """A name with everything that is told of it."""

    entity: Entity
    facts: Sequence[Fact]


def most_refusals(rows: int, config: UnanswerableConfig) -> int:
    """How many refusals may stand beside `rows` other rows, so that they are at most `share` of all."""
    return int(rows * config.share / (1 - config.share))


def write_contrasts(sources: FactSources, examples: Sequence[Example]) -> list[Example]:
    """Kept questions with invented names in place of theirs, as many as the refusals among `examples` leave room for.

    No model is asked.
    """
    config = sources.config.unanswerable
    refused = sum(row.kind == "unanswerable" for row in examples)
    count = most_refusals(len(examples) - refused, config) - refused
    if count <= 0 or not config.contrast_rows:
        return []
    corpus = "\n".join(document.text for document in sources.documents.values())
    asked = {row.id: row.question for row in examples}
    rows = contrast_rows(examples, list(sources.entities.values()), corpus, count, sources.config.seed)
    return [row.model_copy(update={"answer": _refused(sources, row, asked[row.source.parent or ""])}) for row in rows]


def _refused(sources: FactSources, row: Example, parent: str) -> str:
    """The refusal of a contrast row in the language of its page."""
    page = next((sources.chunks[cid] for cid in row.source.chunks if cid in sources.chunks), None)
    language = Page(sources, page).language if page else "en"
    return refusal(row.question, _stranger(row.question, parent), False, language)


def _stranger(question: str, parent: str) -> str:
    """The first invented name of a question: the words that its parent does not hold."""
    new = set(re.findall(r"\w+", question)) - set(re.findall(r"\w+", parent))
    found = re.search(rf"\b(?:{'|'.join(sorted(new))})\b(?: (?:{'|'.join(sorted(new))})\b)*", question) if new else None
    return found[0] if found else ""


async def write_unknown(
    sources: FactSources, rows: int, turn: asyncio.Semaphore, stage: Stage | None = None
) -> Written:
    """Refusals about known names beside `rows` other rows: half of all refusals, all without contrast rows.

    One call writes for several names, one verifies with everything told of them. `stage` counts names.
    """
    config = sources.config.unanswerable
    count = most_refusals(rows, config) // (2 if config.contrast_rows else 1) if config.briefs else 0
    wanted = round(count * WRITTEN)
    known = _known(sources)[: max(1, -(-wanted // PER_NAME))] if count else []
    each = min(MOST_PER_NAME, -(-wanted // max(1, len(known))))
    found = await each_batch(_batches(sources, known), partial(_of_batch, sources, each=each), turn, stage)
    spread = [row for rank in zip_longest(*(part.examples for part in found)) for row in rank if row]
    return Written(spread[:count], [row for part in found for row in part.rejected])


def _known(sources: FactSources) -> list[Known]:
    """The names that something is told of, but not too much to be shown; well-known ones first, in seeded order."""
    found = [Known(sources.entities[eid], facts) for eid, facts in facts_by_entity(sources).items() if facts]
    found = [known for known in found if _size(sources, known) <= MOST_SHOWN]
    seed = sources.config.seed
    return sorted(found, key=lambda k: (-min(len(k.facts), WELL_KNOWN), content_id("drawn", seed, k.entity.id)))


def _size(sources: FactSources, known: Known) -> int:
    return sum(map(len, Told(sources, known.facts).lines))


def _batches(sources: FactSources, known: Sequence[Known]) -> list[list[Known]]:
    """At most so many names and characters in each."""
    batches: list[list[Known]] = []
    left = 0
    for one in known:
        size = _size(sources, one)
        if not batches or len(batches[-1]) == NAMES_A_CALL or size > left:
            batches.append([])
            left = MOST_SHOWN
        batches[-1].append(one)
        left -= size
    return batches


async def _of_batch(sources: FactSources, batch: Sequence[Known], each: int) -> Written:
    told = Told(sources, list({fact.id: fact for known in batch for fact in known.facts}.values()))
    document = told_of({known.entity.name: Told(sources, known.facts).lines for known in batch})
    try:
        drafts = await write_unknowns(sources.clients["question_writer"], document, each, language_name(told.language))
    except ITEM_ERRORS as error:
        failed = [Question("unanswerable", known.entity.id, "untold", "", "", "", []) for known in batch]
        return Written([], [rejection(asked, "writer", error.reason, 1, error.said) for asked in failed])
    checked, about = _checked(sources, batch, drafts, told.language)
    (passed, rejected), said = sorted_out(checked, told.language), ""
    try:
        faults = await judge_told(sources.clients["critic"], document, [q.question for q in passed]) if passed else []
    except ITEM_ERRORS as error:
        faults, said = [error.reason] * len(passed), said_of(error)
    judged = list(zip(passed, faults, strict=True))
    rejected += [rejection(asked, "critic", fault, 1, said) for asked, fault in judged if fault != "none"]
    return Written([_row(sources, asked, about[asked.fact]) for asked, fault in judged if fault == "none"], rejected)


def _checked(
    sources: FactSources, batch: Sequence[Known], drafts: Sequence[UnknownDraft], language: str
) -> tuple[list[tuple[Question, str | None]], dict[str, Known]]:
    """The questions with their faults, the first of every name, then the second; and whom each is about."""
    checked: list[tuple[Question, str | None]] = []
    about: dict[str, Known] = {}
    numbered = [(batch[d.name - 1], d.questions) for d in drafts if 1 <= d.name <= len(batch)]
    for rank in zip_longest(*([(known, text) for text in questions] for known, questions in numbered)):
        for known, text in filter(None, rank):
            question = " ".join(text.split())
            answer = refusal(question, known.entity.name, known=True, language=language)
            asked = Question("unanswerable", content_id("untold", question), "untold", question, answer, "", [])
            named = any(locate(name, question) for name in (known.entity.name, *known.entity.aliases))
            fault = (
                check_question(asked, Told(sources, known.facts, language)) if named else "does not name its subject"
            )
            about[asked.fact] = known
            checked.append((asked, fault))
    return checked, about


def _row(sources: FactSources, asked: Question, known: Known) -> Example:
    """A row without evidence, whose source is what was read to see that nothing tells it."""
    row = example(sources, asked, UNKNOWNS_WRITER, 1)
    chunks = list(dict.fromkeys(e.chunk_id for fact in known.facts for e in fact.evidence))
    paths = sorted({sources.documents[sources.chunks[cid].document_id].path for cid in chunks})
    return row.model_copy(update={"source": row.source.model_copy(update={"chunks": chunks, "documents": paths})})
