"""Documents become chunks that re-read from them by their offsets and know under which headings they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from agents.records import Chunk, Document, content_id
from graphs.corpus.documents import DocumentsConfig

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

MOST_OF_A_HEADING = 100  # characters that are kept of one: a path of headings stands in prompts
Heading = tuple[int, int, int]
"""Where it begins and ends in the text, and its level, 1 the highest."""


def chunk_documents(documents: list[Document], config: DocumentsConfig) -> list[Chunk]:
    """Chunks of at most `chunk_characters`, cut before headings, else at paragraphs, lines, sentences, then words.

    A section that fits stays whole, and neighbours under one heading stay together while they fit.
    `text == document.text[start:end]`.
    """
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=config.chunk_characters,
        chunk_overlap=config.chunk_overlap,
        keep_separator="end",
        separators=["\n\n", "\n", ". ", "? ", "! ", " ", ""],
    )
    return [chunk for document in documents for chunk in _chunks(document, splitter, config)]


def _chunks(document: Document, splitter: TextSplitter, config: DocumentsConfig) -> Iterator[Chunk]:
    """Each piece of a section where it stands first after the start of the one before.

    The splitter's own `start_index` may go back to a repeated text.
    """
    headings: list[Heading] = [(start, end, level) for start, end, level in document.metadata.get("headings", ())]
    for first, last in _sections(0, len(document.text), headings, config.chunk_characters):
        section = document.text[first:last]
        for start, end in _places(section, splitter.split_text(section), config.chunk_overlap):
            yield Chunk(
                id=content_id("chunk", document.id, first + start, first + end),
                document_id=document.id,
                start=first + start,
                end=first + end,
                text=section[start:end],
                headings=_path(document, headings, first + start),
            )


def _places(section: str, pieces: Sequence[str], overlap: int) -> list[tuple[int, int]]:
    """Where each piece stands; one that begins where the one before it began holds that one, and takes its place."""
    places: list[tuple[int, int]] = []
    start, end = -1, 0
    for piece in pieces:
        found = section.find(piece, max(start + 1, end - overlap))
        if found < 0:
            found = section.index(piece, max(start, 0))
            if found == start:
                places.pop()
        start, end = found, found + len(piece)
        places.append((start, end))
    return places


def _sections(first: int, last: int, headings: Sequence[Heading], most: int) -> Iterator[tuple[int, int]]:
    """Spans of `first` to `last` that end where headings begin, none longer than `most` if headings allow it."""
    inside = [heading for heading in headings if first < heading[0] < last]
    if last - first <= most or not inside:
        yield first, last
        return
    highest = min(level for _, _, level in inside)
    borders = [first, *(start for start, _, level in inside if level == highest), last]
    joined: list[tuple[int, int]] = []
    for start, end in pairwise(borders):
        if joined and end - joined[-1][0] <= most:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    for start, end in joined:
        yield from _sections(start, end, inside, most)


def _path(document: Document, headings: Sequence[Heading], at: int) -> list[str]:
    """The headings over the character `at`, the highest first, without the title and one that begins there."""
    path: list[tuple[int, str]] = []
    for start, end, level in headings:
        if start > at:
            break
        path = [(above, name) for above, name in path if above < level]
        if start < at:
            path.append((level, document.text[start:end].strip("# \n")[:MOST_OF_A_HEADING]))
    return [name for _, name in path if name and name != document.title]
