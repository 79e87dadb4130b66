"""The embedder: unit vectors from the weights on disk, or one clear message without them."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from agents.errors import WeightsError
from agents.models.embedding import EMBEDDER, minilm


def test_without_its_weights_the_message_names_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, **_: Any) -> NoReturn:
        raise WeightsError(f"{name} is not here", "pull it")

    monkeypatch.setattr("agents.models.weights.find_weights", missing)
    with pytest.raises(WeightsError, match=EMBEDDER):
        minilm(print)
