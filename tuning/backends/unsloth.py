"""Unsloth: the same LoRA on its patched kernels, for a GPU (its CPU path is slower than plain PEFT and serves tests).

Unsloth rewrites transformers and trl while it is imported, so this backend imports it when it is made, before either.
Its tokenizer and its response mask are not used: rows come as token ids and labels from `tuning.dataset`, so both
backends train on the same tokens. Its `save_pretrained_gguf` is never called: it runs a package manager and clones a
repository. Its statistics are a download from the model hub, and are off.
"""

from __future__ import annotations

import inspect
import os
from functools import cache
from importlib.util import find_spec
from typing import Any

from agents.models.weights import cache_dir
from tuning.base import Base
from tuning.dataset import split_batch
from tuning.model import load_tokenizer, value_type
from tuning.recipe import Recipe

LAUNCHED = 4e12
"""Parameters × padded tokens of a pass under which a GPU waits for its launches, and padding costs nothing.

A tenth of a second at half of what an A100 computes. Below it Unsloth measured padded rows, whose layers it compiles,
to be 5 to 17 % faster than rows behind each other, and above it up to 57 % slower (A100, L4 and T4;
unsloth/utils/padding_choice.py of 2026.10.9).
"""


class UnslothBackend:
    """LoRA of the unsloth package; make it before anything imports transformers or trl."""

    name = "unsloth"
    pads = True

    def __init__(self) -> None:
        """Patch transformers and trl.

        The code that Unsloth generates goes into our cache, not into the folder one stands in.
        """
        os.environ["UNSLOTH_DISABLE_STATISTICS"] = "1"
        os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", str(cache_dir() / "unsloth"))
        import unsloth

        self._unsloth: Any = unsloth

    def load(self, recipe: Recipe, base: Base) -> tuple[Any, Any]:
        """The base with a fresh LoRA on all linear layers but the output layer, and its tokenizer."""
        import torch

        fast = self._unsloth.FastLanguageModel
        model, _ = fast.from_pretrained(
            model_name=str(base.folder),
            max_seq_length=recipe.max_length,
            dtype=getattr(torch, value_type(recipe.dtype)),
            load_in_4bit=recipe.load_in_4bit,
            fix_tokenizer=False,
            use_gradient_checkpointing=False,
            random_state=recipe.seed,
        )
        self._parameters = model.num_parameters()
        tuned = fast.get_peft_model(
            model,
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=0.0,
            bias="none",
            target_modules=linear_layers(model),
            use_gradient_checkpointing=False,
            random_state=recipe.seed,
        )
        return tuned, load_tokenizer(base)

    def arguments(self, recipe: Recipe) -> dict[str, Any]:
        """Mixed precision is that of the weights; batches come padded, and `passes` says how they go through."""
        return {"bf16": value_type(recipe.dtype) == "bfloat16", "padding_free": False}

    def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
        """Rows behind each other, which its attention keeps apart by their lengths; padded where launches cost more."""
        waits = self._parameters * batch["input_ids"].numel() < LAUNCHED
        if model.device.type == "cuda" and (waits or not attends_ragged_rows()):
            return split_batch(batch, most)
        return unpadded_passes(batch, most)


@cache
def attends_ragged_rows() -> bool:
    """Whether a kernel attends within all rows behind each other at once: flash-attn's, xformers' or PyTorch's (2.12).

    Without one Unsloth launches the attention of each row by itself: an update of 128 short rows took 2.7 s on an H200
    that other trainings shared, with PyTorch 2.11 (unsloth/utils/attention_dispatch.py of 2026.10.9).
    """
    if find_spec("flash_attn") or find_spec("xformers"):
        return True
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return False
    return "enable_gqa" in inspect.signature(varlen_attn).parameters


def unpadded_passes(batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """The rows of a padded batch behind each other, in passes of at most `most` tokens; a single row may have more.

    `batch` has input_ids, attention_mask and labels of shape (batch, seq), padded on the right. A pass has input_ids,
    position_ids and labels of shape (1, tokens) and packed_seq_lengths (rows,), by which Unsloth knows where one ends.
    """
    import torch

    lengths = batch["attention_mask"].sum(-1).tolist()
    passes: list[list[int]] = []
    room = 0
    for row, length in enumerate(lengths):
        if length > room:
            passes.append([])
            room = most
        passes[-1].append(row)
        room -= length
    kept = {name: values for name, values in batch.items() if name != "attention_mask"}
    return [
        {
            **{name: torch.cat([values[row, : lengths[row]] for row in rows])[None] for name, values in kept.items()},
            "position_ids": torch.cat([torch.arange(lengths[row]) for row in rows])[None].to(batch["labels"].device),
            "packed_seq_lengths": torch.tensor([lengths[row] for row in rows], dtype=torch.int32),
        }
        for rows in passes
    ]


def linear_layers(model: Any) -> list[str]:
    """The last names of all linear layers but the output layer, as PEFT's "all-linear" takes them."""
    import torch

    output = model.get_output_embeddings()
    linear = {
        name.rpartition(".")[2]
        for name, layer in model.named_modules()
        if isinstance(layer, torch.nn.Linear) and layer is not output
    }
    return sorted(linear)
