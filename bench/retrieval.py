"""Whether retrieval finds what is there: gold's evidence, and Chroma's recall@10 against exact search, with its time.

python -m bench.retrieval                      # passages of documents, and 100,000 clustered vectors
python -m bench.retrieval --documents FOLDER   # of other documents than the examples'

The first set is real passages (examples/journal and any folder named), cut as `ragtuned eval` cuts them, each asked for
by its own first sentence, embedded by the packaged MiniLM. The second is made: unit vectors of 384 numbers in clusters,
as embeddings of documents lie (uniform ones are the worst case, and met nowhere).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from agents.models.embedding import minilm
from agents.records import Document
from bench.measurement import ROOT, write_result
from eval.contestants.hybrid import Hybrid
from eval.contestants.rag import HNSW, Passage, Retriever, split_documents
from eval.contestants.readings import Search
from eval.questions import GoldQuestion, load_gold
from eval.settings import EvalConfig

K = 10
DIMENSIONS = 384
PER_CLUSTER = 100  # vectors around one centre
SPREAD = 0.6  # length of the noise beside a centre of length 1
BATCH = 5_000


def clustered(count: int, queries: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """`count` vectors and `queries` more of the same clusters, (n, 384) each, of length 1."""
    draw = np.random.default_rng(seed)
    centres = _unit(draw.standard_normal((count // PER_CLUSTER, DIMENSIONS)))
    chosen = draw.integers(len(centres), size=count + queries)
    noise = _unit(draw.standard_normal((count + queries, DIMENSIONS))) * SPREAD
    found = _unit(centres[chosen] + noise).astype(np.float32)
    return found[:count], found[count:]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def exact(vectors: np.ndarray, queries: np.ndarray) -> list[set[int]]:
    """The ten nearest of each query by cosine."""
    return [set(np.argpartition(-(vectors @ query), K)[:K].tolist()) for query in queries]


def measured(collection: Any, vectors: np.ndarray, queries: np.ndarray) -> dict[str, Any]:
    """recall@10, and milliseconds of one query at a time."""
    hits, seconds = 0, []
    for query, wanted in zip(queries, exact(vectors, queries), strict=True):
        started = time.perf_counter()
        found = collection.query(query_embeddings=query[None], n_results=K, include=["distances"])["ids"][0]
        seconds.append(time.perf_counter() - started)
        hits += len(wanted & {int(one.rsplit("-", 1)[1]) for one in found})
    told = sorted(1000 * one for one in seconds)
    return {
        "vectors": len(vectors),
        "queries": len(queries),
        "recall_at_10": round(hits / (K * len(queries)), 4),
        "p50_ms": round(statistics.median(told), 2),
        "p95_ms": round(told[len(told) * 19 // 20], 2),
    }


def passages(folders: Sequence[Path], queries: int) -> dict[str, Any]:
    """Of real passages, through the product's own index."""
    embed, config = minilm(print), EvalConfig.model_validate({})
    files = sorted(file for folder in folders for file in folder.rglob("*.md")) + sorted(
        file for folder in folders for file in folder.rglob("*.txt")
    )
    documents = [
        Document(id=str(n), path=file.name, title="", text=file.read_text(encoding="utf-8", errors="replace"))
        for n, file in enumerate(files)
    ]
    cut = split_documents(documents, config.chunk_characters, config.overlap)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        retriever = Retriever.open(Path(folder), documents, config.chunk_characters, config.overlap, embed)
        built = time.perf_counter() - started
        held = retriever._collection.get(include=["embeddings"])
        vectors = np.empty((len(cut), DIMENSIONS), dtype=np.float32)
        vectors[[int(one.rsplit("-", 1)[1]) for one in held["ids"]]] = held["embeddings"]
        step = max(1, len(cut) // queries)
        asked = np.asarray(embed([one.text.strip().split(". ")[0] for one in cut[::step]]), dtype=np.float32)
        return {**measured(retriever._collection, vectors, asked), "build_seconds": round(built, 1)}


def evidence(name: str) -> list[dict[str, Any]]:
    """Of an example's gold: how many questions have all their quotes in the first passages, by method."""
    folder, embed, config = ROOT / "examples" / name, minilm(print), EvalConfig.model_validate({})
    documents = [
        Document(id=file.name, path=file.name, title="", text=file.read_text(encoding="utf-8"))
        for file in sorted((folder / "documents").iterdir())
    ]
    gold = [one for one in load_gold(folder / "gold.jsonl") if one.kind in ("local", "multi_hop")]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as index:
        vectors = Retriever.open(Path(index), documents, config.chunk_characters, config.overlap, embed)
        hybrid = Hybrid(vectors, split_documents(documents, config.chunk_characters, config.overlap))
        methods: dict[str, Search] = {"vectors": vectors, "hybrid": hybrid}
        for (method, search), top_k in product(methods.items(), (2, config.top_k)):
            found = search.search([one.question for one in gold], top_k)
            rows.append({"corpus": name, "method": method, "top_k": top_k, **_whole(gold, found)})
    return rows


def _whole(gold: Sequence[GoldQuestion], found: Sequence[Sequence[Passage]]) -> dict[str, list[int]]:
    """[questions with all their quotes in the passages, questions], by kind."""
    told: dict[str, list[int]] = {}
    for one, passages in zip(gold, found, strict=True):
        counts = told.setdefault(one.kind, [0, 0])
        counts[0] += all(any(proof.quote in passage.text for passage in passages) for proof in one.evidence)
        counts[1] += 1
    return told


def made(count: int, queries: int) -> dict[str, Any]:
    """Of made vectors, in a collection of the product's settings."""
    import chromadb

    from eval.contestants.rag import _settings

    vectors, asked = clustered(count, queries)
    with tempfile.TemporaryDirectory() as folder:
        client = chromadb.PersistentClient(folder, settings=_settings()(anonymized_telemetry=False))
        collection = client.create_collection("made", configuration={"hnsw": HNSW}, embedding_function=None)
        started = time.perf_counter()
        for at in range(0, count, BATCH):
            part = vectors[at : at + BATCH]
            collection.add(ids=[f"passage-{at + n}" for n in range(len(part))], embeddings=part)
        built = time.perf_counter() - started
        return {**measured(collection, vectors, asked), "build_seconds": round(built, 1)}


def main(
    documents: Annotated[list[Path] | None, typer.Option(help="Further folders of .md and .txt files.")] = None,
    count: Annotated[int, typer.Option(help="Made vectors.")] = 100_000,
    queries: Annotated[int, typer.Option(help="Queries of each set.")] = 500,
    out: Annotated[Path | None, typer.Option(help="The file of the result.")] = None,
) -> None:
    """Measure both sets."""
    folders = [ROOT / "examples" / "journal" / "documents", *(documents or [])]
    proofs = [row for name in ("demo", "journal") for row in evidence(name)]
    print(proofs)
    real = passages(folders, queries)
    print(real)
    clusters = made(count, queries)
    print(clusters)
    write_result("retrieval", {"hnsw": HNSW, "evidence": proofs, "passages": real, "clustered": clusters}, out)


if __name__ == "__main__":
    typer.run(main)
