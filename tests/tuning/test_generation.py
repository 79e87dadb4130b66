"""Greedy answers of a batch are those of transformers, one by one; nothing is copied that need not be."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tuning.generation import GROUPED, ask_heads_by_groups, cache_with_room, greedy


@pytest.mark.parametrize("by_groups", [False, True], ids=["repeated-keys", "keys-by-groups"])
def test_greedy_writes_what_transformers_generate_writes(untuned: Any, tokenizer: Any, by_groups: bool) -> None:
    prompts = [
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in ("hello there", "x", "some words more than that")
    ]
    expected = []
    import torch

    for prompt in prompts:
        ids = torch.tensor([prompt])
        out = untuned.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
        expected.append(out[0, len(prompt) :].tolist())
    if by_groups:
        untuned = copy.deepcopy(untuned)
        ask_heads_by_groups(untuned)
        assert untuned.config._attn_implementation == GROUPED
    assert greedy(untuned, prompts, 12, {tokenizer.eos_token_id}, tokenizer.pad_token_id) == expected


def test_a_token_is_added_to_the_cache_without_a_copy_of_it(untuned: Any, tokenizer: Any) -> None:
    import torch

    cache, places = cache_with_room(untuned.config, 4), []
    with torch.inference_mode():
        for ids in ([5, 6, 7], [8], [9]):
            untuned(input_ids=torch.tensor([ids]), past_key_values=cache, use_cache=True)
            places.append(cache.layers[0].keys.data_ptr())
    assert cache.get_seq_length() == 5
    assert len(set(places)) == 1


def test_a_row_that_ends_leaves_the_batch_and_the_others_go_on_unchanged(untuned: Any, tokenizer: Any) -> None:
    prompts = [
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in ("hello there", "x", "some words more than that")
    ]
    whole = greedy(untuned, prompts, 12, set(), tokenizer.pad_token_id)
    stop = whole[0][3]
    cut = greedy(untuned, prompts, 12, {stop}, tokenizer.pad_token_id)
    for full, short in zip(whole, cut, strict=True):
        assert short == (full[: full.index(stop) + 1] if stop in full else full)
    assert len(cut[0]) < 12
    assert max(map(len, cut)) > len(cut[0])
