"""Documents become chunks that re-read from them by their offsets."""

from __future__ import annotations

from agents.records import Chunk, Document, content_id
from graphs.corpus.documents import DocumentsConfig


def chunk_documents(documents: list[Document], config: DocumentsConfig) -> list[Chunk]:
    """Chunks of at most `chunk_characters`, cut at paragraphs, lines, sentences, then words.

    `text == document.text[start:end]`.
    """
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=config.chunk_characters,
        chunk_overlap=config.chunk_overlap,
        keep_separator="end",
        separators=["\n\n", "\n", ". ", "? ", "! ", " ", ""],
    )
    return [
        chunk
        for document in documents
        for chunk in _chunks(document, splitter.split_text(document.text), config.chunk_overlap)
    ]


def _chunks(document: Document, pieces: list[str], overlap: int) -> list[Chunk]:
    """Each piece where it stands first after the start of the one before.

    The splitter's own `start_index` may go back to a repeated text.
    """
    made: list[Chunk] = []
    start, end = -1, 0
    for piece in pieces:
        start = document.text.index(piece, max(start + 1, end - overlap))
        end = start + len(piece)
        made.append(
            Chunk(
                id=content_id("chunk", document.id, start, end),
                document_id=document.id,
                start=start,
                end=end,
                text=document.text[start:end],
            )
        )
    return made
