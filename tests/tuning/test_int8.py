"""Frozen products in int8: gradients close to those in float32 while it trains, float32 itself everywhere else."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.tuning.conftest import tiny_base
from tuning.backends import choice
from tuning.backends.peft import PeftBackend, with_lora
from tuning.int8 import Frozen, Inputs, multiply_in_int8, rounded
from tuning.model import load_model
from tuning.recipe import Recipe

VNNI = any(torch.cpu.get_capabilities().get(name) for name in ("avx512_vnni", "avx_vnni", "amx_int8"))
needs_vnni = pytest.mark.skipif(not VNNI, reason="no instructions for int8")
IDS = torch.arange(40).view(2, 20) % 97


def tuned(folder: Path, **recipe: Any) -> Any:
    """The tiny student in training, every B of its LoRA away from zero."""
    model = with_lora(load_model(tiny_base(folder), "float32"), Recipe(**recipe)).train()
    torch.manual_seed(1)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            weight.data.normal_(std=0.1)
    return model


def pair(folder: Path) -> tuple[Any, Any]:
    return tuned(folder), tuned(folder, frozen_products="int8")


def logits(model: Any) -> torch.Tensor:
    return model(input_ids=IDS).logits


def test_tokens_are_rounded_to_the_nearest_of_255_steps() -> None:
    tokens = torch.randn(5, 40) * torch.tensor([1e-9, 1.0, 3.0, 1e6, 0.0])[:, None]
    values, scales = rounded(tokens)
    assert torch.all(((values.float() - 128) * scales - tokens).abs() <= scales * 0.501)
    assert values.min() >= 1


@needs_vnni
def test_gradients_and_logits_in_training_are_near_those_of_float32(student_folder: Path) -> None:
    plain, int8 = pair(student_folder)
    expected, found = logits(plain), logits(int8)
    assert 0 < (found - expected).norm() / expected.norm() < 0.03
    for model in (plain, int8):
        model(input_ids=IDS, labels=IDS).loss.backward()
    for (name, one), (_, other) in zip(plain.named_parameters(), int8.named_parameters(), strict=True):
        if one.requires_grad:
            assert torch.cosine_similarity(one.grad.flatten(), other.grad.flatten(), 0) > 0.99, name
        else:
            assert other.grad is None


@needs_vnni
def test_evaluated_merged_or_without_its_adapter_the_model_is_that_of_float32(student_folder: Path) -> None:
    plain, int8 = pair(student_folder)
    with plain.disable_adapter(), int8.disable_adapter():
        assert torch.equal(logits(int8), logits(plain))
    assert not torch.equal(logits(int8), logits(plain))
    assert torch.equal(logits(int8.eval()), logits(plain.eval()))
    assert torch.equal(logits(int8.merge_and_unload()), logits(plain.merge_and_unload()))


@needs_vnni
def test_the_adapter_is_saved_as_that_of_float32(student_folder: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    int8 = tuned(student_folder, frozen_products="int8")
    logits(int8)
    int8.save_pretrained(tmp_path)
    loaded = PeftModel.from_pretrained(load_model(tiny_base(student_folder), "float32"), str(tmp_path))
    assert torch.equal(logits(loaded.eval()), logits(int8.eval()))


@needs_vnni
def test_a_bias_and_a_large_column_are_kept() -> None:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    given = torch.randn(1, 30, 64)
    given[..., 7] *= 100
    model = torch.nn.Sequential(torch.nn.Linear(64, 32))
    expected = copy.deepcopy(model)(given)
    lora = get_peft_model(model, LoraConfig(target_modules=["0"]))  # pyright: ignore[reportArgumentType]
    assert multiply_in_int8(lora) == 1
    assert (lora.train()(given) - expected).norm() / expected.norm() < 0.002


@needs_vnni
def test_what_comes_first_does_not_change_how_a_loaded_student_is_rounded(student_folder: Path) -> None:
    recipe = Recipe(frozen_products="int8", dtype="float32")
    one, other = (PeftBackend().load(recipe, tiny_base(student_folder))[0].train() for _ in range(2))
    one(input_ids=IDS + 20)
    assert torch.equal(logits(one), logits(other))


def test_layers_with_one_input_round_it_once_and_anew_when_it_changes() -> None:
    inputs, given = Inputs(), torch.randn(1, 4, 32)
    first, second = (Frozen(torch.randn(16, 32), given[0]) for _ in range(2))
    once = inputs.rounded(given, first)
    assert inputs.rounded(given, second) is once
    given.mul_(2)
    assert torch.allclose(inputs.rounded(given, second)[1], once[1] * 2)
    assert inputs.rounded(given, Frozen(torch.randn(16, 32), given[0] * torch.arange(32))) is not once


def test_without_the_instructions_nothing_changes(student_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_f": True})
    plain, int8 = pair(student_folder)
    assert torch.equal(logits(int8), logits(plain))


@needs_vnni
def test_bfloat16_is_left_as_it_is(student_folder: Path) -> None:
    model = with_lora(load_model(tiny_base(student_folder), "bfloat16"), Recipe())
    assert multiply_in_int8(model) == 0


@pytest.mark.parametrize(
    ("recipe", "has", "said"),
    [
        ({"frozen_products": "int8", "dtype": "float32"}, True, "; frozen products in int8"),
        ({"frozen_products": "int8", "dtype": "bfloat16"}, True, "frozen products in float32: int8 needs"),
        ({"frozen_products": "int8", "dtype": "float32"}, False, "frozen products in float32: int8 needs"),
        ({"dtype": "float32"}, True, ""),
    ],
)
def test_what_became_of_the_setting_is_told_with_the_backend(
    recipe: dict[str, Any], has: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuning.backends.has_instructions", lambda: has)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    why = choice(Recipe(backend="peft", **recipe)).why
    assert said in why
    assert ("frozen products" in why) == bool(said)
