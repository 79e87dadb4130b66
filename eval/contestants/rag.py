"""VanillaRAG: the retrieval that the tuned model is measured against.

As in the paper's baseline (arXiv 2503.16071, section 4.1): 1000 characters with 200 overlap, embeddings in Chroma, the
nearest chunks in front of the question. Unlike its published scripts the answer may be as long as it likes. Embeddings
come from a folder on disk; Chroma's own embedding function, which downloads a model, is never used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from agents.errors import InputError
from agents.models.embedding import EMBEDDER, Embed
from agents.reading import reading_messages
from agents.records import Document, Item, Message, content_id
from graphs.corpus.documents import place

COLLECTION = "documents"
HNSW: Any = {"space": "cosine", "ef_construction": 400, "ef_search": 400, "max_neighbors": 64}
"""Chroma's defaults (100, 100, 16) found 0.87 of the true ten nearest among 10k random vectors and 0.52 among 100k."""


class Passage(Item):
    """A retrieved span: `text == document.text[start:end]` of the document at `path`.

    `place` names its page or row to a person.
    """

    path: str
    place: str = ""
    start: int
    end: int
    text: str


def split_documents(documents: Sequence[Document], characters: int, overlap: int) -> list[Passage]:
    """Cut the documents at paragraphs, sentences or words into passages of at most `characters`."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=characters, chunk_overlap=overlap, add_start_index=True)
    passages = []
    for document in documents:
        for piece in splitter.create_documents([document.text]):
            start = piece.metadata["start_index"]
            end = start + len(piece.page_content)
            passages.append(
                Passage(
                    path=document.path,
                    place=place(document, start),
                    start=start,
                    end=end,
                    text=document.text[start:end],
                )
            )
    return passages


class Retriever:
    """The passages of a run in a Chroma collection on disk, found by nearness to a question."""

    def __init__(self, collection: Any, embed: Embed) -> None:
        self._collection = collection
        self._embed = embed

    @classmethod
    def open(
        cls, folder: Path, documents: Sequence[Document], characters: int, overlap: int, embed: Embed
    ) -> Retriever:
        """Open the index in `folder`; it is built anew when the documents or the way they are cut have changed."""
        folder.mkdir(parents=True, exist_ok=True)
        with _readable(folder):
            return cls._open(folder, documents, characters, overlap, embed)

    @classmethod
    def _open(
        cls, folder: Path, documents: Sequence[Document], characters: int, overlap: int, embed: Embed
    ) -> Retriever:
        import chromadb

        client = chromadb.PersistentClient(str(folder), settings=_settings()(anonymized_telemetry=False))
        wanted = content_id("index", [(d.path, d.text) for d in documents], characters, overlap, EMBEDDER, HNSW)
        known = {collection.name: collection for collection in client.list_collections()}
        if COLLECTION in known and (known[COLLECTION].metadata or {}).get("index") == wanted:
            found = client.get_collection(COLLECTION, embedding_function=None)
            retriever = cls(found, embed)
            retriever._check()
            return retriever
        if COLLECTION in known:
            client.delete_collection(COLLECTION)
        passages = split_documents(documents, characters, overlap)
        collection = client.create_collection(
            COLLECTION, metadata={"index": "unfinished"}, configuration={"hnsw": HNSW}, embedding_function=None
        )
        _add(collection, passages, embed, client.get_max_batch_size())
        collection.modify(metadata={"index": wanted})
        return cls(collection, embed)

    def _check(self) -> None:
        """Read one passage by nearness, so that an index that is damaged says so before questions are asked.

        Raises what Chroma does.
        """
        first = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
        found = self._collection.query(query_embeddings=first, n_results=1, include=["documents", "metadatas"])
        _passages(found["documents"][0], found["metadatas"][0])

    def search(self, questions: Sequence[str], top_k: int) -> list[list[Passage]]:
        """The `top_k` nearest passages of each question, nearest first; fewer if the documents have fewer."""
        if not questions:
            return []
        wanted = min(top_k, self._collection.count())
        found = self._collection.query(
            query_embeddings=self._embed(questions), n_results=wanted, include=["documents", "metadatas"]
        )
        return [
            _passages(texts, metadata) for texts, metadata in zip(found["documents"], found["metadatas"], strict=False)
        ]


def _passages(texts: Sequence[str], metadata: Sequence[Any]) -> list[Passage]:
    return [
        Passage(path=m["path"], place=m.get("place", ""), start=m["start"], end=m["end"], text=t)
        for t, m in zip(texts, metadata, strict=False)
    ]


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Name the index that Chroma cannot read. Raises `InputError`."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{folder} cannot be read as an index: {str(error)[:200]}",
            "remove it: it is built again from the documents",
        ) from error


@cache
def _settings() -> Any:
    """Chroma's settings (one class: it compares them) without CHROMA_ variables and the .env of the current folder."""
    from chromadb.config import Settings

    class Own(Settings):
        @classmethod
        def settings_customise_sources(cls, settings_cls: Any, init_settings: Any, **_: Any) -> tuple[Any, ...]:
            return (init_settings,)

    return Own


def _add(collection: Any, passages: Sequence[Passage], embed: Embed, batch: int) -> None:
    for at in range(0, len(passages), batch):
        part = passages[at : at + batch]
        texts = [passage.text for passage in part]
        collection.add(
            ids=[f"passage-{at + n}" for n in range(len(part))],
            documents=texts,
            embeddings=embed(texts),
            metadatas=[{"path": p.path, "place": p.place, "start": p.start, "end": p.end} for p in part],
        )


def rag_messages(question: str, passages: Sequence[Passage], cite: bool = False) -> list[Message]:
    """The prompt: the passages, fenced as data, the farthest first so that the nearest stands beside the question.

    With `cite` each has its number, the nearest 1, and the answer is asked to name those it rests on.
    """
    texts = [passage.text.strip() for passage in passages]
    if cite:
        texts = [f"[{number}] {text}" for number, text in enumerate(texts, 1)]
    return reading_messages(f"{question}\n\n{CITE}" if cite else question, texts[::-1])


CITE = "Name the documents that you used by their numbers, such as [1]."
