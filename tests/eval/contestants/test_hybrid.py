"""Vectors and BM25, joined by rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agents.records import Document
from eval.contestants.hybrid import Hybrid, fused
from eval.contestants.rag import Passage, Retriever, split_documents

DOCUMENTS = [
    Document(id=str(n), path=f"{n}.md", title="", text=text)
    for n, text in enumerate(
        ["The lens broke on the first of April.", "Wenna keeps the light.", "Order number 4711-B was for nine barrels."]
    )
]


def blind(texts: Sequence[str]) -> list[list[float]]:
    """Embeddings that tell nothing apart but the first document."""
    return [[1.0, 0.1 if "lens" in text else 0.2] for text in texts]


def named(name: str) -> Passage:
    """A passage of a file."""
    return Passage(path=name, start=0, end=1, text=name)


def test_a_passage_that_both_find_goes_before_one_that_either_finds_first() -> None:
    found = fused([[named("a"), named("both")], [named("b"), named("both")]])
    assert [one.path for one in found] == ["both", "a", "b"]


def test_a_number_is_found_that_vectors_are_blind_to(tmp_path: Path) -> None:
    retriever = Retriever.open(tmp_path, DOCUMENTS, 300, 50, blind)
    hybrid = Hybrid(retriever, split_documents(DOCUMENTS, 300, 50))
    question = "What was order 4711-B for?"
    assert hybrid.search([question], 1)[0][0].path == "2.md"
    assert [len(found) for found in hybrid.search([question, "???"], 2)] == [2, 2]


def test_words_are_compared_by_their_stems(tmp_path: Path, embed: Callable[[Sequence[str]], list[list[float]]]) -> None:
    hybrid = Hybrid(Retriever.open(tmp_path, DOCUMENTS, 300, 50, embed), split_documents(DOCUMENTS, 300, 50))
    assert {one.path for one in hybrid._by_words("keeping a barrel", 3)} == {"1.md", "2.md"}
