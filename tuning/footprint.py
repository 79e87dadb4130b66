"""Memory of a tuning run: what is free, what was taken at the peak, and giving it back."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
from typing import Any, NamedTuple

from agents.errors import InputError
from tuning.dataset import Encoded
from tuning.model import value_type
from tuning.recipe import Recipe

LIBRARIES_BYTES = 700 * 2**20
"""Resident memory of a run on a model of almost no size.

Python with torch, transformers, trl and peft (measured: 0.6 GB).
"""
ACTIVATIONS_PER_UNIT = 34
"""Bytes kept for the backward pass by each token, layer and hidden unit in 16 bit.

34·s·b·h: Korthikanti et al. 2022, section 4.1.
"""
LOGITS_KEPT = 4
"""Values of float32 for each token and word of the vocabulary at the peak.

Logits, their copy in float32, softmax and gradient.
"""
BYTES_IN_4BIT = 0.6
"""A value in NF4 with the scale of its block of 64 (QLoRA, arXiv 2305.14314, section 3: 4.5 bits)."""


def use_one_gpu() -> None:
    """Show this process one GPU: the trainer would spread a forward pass over all it sees, and our passes are whole.

    Raises:
        InputError: it is one of several processes of a launcher, which would all write the same files.

    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise InputError(
            f"tune was started in {os.environ['WORLD_SIZE']} processes, and one adapter takes one",
            "start it without accelerate or torchrun; other GPUs tune other seeds or runs (docs/tuning.md)",
        )
    os.environ["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]


def on_gpu() -> bool:
    """Whether a student is tuned on a GPU here."""
    import torch

    return torch.cuda.is_available()


def peak_memory() -> int:
    """Bytes at the peak, of the GPU if there is one, else the largest resident size of this process.

    macOS counts bytes, Linux KiB.
    """
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def free_bytes() -> int:
    """Memory that tuning may take: of the GPU if there is one, else of the machine."""
    import psutil
    import torch

    return torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else psutil.virtual_memory().available


def give_back() -> None:
    """Give back what the trainer held; it refers to itself in circles, and glibc keeps what was freed below its top."""
    import torch

    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # of a student of 135M: 2.8 GB, through all of `eval`
        trim(0)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


class Size(NamedTuple):
    """What of a student decides its memory: parameters of the base, words of the output layer, and how it is held.

    `value_bytes` are 4 in float32 and 2 in bfloat16; `padded` tells that rows go through beside each other, with logits
    everywhere, and not as one sequence, with logits where a token is under loss.
    """

    parameters: int
    value_bytes: int
    vocabulary: int
    padded: bool = False


def size_of(model: Any, recipe: Recipe, padded: bool) -> Size:
    """The size of a loaded student."""
    value_bytes = 2 if value_type(recipe.dtype) == "bfloat16" else 4
    return Size(model.num_parameters(), value_bytes, model.get_output_embeddings().weight.shape[0], padded)


def memory_estimate(recipe: Recipe, size: Size, rows: Encoded) -> int:
    """Bytes that tuning will need, to about a third: libraries, weights, adapter with optimizer, activations, logits.

    A forward pass has the longest rows of an update, within `recipe.tokens_a_pass`. Layers × hidden units is taken as
    1.5·√parameters (17k for SmolLM2-135M, 131k for a 7B Llama: within a quarter); an adapter on all linear layers has
    about 16 × that × rank values, each kept four times (value, gradient, two moments).
    """
    units = 1.5 * size.parameters**0.5
    adapter = 16 * units * recipe.rank * 4 * 4
    tokens, answers = rows.widest(recipe.rows_a_batch)
    if size.padded:
        tokens = answers = rows.longest * min(recipe.rows_a_batch, len(rows.rows))
    tokens = max(rows.longest, min(tokens, recipe.tokens_a_pass))
    activations = ACTIVATIONS_PER_UNIT * units * tokens * size.value_bytes / 2
    logits = LOGITS_KEPT * size.vocabulary * min(answers, tokens) * 4
    weights = size.parameters * (BYTES_IN_4BIT if recipe.load_in_4bit else size.value_bytes)
    if recipe.frozen_products == "int8" and size.value_bytes == 4 and not size.padded:
        weights += 2 * size.parameters  # once each for forward and backward
    return int(LIBRARIES_BYTES + weights + adapter + activations + logits)
