"""Unsloth: the same LoRA on its patched kernels, for a GPU (its CPU path is slower than plain PEFT and serves tests).

Unsloth rewrites transformers and trl while it is imported, so this backend imports it when it is made, before either.
Its tokenizer and its response mask are not used: rows come as token ids and labels from `tuning.dataset`, so both
backends train on the same tokens. Its `save_pretrained_gguf` is never called: it runs a package manager and clones a
repository. Its statistics are a download from the model hub, and are off.
"""

from __future__ import annotations

import os
from typing import Any

from agents.models.weights import cache_dir
from tuning.base import Base
from tuning.dataset import split_batch
from tuning.model import load_tokenizer, value_type
from tuning.recipe import Recipe


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
        """Mixed precision is that of the weights.

        Rows are padded, as with PEFT, where Unsloth would join them into one.
        """
        return {"bf16": value_type(recipe.dtype) == "bfloat16", "padding_free": False}

    def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
        """Padded: its patched attention takes no mask of our own."""
        return split_batch(batch, most)


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
