"""A student of a stated size with random weights and byte tokens: for speed and memory where no weights are at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple


class Shape(NamedTuple):
    """Layers, hidden units, units between, heads, heads of keys, and words of the output layer."""

    layers: int
    hidden: int
    between: int
    heads: int
    key_heads: int
    vocabulary: int


SHAPES = {
    "random-tiny": Shape(2, 32, 64, 4, 2, 320),
    "random-135m": Shape(30, 576, 1536, 9, 3, 49_152),  # SmolLM2-135M
    "random-1.5b": Shape(28, 1536, 8960, 12, 2, 151_936),  # Qwen2.5-1.5B
    "random-7b": Shape(28, 3584, 18_944, 28, 4, 152_064),  # Qwen2.5-7B
}
"""As in the config.json of the models named; the tiny one is for tests."""
TEMPLATE = (
    "{% for message in messages %}{{ '<|start|>' + message['role'] + '\\n' + message['content'] + '<|end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\\n' }}{% endif %}"
)


def is_random(model: str) -> bool:
    """Whether the name is one of `SHAPES`."""
    return model in SHAPES


def random_student(name: str, folder: Path) -> Path:
    """The folder with the weights (bfloat16) and the tokenizer, written if it is not there; every token is a byte.

    Rows have some four times the tokens of a real tokenizer.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if (folder / "config.json").is_file():
        return folder
    shape, tokenizer = SHAPES[name], byte_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.between,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model: Any = LlamaForCausalLM(config)  # pyright takes `to` for the class's
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def byte_tokenizer() -> Any:
    """One token a byte, and a chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: i for i, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|start|>", eos_token="<|end|>", pad_token="<|pad|>"
    )
    fast.chat_template = TEMPLATE
    return fast
