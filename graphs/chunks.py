"""Documents become chunks that re-read from them by their offsets."""

from __future__ import annotations

from agents.records import Chunk, Document, content_id
from graphs.documents import DocumentsConfig


def chunk_documents(documents: list[Document], config: DocumentsConfig) -> list[Chunk]:
    """Chunks of at most `chunk_characters`, cut at paragraphs, lines, sentences, then words; `text == document.text[start:end]`."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=config.chunk_characters,
        chunk_overlap=config.chunk_overlap,
        add_start_index=True,
        keep_separator="end",
        separators=["\n\n", "\n", ". ", "? ", "! ", " ", ""],
    )
    return [chunk for document in documents for chunk in _chunks(document, splitter.create_documents([document.text]))]


def _chunks(document: Document, pieces: list) -> list[Chunk]:  # type: ignore[type-arg]
    made: list[Chunk] = []
    for piece in pieces:
        start = piece.metadata["start_index"]
        end = start + len(piece.page_content)
        made.append(Chunk(id=content_id("chunk", document.id, start, end), document_id=document.id, start=start, end=end, text=document.text[start:end]))
    return made
