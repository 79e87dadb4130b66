"""A cross-encoder puts what retrieval found in another order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.errors import InputError, WeightsError
from agents.models.sources import HubSource
from eval.contestants.rag import Passage
from eval.contestants.readings import Passages
from eval.contestants.reranker import DEPTH, Reranked, cross_encoder
from eval.settings import EvalConfig

WORDS = "the lens broke on first of april wenna keeps light order was for nine barrels who what"


def named(text: str) -> Passage:
    """A passage of this text."""
    return Passage(path=text, start=0, end=len(text), text=text)


class Found:
    """A search that finds the same for every question."""

    def __init__(self, *texts: str) -> None:
        self.passages = [named(text) for text in texts]
        self.asked: list[int] = []

    def search(self, questions: Sequence[str], top_k: int) -> list[list[Passage]]:
        """The first `top_k`."""
        self.asked.append(top_k)
        return [self.passages[:top_k] for _ in questions]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with random weights, as a published cross-encoder lies in its folder."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS.split()]))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    for name, labels in (("one", 1), ("three", 3)):
        config = BertConfig(
            vocab_size=5 + len(WORDS.split()),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            id2label={n: str(n) for n in range(labels)},
            initializer_range=1.0,
        )
        BertForSequenceClassification(config).save_pretrained(folder / name)
        BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder / name)
    return folder


def test_passages_come_by_the_scores_of_the_pair_and_not_by_their_first_order(tiny: Path) -> None:
    score = cross_encoder(str(tiny / "one"))
    texts = ["the lens broke", "wenna keeps the light", "order was for nine barrels", "first of april"]
    question = "who keeps the light"
    scores = score([(question, text) for text in texts])
    found = Reranked(Found(*texts), score).search([question], 3)[0]
    assert len(set(scores)) == len(texts)
    assert [one.text for one in found] == sorted(texts, key=lambda text: -scores[texts.index(text)])[:3]
    assert [one.text for one in found] != texts[:3]


def test_scores_are_not_squeezed_to_where_good_ones_are_alike(tiny: Path) -> None:
    scores = cross_encoder(str(tiny / "one"))([("who", text) for text in WORDS.split()])
    assert any(not 0 <= score <= 1 for score in scores)


def test_so_many_are_ordered_anew_and_of_equal_ones_the_nearer_stays_first() -> None:
    search = Found(*[str(n) for n in range(200)])
    reranked = Reranked(search, lambda pairs: [float(text in ("7", "40")) for _, text in pairs])
    assert [one.text for one in reranked.search(["?"], 3)[0]] == ["7", "40", "0"]
    assert len(reranked.search(["?"], 60)[0]) == 60
    assert search.asked == [DEPTH, 60]


def test_no_passage_is_no_question_to_the_model(tiny: Path) -> None:
    assert Reranked(Found(), cross_encoder(str(tiny / "one"))).search(["who"], 3) == [[]]


def test_what_is_no_cross_encoder_of_one_score_is_told(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it gives 3"):
        cross_encoder(str(tiny / "three"))
    with pytest.raises(InputError, match="no folder and no model id"):
        cross_encoder("best")
    with pytest.raises(InputError, match="is no cross-encoder of one score"):
        cross_encoder(str(tmp_path))


def test_a_hub_that_is_not_there_is_an_error_with_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def gone(self: HubSource, members: object, folder: Path, say: object) -> None:
        raise WeightsError(f"{self.repository} cannot be had", "take a folder")

    monkeypatch.setattr(HubSource, "fetch", gone)
    with pytest.raises(WeightsError, match="someone/nothing-of-this-name"):
        cross_encoder("someone/nothing-of-this-name")


def test_another_reranker_is_another_question_and_none_is_what_it_was() -> None:
    def key(**settings: str) -> str:
        return Passages(lambda: Found(), EvalConfig.model_validate(settings)).key

    assert len({key(), key(reranker="a/b"), key(reranker="a/c")}) == 3
