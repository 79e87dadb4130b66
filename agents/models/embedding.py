"""Sentences as vectors: all-MiniLM-L6-v2 from a folder on disk, on the CPU.

For retrieval and for rows that mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

EMBEDDER = "all-minilm-l6-v2"
Embed = Callable[[Sequence[str]], list[list[float]]]


def minilm(say: Callable[[str], None]) -> Embed:
    """Load all-MiniLM-L6-v2 on the CPU; it returns unit vectors of 384 numbers.

    Raises `WeightsError` without its weights.
    """
    from agents.models.weights import find_weights

    weights = str(find_weights(EMBEDDER, say=say))  # before the import, which takes seconds
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(weights, device="cpu")
    return lambda texts: model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False).tolist()
