"""Rows that teach the text itself beside the questions: pages in parts, and facts told in several orders.

Questions and documents together teach more than either alone, in rows that never hold the passage in the prompt (a
student that is shown it learns to read, not to know); sentences in other orders teach more than one order repeated
(arXiv 2309.14316). No model is called.
"""

from __future__ import annotations

import random
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agents.facts import Fact
from agents.records import SYSTEM_PROMPT, Chunk, Document, Evidence, Example, content_id
from agents.text.language import language_of
from agents.text.prompt_injection import gives_orders
from agents.text.segment import spans
from agents.text.words import CHARACTERS_PER_TOKEN
from graphs.config import SynthesisConfig
from graphs.dataset.quoted_rows import PAGE, quoted_row
from graphs.dataset.selection import row_tokens

MOST_TOKENS = 200  # of a row, by its characters: a batch of short rows is padded to its longest
ROOM = MOST_TOKENS * CHARACTERS_PER_TOKEN - len(SYSTEM_PROMPT)  # characters of a row's question and answer
LEAST_ROOM = 200  # of an answer in characters, however long a title is
ORDERS = 5  # of the same statements: five different tellings of a fact took it from 10 to 97 % (arXiv 2309.14316)
FEWEST_ABOUT_A_NAME = 2  # a single statement stands among those of its chunk already
PROMPTS: Mapping[str, tuple[str, ...]] = {
    "en": (PAGE, "What is known about {title}?", "Tell me about {title}."),
    "de": ("Schreib auf, was über {title} bekannt ist.", "Was ist über {title} bekannt?", "Erzähl mir von {title}."),
    "es": ("Escribe lo que se sabe de {title}.", "¿Qué se sabe de {title}?", "Háblame de {title}."),
    "fr": ("Écris ce que l'on sait de {title}.", "Que sait-on de {title} ?", "Parle-moi de {title}."),
    "zh": ("请写出关于{title}的已知内容。", "关于{title}，已知哪些内容？", "请介绍{title}。"),
    "ja": (
        "{title}について知られていることを書いてください。",
        "{title}について何が知られていますか。",
        "{title}について教えてください。",
    ),
}
"""By ISO 639-1 code; in any other language a row is asked for by its title alone."""
TITLE_ALONE = ("{title}",)


class Told(NamedTuple):
    """A sentence or statement with the spans that it stands on."""

    text: str
    evidence: Sequence[Evidence]


class Subject(NamedTuple):
    """A title or name, and what is told of it: in this order once, or else in several others."""

    asked: str
    language: str
    told: Sequence[Told]
    in_order: bool


def document_rows(
    facts: Sequence[Fact],
    chunks: Sequence[Chunk],
    documents: Mapping[str, Document],
    config: SynthesisConfig,
    question_tokens: int,
) -> list[Example]:
    """Rows of up to `passages.share` times `question_tokens` training tokens; a larger share's hold a smaller one's.

    Every chunk's sentences in parts, every chunk's statements, and every name's; each in turn gives a row, so that a
    small share reaches as much of the corpus as it can.
    """
    budget = config.passages.share * question_tokens
    if not budget:
        return []
    paths = {chunk.id: documents[chunk.document_id].path for chunk in chunks}
    subjects = [*_pages(chunks, documents), *_statements(facts, chunks, documents)]
    random.Random(f"documents {config.seed}").shuffle(subjects)
    turns = [_rows(subject, paths, config.seed) for subject in subjects]
    rows: dict[str, Example] = {}  # a page whose title is a name may be told as the name is
    while turns:
        going: list[Iterator[Example]] = []
        for turn in turns:
            if (row := next(turn, None)) is None:
                continue
            going.append(turn)
            budget -= row_tokens(row, config) if row.id not in rows else 0
            if budget < 0:
                return list(rows.values())
            rows.setdefault(row.id, row)
        turns = going
    return list(rows.values())


def _pages(chunks: Sequence[Chunk], documents: Mapping[str, Document]) -> Iterator[Subject]:
    """The sentences of each chunk that gives no orders to a model; of chunks with one title each has its number."""
    by_title: dict[str, list[Chunk]] = defaultdict(list)
    for chunk in chunks:
        by_title[documents[chunk.document_id].title].append(chunk)
    for title, of_title in by_title.items():
        for number, chunk in enumerate(of_title, 1):
            language = language_of(chunk.text)
            told = [
                Told(_line(chunk.text[start:end]), [_span(chunk, start, end)])
                for start, end in spans(chunk.text, language)
                if not chunk.text.startswith("#", start)
            ]
            if told and not gives_orders(chunk.text):
                asked = title if len(of_title) == 1 else f"{title} ({number})"
                yield Subject(asked, language, told, in_order=True)


def _statements(facts: Sequence[Fact], chunks: Sequence[Chunk], documents: Mapping[str, Document]) -> Iterator[Subject]:
    """The statements of each chunk, and those about each name of several."""
    titles = {chunk.id: documents[chunk.document_id].title for chunk in chunks}
    by_chunk: dict[str, dict[str, Told]] = defaultdict(dict)
    by_name: dict[str, dict[str, Told]] = defaultdict(dict)
    for fact in facts:
        told = Told(_line(fact.statement), fact.evidence)
        if not fact.evidence or gives_orders("\n".join([told.text, *(span.quote for span in fact.evidence)])):
            continue
        by_chunk[fact.evidence[0].chunk_id].setdefault(told.text, told)
        for name in fact.entities:
            by_name[name].setdefault(told.text, told)
    about = [(titles[chunk_id], told) for chunk_id, told in by_chunk.items()]
    about += [(name, told) for name, told in by_name.items() if len(told) >= FEWEST_ABOUT_A_NAME]
    for asked, told in about:
        yield Subject(asked, language_of(" ".join(told)), list(told.values()), in_order=False)


def _rows(subject: Subject, paths: Mapping[str, str], seed: int) -> Iterator[Example]:
    """The rows of a subject, each answer once, each order asked for in another form."""
    prompts = PROMPTS.get(subject.language, TITLE_ALONE)
    seen: set[str] = set()
    for order in range(1 if subject.in_order else ORDERS):
        prompt, told = prompts[order % len(prompts)], list(subject.told)
        if not subject.in_order:
            random.Random(f"order {seed} {order} {subject.asked}").shuffle(told)
        parts = _parts(told, ROOM - len(prompt) - len(subject.asked))
        for number, part in enumerate(parts, 1):
            answer = " ".join(one.text for one in part)
            if not answer or answer in seen:
                continue
            seen.add(answer)
            numbered = subject.in_order and len(parts) > 1
            asked = f"{subject.asked}, {number}/{len(parts)}" if numbered else subject.asked
            yield _row(prompt.format(title=asked), answer, part, paths, seed)


def _parts(told: Iterable[Told], room: int) -> list[list[Told]]:
    """Neighbours together while they fit into `room` characters; what does not fit alone is cut between words."""
    parts: list[list[Told]] = [[]]
    left = room
    for one in told:
        for text in textwrap.wrap(one.text, max(room, LEAST_ROOM), break_on_hyphens=False):
            if len(text) > left and parts[-1]:
                parts.append([])
                left = room
            parts[-1].append(Told(text, one.evidence))
            left -= len(text) + 1
    return parts


def _row(question: str, answer: str, part: Sequence[Told], paths: Mapping[str, str], seed: int) -> Example:
    evidence = list({(span.chunk_id, span.start, span.end): span for one in part for span in one.evidence}.values())
    row = quoted_row(question, answer, evidence, sorted({paths[span.chunk_id] for span in evidence}), seed)
    return row.model_copy(update={"id": content_id("row", row.fact, question, answer)})


def _span(chunk: Chunk, start: int, end: int) -> Evidence:
    return Evidence(chunk_id=chunk.id, start=chunk.start + start, end=chunk.start + end, quote=chunk.text[start:end])


def _line(text: str) -> str:
    return " ".join(text.split())
