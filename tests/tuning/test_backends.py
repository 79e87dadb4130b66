"""The backend that is chosen, and what PEFT makes trainable."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.errors import InputError, MissingExtra
from agents.progress import Stage
from tests.tuning.conftest import tiny_base, toy_rows
from tests.tuning.test_dataset import padded
from tuning import backends
from tuning.backends import choice, choose_backend, unsloth
from tuning.backends.unsloth import UnslothBackend, attends_ragged_rows, unpadded_passes
from tuning.dataset import Row, encode
from tuning.model import load_model
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


@pytest.mark.parametrize(
    ("installed", "gpu", "told"),
    [
        (False, True, ("peft", "the package unsloth is not installed")),
        (True, False, ("peft", "there is no GPU, and without one it is faster than unsloth")),
        (True, True, ("unsloth", "the package and a GPU are there")),
    ],
    ids=["no package", "no gpu", "both"],
)
def test_auto_tells_why(monkeypatch: pytest.MonkeyPatch, installed: bool, gpu: bool, told: tuple[str, str]) -> None:
    import torch

    monkeypatch.setattr(backends, "find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert choice(Recipe()) == told


def test_4_bit_is_refused_by_name_where_it_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="load_in_4bit = true needs a GPU"):
        choose_backend(Recipe(load_in_4bit=True))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="bitsandbytes is not installed"):
        choose_backend(Recipe(load_in_4bit=True))


def test_a_student_in_4_bit_is_loaded_as_nf4_and_put_onto_the_gpu_by_its_loader(
    monkeypatch: pytest.MonkeyPatch, student_folder: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    given: dict[str, Any] = {}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("tuning.model.avoid_cudnn_attention", lambda: True)
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", lambda folder, **settings: given.update(settings))
    load_model(tiny_base(student_folder), "bfloat16", in_4bit=True)
    assert given["quantization_config"].load_in_4bit
    assert given["quantization_config"].bnb_4bit_quant_type == "nf4"
    assert given["quantization_config"].bnb_4bit_compute_dtype == torch.bfloat16
    assert given["device_map"] == {"": 0}


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
    trainer = make_trainer(recipe, backend, model, tokenizer, rows, [], tmp_path, Stage("tune", None))
    (batch,) = trainer.get_train_dataloader()
    given = {
        (tuple(ids[mask.bool()].tolist()), tuple(labels[mask.bool()].tolist()))
        for ids, labels, mask in zip(batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True)
    }
    assert given == {(tuple(row.input_ids), tuple(row.labels)) for row in rows}
    assert (batch["labels"][batch["attention_mask"] == 0] == -100).all()


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first example imports torch
@given(lengths=st.lists(st.integers(1, 60), min_size=1, max_size=12), most=st.integers(1, 200))
def test_rows_behind_each_other_are_all_there_and_unsloth_is_told_where_one_ends(lengths: list[int], most: int) -> None:
    rows = []
    for one in unpadded_passes(padded(lengths), most):
        ids, ends = one["input_ids"][0].tolist(), one["packed_seq_lengths"].cumsum(0).tolist()
        assert one["input_ids"].shape == one["labels"].shape == one["position_ids"].shape == (1, ends[-1])
        assert ends[-1] <= most or len(ends) == 1
        rows += [ids[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        assert one["position_ids"][0].tolist() == [n for length in one["packed_seq_lengths"] for n in range(length)]
    assert rows == [[10 + n] * length for n, length in enumerate(lengths)]


@pytest.mark.parametrize(
    ("device", "parameters", "ragged", "joined"),
    [("cpu", 1, False, True), ("cuda", 1.5e9, True, False), ("cuda", 7e10, True, True), ("cuda", 7e10, False, False)],
    ids=["on-a-cpu", "a-gpu-that-waits-for-launches", "a-gpu-that-computes", "no-kernel-for-rows-of-any-length"],
)
def test_unsloth_pads_only_where_a_gpu_would_wait(
    monkeypatch: pytest.MonkeyPatch, device: str, parameters: float, ragged: bool, joined: bool
) -> None:
    monkeypatch.setattr(unsloth, "attends_ragged_rows", lambda: ragged)
    backend = object.__new__(UnslothBackend)  # the package is not needed
    backend._parameters = int(parameters)
    model = SimpleNamespace(device=SimpleNamespace(type=device))
    (one,) = backend.passes(model, padded([9, 60, 30]), 2048)
    assert ("packed_seq_lengths" in one) == joined
    assert one["input_ids"].shape == ((1, 99) if joined else (3, 60))


@pytest.mark.parametrize(
    ("installed", "parameters", "ragged"),
    [
        pytest.param("flash_attn", "", True, id="flash-attn"),
        pytest.param("xformers", "", True, id="xformers"),
        pytest.param("", "window_size, enable_gqa", True, id="PyTorch 2.12"),
        pytest.param("", "window_size", False, id="PyTorch 2.11"),
        pytest.param("", None, False, id="PyTorch before"),
    ],
)
def test_rows_of_any_length_need_a_kernel_that_takes_them(
    monkeypatch: pytest.MonkeyPatch, installed: str, parameters: str | None, ragged: bool
) -> None:
    monkeypatch.setattr(unsloth, "find_spec", lambda name: name == installed or None)
    names = [inspect.Parameter(one, inspect.Parameter.KEYWORD_ONLY) for one in (parameters or "").split(", ") if one]

    def kernel() -> None:
        """PyTorch's, by its parameters."""

    monkeypatch.setattr(kernel, "__signature__", inspect.Signature(names), raising=False)
    module = None if parameters is None else SimpleNamespace(varlen_attn=kernel)
    monkeypatch.setitem(sys.modules, "torch.nn.attention.varlen", module)
    assert attends_ragged_rows.__wrapped__() is ragged
