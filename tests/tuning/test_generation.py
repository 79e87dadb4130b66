"""Greedy answers of a batch are those of transformers, one by one; nothing is copied that need not be."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tuning.generation import GROUPED, ask_heads_by_groups, cache_with_room, closed_up, greedy


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


PAGES = (
    "the boat of Wenna lies in the harbour since May",
    "the boat of Wenna lies on the hill",
    "lamps are lit at six",
)


def beginning_alike(tokenizer: Any) -> list[list[int]]:
    """Questions behind pages; one twice, and one page without a question, which is how another prompt begins."""
    texts = [f"{page} {ask}" for ask in ("where is it", "who says so", "x") for page in PAGES]
    return [tokenizer(text, add_special_tokens=False)["input_ids"] for text in [*texts, texts[1], PAGES[0]]]


def test_prompts_that_begin_alike_get_the_answers_that_each_gets_alone(untuned: Any, tokenizer: Any) -> None:
    prompts = beginning_alike(tokenizer)
    alone = [greedy(untuned, [prompt], 12, {tokenizer.eos_token_id}, tokenizer.pad_token_id)[0] for prompt in prompts]
    assert len({tuple(answer) for answer in alone}) > 1
    assert greedy(untuned, prompts, 12, {tokenizer.eos_token_id}, tokenizer.pad_token_id) == alone


def test_what_prompts_begin_with_is_read_once(untuned: Any, tokenizer: Any) -> None:
    prompts, read = beginning_alike(tokenizer), []
    counting = untuned.register_forward_pre_hook(
        lambda model, args, kwargs: read.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    try:
        greedy(untuned, prompts, 1, set(), tokenizer.pad_token_id)
    finally:
        counting.remove()
    beginnings = {tuple(prompt[:end]) for prompt in prompts for end in range(1, len(prompt) + 1)}
    last_read_again = 2  # of the prompt that is there twice, and of the one that another begins with
    assert len(beginnings) <= sum(read) <= len(beginnings) + last_read_again


def test_a_token_is_added_to_the_cache_without_a_copy_of_it(untuned: Any, tokenizer: Any) -> None:
    import torch

    cache, places = cache_with_room(untuned.config, 4), []
    with torch.inference_mode():
        for ids in ([5, 6, 7], [8], [9]):
            untuned(input_ids=torch.tensor([ids]), past_key_values=cache, use_cache=True)
            places.append(cache.layers[0].keys.data_ptr())
    assert cache.get_seq_length() == 5
    assert len(set(places)) == 1


@pytest.mark.parametrize(
    ("going", "places"),
    [
        ([True, True, True], [0, 1, 2]),
        ([False, True, True, True], [3, 1, 2]),
        ([True, False, True, False], [0, 2]),
        ([False, False, False, True], [3]),
        ([True, True, False], [0, 1]),
        ([False, False], []),
    ],
)
def test_rows_that_go_on_close_up_with_as_few_moves_as_can_be(going: list[bool], places: list[int]) -> None:
    assert closed_up(going) == places


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
