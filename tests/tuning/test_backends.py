"""The backend that is chosen, and what PEFT makes trainable."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import MissingExtra
from agents.progress import Stage
from tests.tuning.conftest import tiny_base, toy_rows
from tuning import backends
from tuning.backends import choose_backend
from tuning.checkpoints import Steps
from tuning.dataset import Row, encode
from tuning.recipe import Recipe
from tuning.trainer import make_trainer


def test_without_unsloth_auto_is_peft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    assert choose_backend(Recipe()).name == "peft"


def test_without_unsloth_asking_for_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"\[gpu\]"):
        choose_backend(Recipe(backend="unsloth"))


def test_auto_needs_a_gpu_as_well_as_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(backends, "find_spec", lambda name: object())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_backend(Recipe()).name == "peft"


def test_peft_trains_all_linear_layers_but_the_output_and_nothing_else(student_folder: Path, recipe: Recipe) -> None:
    model, _ = choose_backend(recipe).load(recipe, tiny_base(student_folder))
    trainable = [name for name, p in model.named_parameters() if p.requires_grad]
    assert all("lora_" in name for name in trainable)
    layers = {name.split(".lora_")[0].rpartition(".")[2] for name in trainable}
    assert layers == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def test_the_trainer_gets_our_labels_untouched(student_folder: Path, recipe: Recipe, tmp_path: Path) -> None:
    backend = choose_backend(recipe)
    model, tokenizer = backend.load(recipe, tiny_base(student_folder))
    rows = encode([Row.model_validate(r) for r in toy_rows(6)], tokenizer, 200).rows
    trainer = make_trainer(recipe, backend, model, tokenizer, rows, [], tmp_path, Steps(Stage("tune", None)))
    (batch,) = trainer.get_train_dataloader()
    given = {
        (tuple(ids[mask.bool()].tolist()), tuple(labels[mask.bool()].tolist()))
        for ids, labels, mask in zip(batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True)
    }
    assert given == {(tuple(row.input_ids), tuple(row.labels)) for row in rows}
    assert (batch["labels"][batch["attention_mask"] == 0] == -100).all()
