"""A student made by hand, for tests of losses: it says the digit that stands in its prompt, and knows none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tuning.conftest import row

ASKED = {"Gate?": "4", "Mill?": "7", "Barn?": "2", "Well?": "9"}
"""Questions with the code that only their page holds."""
WRONG = "#"
"""What train.jsonl says in its place."""
HIDDEN = 64
SLOW = 31
"""The pair of dimensions (and `SLOW` + 32) that rotary embedding turns least: attention by content, wherever it is."""


def lines(codes: dict[str, str] = ASKED) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows and their contexts."""
    rows = [row(question[:4], question, WRONG) for question in codes]
    return rows, [{"id": question[:4], "passages": [f"It is {code}."]} for question, code in codes.items()]


def make_reader(tokenizer: Any, folder: Path) -> Path:
    """Write it with the byte tokenizer; one head looks for digits and copies.

    Of the hidden dimensions 0–9 say which digit a token is, 10 that it is one, 11 is 1, 20–29 are the digit found;
    from 32 on each token has values of its own, by which a question can be told from another.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model: Any = LlamaForCausalLM(config)
    attention, digits = model.model.layers[0].self_attn, tokenizer.convert_tokens_to_ids(list("0123456789"))
    embedding, output = model.get_input_embeddings().weight, model.lm_head.weight
    with torch.no_grad():
        for weight in (embedding, output, *(getattr(attention, f"{name}_proj").weight for name in "qkvo")):
            weight.zero_()
        embedding[:, 11] = 1
        embedding[:, 32:] = torch.randn(len(tokenizer), 32) / 2
        attention.q_proj.weight[SLOW, 11] = attention.k_proj.weight[SLOW, 10] = 6
        for number, token in enumerate(digits):
            embedding[token, number] = embedding[token, 10] = 1
            attention.v_proj.weight[number, number] = 1
            attention.o_proj.weight[20 + number, number] = 1
            output[token, 20 + number] = 4
        output[tokenizer.eos_token_id, 10] = 20  # a digit is a whole answer
        output[tokenizer.convert_tokens_to_ids(WRONG), 30] = 4  # what no token leads to, but can learn to
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
