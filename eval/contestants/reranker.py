"""A cross-encoder reads question and passage together, and orders what retrieval found first.

Nogueira and Cho 2019, arXiv 1901.04085. It is slower for each passage than vectors, and so asked of few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agents.errors import InputError
from eval.contestants.rag import Passage
from eval.contestants.readings import Search

DEPTH = 50  # passages of a question that are ordered anew
BREAKS = (OSError, RuntimeError, TypeError, ValueError)
"""What the library raises for a folder that holds no cross-encoder."""
Score = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""From pairs of question and passage to numbers, the higher the better."""


class Reranked:
    """A search whose first passages are put in the order of a cross-encoder's scores."""

    def __init__(self, search: Search, score: Score) -> None:
        self._search = search
        self._score = score

    def search(self, questions: Sequence[str], top_k: int) -> list[list[Passage]]:
        """The `top_k` best passages of each question out of the first `DEPTH`, the best first."""
        found = self._search.search(questions, max(top_k, DEPTH))
        return [self._ordered(question, passages)[:top_k] for question, passages in zip(questions, found, strict=True)]

    def _ordered(self, question: str, passages: Sequence[Passage]) -> list[Passage]:
        scores = self._score([(question, passage.text) for passage in passages])
        best = sorted(range(len(passages)), key=lambda n: -scores[n])  # of equal ones the nearer first
        return [passages[n] for n in best]


def cross_encoder(name: str) -> Score:
    """Load a cross-encoder of one score, from a folder or by its id on the model hub; only safetensors, never code.

    Raises:
        InputError: it is no such model.
        WeightsError: the hub does not answer.

    """
    from tuning.base import from_hub

    folder = Path(name).expanduser()
    found = folder if folder.is_dir() else from_hub(name) if name.count("/") == 1 else None
    if found is None:
        raise InputError(f"reranker = {name!r} is no folder and no model id of the hub", "name one of the two")
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    wrong = f"reranker = {name!r} is no cross-encoder of one score"
    do = "take one for ranking, such as those that sentence-transformers lists"
    try:
        model = CrossEncoder(str(found), trust_remote_code=False, model_kwargs={"use_safetensors": True})
    except BREAKS as error:
        raise InputError(f"{wrong}: {str(error)[:200]}", do) from error
    if model.num_labels != 1:
        raise InputError(f"{wrong}: it gives {model.num_labels}", do)

    def score(pairs: Sequence[tuple[str, str]]) -> list[float]:
        # as they are: a sigmoid makes all good ones 1.0
        return model.predict(list(pairs), activation_fn=Identity(), show_progress_bar=False).tolist() if pairs else []

    return score
