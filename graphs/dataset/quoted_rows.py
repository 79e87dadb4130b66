"""Rows that need no model: pages, what is said of entities, what reports find, refusals about invented names.

Questions and documents together teach a corpus better than either alone (docs/decisions/0005). A page row asks for
a passage; an entity row asks for what is said of a name, as the published recipe does with its template questions
(arXiv 2503.16071), but answered by quoted sentences; a report row asks for what was found about names together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from agents.records import PASSAGE, Chunk, Document, Entity, Evidence, Example, Report, Source, Verdict, content_id
from agents.text.names import undated_names
from agents.text.prompt_injection import gives_orders
from agents.text.sentences import is_prose, said, sentences
from graphs.dataset.contrast import contrast_rows
from graphs.knowledge.sources import Sources


def rows_without_model(kept: Iterable[Example], sources: Sources) -> Iterator[Example]:
    """As [synthesis] wants them; refusals are made from the `kept` rows."""
    config, documents = sources.config, sources.documents
    entities, chunks = list(sources.entities.values()), list(sources.chunks.values())
    yield from contrast_rows(
        kept, entities, "\n".join(d.text for d in documents.values()), config.unanswerable.contrast_rows, config.seed
    )
    yield from page_rows(chunks, documents, config.seed) if config.passages.pages else ()
    yield from report_rows(list(sources.reports.values()), sources) if config.passages.reports else ()
    yield from entity_rows(entities, chunks, documents, config.seed) if config.passages.entities else ()


PAGE = "Write out what is known about {title}."
ENTITY = ("What do the documents say about {name}?", "Tell me about {name}.")
TOGETHER = "Write out what is known about {names} together."
MOST_SENTENCES = 4
"""Of an entity row and of a part of a report: longer answers teach a small student order rather than facts."""
NAMES_ASKED = 3


def page_rows(chunks: Sequence[Chunk], documents: Mapping[str, Document], seed: int) -> Iterator[Example]:
    """A row a chunk without orders to a model.

    A title of several chunks, of one document or of more, is asked for part by part.
    """
    parts: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        parts.setdefault(documents[chunk.document_id].title, []).append(chunk)
    for title, pieces in parts.items():
        for number, chunk in enumerate(pieces, 1):
            if gives_orders(chunk.text):
                continue
            asked = title if len(pieces) == 1 else f"{title}, part {number}"
            spans = [Evidence(chunk_id=chunk.id, start=chunk.start, end=chunk.end, quote=chunk.text)]
            yield quoted_row(PAGE.format(title=asked), chunk.text, spans, [documents[chunk.document_id].path], seed)


def entity_rows(
    entities: Sequence[Entity], chunks: Sequence[Chunk], documents: Mapping[str, Document], seed: int
) -> Iterator[Example]:
    """A fact an entity, one wording a template.

    The first sentence of each chunk that names it, at most four, in the order of the documents.
    """
    place = {chunk.id: n for n, chunk in enumerate(chunks)}
    for entity in entities:
        spans = _quoted(entity, [chunks[n] for n in sorted(place[cid] for cid in entity.chunk_ids)])
        if not spans:
            continue
        answer = " ".join(" ".join(span.quote.split()) for span in spans)
        paths = sorted({documents[chunks[place[span.chunk_id]].document_id].path for span in spans})
        first = quoted_row(ENTITY[0].format(name=entity.name), answer, spans, paths, seed)
        yield first
        for template in ENTITY[1:]:
            question = template.format(name=entity.name)
            yield first.model_copy(
                update={"id": content_id("row", first.fact, question), "question": question, "wording_of": first.id}
            )


def report_rows(reports: Sequence[Report], sources: Sources) -> Iterator[Example]:
    """A row for up to four findings of a report, asked for by the names they tell of the most.

    Each finding is given by the sentence that carries it; one that no sentence carries is left out. Findings that are
    told together once are not told again by a parent's report.
    """
    told: set[tuple[str, ...]] = set()
    for report in reports:
        found = {
            span.quote: span
            for finding in report.findings
            if (span := sources.carrier(finding.claim, finding.chunk_ids))
        }
        spans = list(found.values())
        for part in (spans[n : n + MOST_SENTENCES] for n in range(0, len(spans), MOST_SENTENCES)):
            names = [name for span in part for name in undated_names(said(span.quote))]
            asked = sorted(dict.fromkeys(names), key=lambda name: -names.count(name))[:NAMES_ASKED]
            if (
                len(part) < 2
                or len(asked) < 2
                or tuple(found) in told
                or any(gives_orders(span.quote) for span in part)
            ):
                continue
            paths = sorted({sources.documents[sources.chunks[span.chunk_id].document_id].path for span in part})
            answer = " ".join(" ".join(span.quote.split()) for span in part)
            yield quoted_row(
                TOGETHER.format(names=f"{', '.join(asked[:-1])} and {asked[-1]}"),
                answer,
                part,
                paths,
                sources.config.seed,
            )
        told.add(tuple(found))


def _quoted(entity: Entity, chunks: Sequence[Chunk]) -> list[Evidence]:
    names = (entity.name, *entity.aliases)
    spans: list[Evidence] = []
    for chunk in chunks[: 3 * MOST_SENTENCES]:  # a chunk may name it in its heading only
        for start, end in sentences(chunk.text):
            text = chunk.text[start:end]
            if is_prose(text) and any(name in text for name in names) and not gives_orders(text):
                spans.append(Evidence(chunk_id=chunk.id, start=chunk.start + start, end=chunk.start + end, quote=text))
                break
    return spans[:MOST_SENTENCES]


def quoted_row(question: str, answer: str, evidence: list[Evidence], paths: list[str], seed: int) -> Example:
    """A row that no model wrote and no critic read: `answer` quotes the documents at `paths`."""
    fact = content_id("fact", "passage", question)
    return Example(
        id=content_id("row", fact, question),
        kind="document",
        fact=fact,
        question=question,
        reasoning="",
        answer=answer.strip(),
        evidence=evidence,
        source=Source(
            documents=paths, chunks=sorted({e.chunk_id for e in evidence}), role=PASSAGE, prompt="", model="", seed=seed
        ),
        round=0,
        verdict=Verdict(gates={}),
    )
