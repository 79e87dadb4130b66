"""Chunks re-read from their document by their offsets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.records import Chunk, Document
from graphs.corpus.chunks import chunk_documents
from graphs.corpus.documents import DocumentsConfig

PIECES = ["Ann sold the mill. ", "Who did? ", "\n\n", "\n", " ", "word ", "x" * 90, "same words again. ", "Ü\u2028"]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join).filter(str.strip)


def cut(text: str, size: int = 200, overlap: int = 0) -> list[Chunk]:
    document = Document(id="doc-1", path="a.md", title="A", text=text)
    return chunk_documents([document], DocumentsConfig(chunk_characters=size, chunk_overlap=overlap))


@settings(deadline=None, max_examples=60)
@given(TEXTS, st.sampled_from([0, 50]))
def test_every_chunk_re_reads_and_nothing_but_white_space_is_left_out(text: str, overlap: int) -> None:
    chunks = cut(text, overlap=overlap)
    covered = set()
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        assert 0 < len(chunk.text) <= 200
        covered |= set(range(chunk.start, chunk.end))
    if not overlap:  # with an overlap a repeated text may be found where it stood before
        assert not "".join(c for at, c in enumerate(text) if at not in covered).strip()
    assert [c.start for c in chunks] == sorted({c.start for c in chunks})


def test_a_short_document_is_one_chunk() -> None:
    (chunk,) = cut("Ann sold the mill.")
    assert (chunk.start, chunk.end, chunk.document_id) == (0, 18, "doc-1")


@pytest.mark.parametrize(
    ("separator", "ends"), [("\n\n", "."), ("\n", "."), (" ", ".")], ids=["paragraph", "line", "sentence"]
)
def test_cuts_fall_between_paragraphs_lines_or_sentences(separator: str, ends: str) -> None:
    chunks = cut(separator.join(f"This is sentence number {n} of a page." for n in range(30)))
    assert len(chunks) > 1
    assert all(chunk.text.endswith(ends) for chunk in chunks)
