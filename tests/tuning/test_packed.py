"""Rows as one sequence: the same loss and gradient as padded, in fewer tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tuning.conftest import row, tiny_base
from tuning import packed
from tuning.backends.peft import PeftBackend
from tuning.dataset import IGNORED, Row, encode
from tuning.model import load_model
from tuning.packed import packed_passes
from tuning.row_attention import attend_by_rows

QUESTIONS = ["a?", "Who keeps the mill at Orrin?", "When did the long ferry of the west side come home?", "b?"]
ANSWERS = ["Ada", "No one does", "On the ninth of May", "Seven and a half"]


def batch_of(rows: list[Row], tokenizer: Any) -> dict[str, Any]:
    """The rows padded on the right, as the collator of TRL does it."""
    import torch

    encoded = encode(rows, tokenizer, 1000).rows
    width = max(len(one.input_ids) for one in encoded)
    pad = [width - len(one.input_ids) for one in encoded]
    return {
        "input_ids": torch.tensor([one.input_ids + [0] * n for one, n in zip(encoded, pad, strict=True)]),
        "attention_mask": torch.tensor([[1] * (width - n) + [0] * n for n in pad]),
        "labels": torch.tensor([one.labels + [IGNORED] * n for one, n in zip(encoded, pad, strict=True)]),
    }


def four_rows(system: bool = True) -> list[Row]:
    rows = [Row.model_validate(row(f"r{n}", q, a)) for n, (q, a) in enumerate(zip(QUESTIONS, ANSWERS, strict=True))]
    return rows if system else [one.model_copy(update={"messages": one.messages[1:]}) for one in rows]


def loss_and_gradient(model: Any, passes: list[dict[str, Any]], tokens: int) -> tuple[float, dict[str, Any]]:
    model.zero_grad()
    total = 0.0
    for one in passes:
        loss = model(**one, use_cache=False, num_items_in_batch=tokens).loss
        loss.backward()
        total += loss.item()
    return total, {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("most", [60, 150, 2048], ids=["a row a pass", "a few passes", "one pass"])
@pytest.mark.parametrize("system", [True, False], ids=["one system prompt for all", "hardly anything shared"])
@pytest.mark.parametrize("by_rows", [True, False], ids=["row by row", "with a mask"])
def test_loss_and_gradient_are_those_of_the_padded_batch(
    student_folder: Path, tokenizer: Any, most: int, system: bool, by_rows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(packed, "pays", lambda shared, lengths: True)

    model = load_model(tiny_base(student_folder), "float32")
    if by_rows:
        attend_by_rows(model)
    batch = batch_of(four_rows(system), tokenizer)
    tokens = int((batch["labels"] != IGNORED).sum())
    padded, expected = loss_and_gradient(model, [batch], tokens)
    passes = packed_passes(batch, most, by_rows)
    assert all(("row_layout" in one) is by_rows for one in passes)
    loss, found = loss_and_gradient(model, passes, tokens)
    assert loss == pytest.approx(padded, rel=1e-5)
    assert found.keys() == expected.keys()
    assert all(torch.allclose(found[name], expected[name], atol=1e-5) for name in expected)


def test_a_token_sees_the_shared_beginning_and_its_own_row_and_nothing_later(tokenizer: Any) -> None:
    (one,) = packed_passes(batch_of(four_rows(), tokenizer), 2048)
    visible, position = one["attention_mask"][0, 0], one["position_ids"][0]
    assert visible.sum(-1).tolist() == (position + 1).tolist()
    assert not visible.triu(1).any()


def test_the_shared_beginning_stands_once_and_nothing_is_padded(tokenizer: Any) -> None:
    batch = batch_of(four_rows(), tokenizer)
    (one,) = packed_passes(batch, 2048)
    beginning = "<|start|>system\nSay it.<|end|>\n<|start|>user\n"
    shared = len(tokenizer(beginning, add_special_tokens=False)["input_ids"]) - 1
    assert one["input_ids"].numel() == int(batch["attention_mask"].sum()) - 3 * shared


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(lengths=st.lists(st.integers(2, 60), min_size=1, max_size=12), most=st.integers(1, 200))
def test_every_token_under_loss_is_there_once_and_no_pass_is_above_the_bound(lengths: list[int], most: int) -> None:
    import torch

    width = max(lengths)
    ids = torch.tensor([[7] + [10 + n] * (length - 1) + [0] * (width - length) for n, length in enumerate(lengths)])
    mask = torch.tensor([[1] * length + [0] * (width - length) for length in lengths])
    labels = torch.where(mask.bool(), ids, IGNORED)
    labels[:, 0] = IGNORED
    passes = packed_passes({"input_ids": ids, "attention_mask": mask, "labels": labels}, most)
    taught = sorted(token for one in passes for token in one["shift_labels"][0].tolist())
    assert taught == sorted(10 + n for n, length in enumerate(lengths) for _ in range(length - 1))
    for one in passes:
        rows = {int(token) for token in one["input_ids"][0]} - {7}
        assert one["input_ids"].numel() <= most or len(rows) == 1


def test_a_row_longer_than_the_window_of_the_attention_is_padded(untuned: Any, tokenizer: Any) -> None:
    batch = batch_of(four_rows(), tokenizer)
    windowed = type("Windowed", (), {"config": _WithWindow(untuned.config, 8)})
    assert "position_ids" in PeftBackend().passes(untuned, batch, 2048)[0]
    assert "position_ids" not in PeftBackend().passes(windowed, batch, 2048)[0]


class _WithWindow:
    """A config whose attention looks back over `window` tokens."""

    def __init__(self, config: Any, window: int) -> None:
        self._attn_implementation, self.sliding_window = config._attn_implementation, window

    def get_text_config(self) -> _WithWindow:
        return self
