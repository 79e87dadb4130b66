"""What rows are written from: documents, chunks, entities and reports by id, and the evidence in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.models.client import Client
from agents.records import Brief, Chunk, Community, Document, Entity, Evidence, Report
from agents.roles.community_summarizer import by_sentence
from agents.text.matching import find_quote
from agents.text.sentences import sentences
from agents.text.words import content_words
from graphs.config import SynthesisConfig

SOURCE_CHARACTERS = 6000  # most characters of source in a gate's prompt: about 1,500 tokens
LEAST_OVERLAP = 0.5  # of a finding's content words that the evidence sentence must hold


@dataclass(frozen=True)
class Sources:
    """The graph's items by id, the clients by role, and the config: read by every draft, changed by none."""

    config: SynthesisConfig
    clients: Mapping[str, Client]
    documents: Mapping[str, Document]
    chunks: Mapping[str, Chunk]
    entities: Mapping[str, Entity] = field(default_factory=dict)
    communities: Mapping[str, Community] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)

    def title(self, chunk_id: str) -> str:
        """The title of the chunk's document, and the headings over the chunk."""
        chunk = self.chunks[chunk_id]
        return titled(self.documents[chunk.document_id], chunk)

    def page(self, brief: Brief) -> str:
        """The chunks of a brief as the writer and the critic read them, each under its document's title."""
        share = SOURCE_CHARACTERS // max(1, len(brief.chunk_ids))
        return "\n\n".join(
            f"{self.title(cid)}\n\n{self.chunks[cid].text[: max(share, 400)]}" for cid in brief.chunk_ids
        )[: SOURCE_CHARACTERS + 400]

    def evidence(self, chunk_id: str, quote: str) -> list[Evidence]:
        """`quote` as a span of its document; a near match is replaced by the source's own span.

        It is empty if the quote is not there.
        """
        span = find_quote(quote, self.chunks[chunk_id].text)
        return [self.span(chunk_id, *span)] if span else []

    def span(self, chunk_id: str, start: int, end: int) -> Evidence:
        """The characters `start` to `end` of a chunk's text, as a span of its document."""
        chunk = self.chunks[chunk_id]
        first, last = chunk.start + start, chunk.start + end
        return Evidence(
            chunk_id=chunk_id, start=first, end=last, quote=self.documents[chunk.document_id].text[first:last]
        )

    def carrier(self, claim: str, chunk_ids: list[str]) -> Evidence | None:
        """The sentence of these chunks that shares the most content words with `claim`."""
        wanted = content_words(claim)
        best, score = None, LEAST_OVERLAP
        for cid in chunk_ids:
            text = self.chunks[cid].text
            for (start, end), (_, content) in zip(sentences(text), by_sentence(text), strict=True):
                overlap = len(wanted & content) / max(1, len(wanted))
                if overlap > score:
                    best, score = (cid, text[start:end]), overlap
        return self.evidence(*best)[0] if best else None


def titled(document: Document, chunk: Chunk) -> str:
    """Where a chunk stands, for a model and for a person: "Manual: Engine: Oil"."""
    return ": ".join([document.title, *chunk.headings])
