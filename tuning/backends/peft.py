"""TRL + PEFT: LoRA on the plain transformers model, on any machine."""

from __future__ import annotations

from typing import Any

from tuning.base import Base
from tuning.dataset import encode, read_rows, split_batch
from tuning.int8 import multiply_in_int8
from tuning.limits import positions_of
from tuning.model import load_model, load_tokenizer, value_type
from tuning.packed import packed_passes
from tuning.recipe import Recipe
from tuning.replay import RECORDED
from tuning.row_attention import BY_ROWS, attend_by_rows

FIRST_TOKENS = 512
"""Most tokens of the pass by which frozen weights are rounded to int8."""


class PeftBackend:
    """LoRA of the peft package."""

    name = "peft"
    pads = False

    def load(self, recipe: Recipe, base: Base) -> tuple[Any, Any]:
        """The base with a fresh LoRA on all linear layers but the output layer, and its tokenizer."""
        model = load_model(base, recipe.dtype, recipe.load_in_4bit)
        attend_by_rows(model)
        tuned, tokenizer = with_lora(model, recipe), load_tokenizer(base)
        if recipe.frozen_products == "int8":
            round_weights(tuned, tokenizer)
        return tuned, tokenizer

    def arguments(self, recipe: Recipe) -> dict[str, Any]:
        """bfloat16 is mixed precision here: the weights are in it already, so autocast follows.

        TRL's own loss in chunks would compute the output layer for 256 tokens where an update has fifty under loss.
        """
        return {"bf16": value_type(recipe.dtype) == "bfloat16", "loss_type": "nll"}

    def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
        """As one sequence where the attention takes our mask and looks back over whole rows; padded elsewhere."""
        config = model.config.get_text_config()
        window = getattr(config, "sliding_window", None) or batch["input_ids"].shape[1]
        attention = config._attn_implementation
        if attention not in ("sdpa", BY_ROWS) or batch["input_ids"].shape[1] > window:
            return split_batch(batch, most)
        return packed_passes(batch, most, by_rows=attention == BY_ROWS)


def round_weights(tuned: Any, tokenizer: Any) -> None:
    """A first pass over general answers, by which `tuning.int8` rounds: a run that goes on has the same weights."""
    import torch

    rows = encode(read_rows(RECORDED), tokenizer, FIRST_TOKENS).rows
    tokens = [token for row in rows for token in row.input_ids][
        : min(FIRST_TOKENS, positions_of(tuned) or FIRST_TOKENS)
    ]
    with torch.no_grad():
        tuned.train()(input_ids=torch.tensor([tokens], device=tuned.device), use_cache=False)


def with_lora(model: Any, recipe: Recipe) -> Any:
    """The model with a fresh LoRA on all linear layers but the output layer, seeded by the recipe."""
    from peft import LoraConfig, get_peft_model
    from peft.tuners.lora import LoraLayer
    from transformers import set_seed

    set_seed(recipe.seed)
    lora = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=0.0,
        bias="none",
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    tuned = get_peft_model(model, lora)
    for layer in tuned.modules():
        if isinstance(layer, LoraLayer):  # autocast decides; to float32 and back is a tenth of the time
            layer.cast_input_dtype_enabled = False
    if recipe.frozen_products == "int8":
        multiply_in_int8(tuned)
    return tuned
