"""Chunks re-read from their document by their offsets."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.records import Chunk, Document
from graphs.corpus.chunks import chunk_documents
from graphs.corpus.documents import DocumentsConfig

PIECES = ["Ann sold the mill. ", "Who did? ", "\n\n", "\n", " ", "word ", "x" * 90, "same words again. ", "Ü\u2028"]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join).filter(str.strip)


def cut(text: str, size: int = 200, overlap: int = 0) -> list[Chunk]:
    document = Document(id="doc-1", path="a.md", title="A", text=text)
    return chunk_documents([document], DocumentsConfig(chunk_characters=size, chunk_overlap=overlap))


@settings(max_examples=60)
@given(TEXTS, st.sampled_from([0, 50]))
@example("\n\nWho did? Who did? \n\n" + "x" * 179, 50)  # the second piece begins where the first one did
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


SECTIONS = ["# Manual", "Read me.", "## Engine", "### Oil", "Fill it. " * 15, "### Water", "Drain it. " * 15, "## Deck"]


def headed(*blocks: str) -> Document:
    """A document of these blocks, the headings among them marked as a reader marks them."""
    text, headings = "", []
    for block in blocks:
        if block.startswith("#"):
            headings.append([len(text), len(text) + len(block), block.count("#")])
        text += f"{block}\n\n"
    return Document(id="doc-1", path="a.md", title="Manual", text=text, metadata={"headings": headings})


def test_chunks_end_at_headings_and_carry_the_path_of_those_over_them() -> None:
    chunks = chunk_documents([headed(*SECTIONS)], DocumentsConfig(chunk_characters=200))
    assert [(chunk.text.partition("\n")[0], chunk.headings) for chunk in chunks] == [
        ("# Manual", []),
        ("## Engine", []),
        ("### Water", ["Engine"]),
        ("## Deck", []),
    ]


def test_a_section_that_is_cut_has_its_own_heading_over_the_second_part() -> None:
    chunks = chunk_documents([headed("# Manual", "## Engine", "Fill it. " * 40)], DocumentsConfig(chunk_characters=200))
    assert [chunk.headings for chunk in chunks[-2:]] == [["Engine"], ["Engine"]]


def test_small_sections_stay_together() -> None:
    blocks = [part for n in range(6) for part in (f"## Question {n}", "A short answer.")]
    chunks = chunk_documents([headed("# Manual", *blocks)], DocumentsConfig(chunk_characters=200))
    assert len(chunks) == 2
    assert all(chunk.text.lstrip().startswith("#") for chunk in chunks)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*PIECES, "# A", "## B", "### C"]), min_size=1, max_size=60))
def test_with_headings_every_chunk_re_reads_and_nothing_is_left_out(blocks: list[str]) -> None:
    document = headed(*blocks)
    chunks = chunk_documents([document], DocumentsConfig(chunk_characters=200))
    assert all(chunk.text == document.text[chunk.start : chunk.end] for chunk in chunks)
    assert sum(len("".join(chunk.text.split())) for chunk in chunks) == len("".join(document.text.split()))
    assert all(len(chunk.text) <= 200 for chunk in chunks)
