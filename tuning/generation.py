"""Greedy answers of a batch, at the speed that a CPU can have with long prompts.

With a thousand tokens of passages in front, a step of `generate` of transformers spends most of its time on copies: of
the whole key-value cache, to append one token to it, and of every key for each query head that shares it. Here the
cache has room to grow, and heads that share a key are asked together. What several prompts begin with, such as the same
passages, is read once (`read_in_turn`). The tokens are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

GROUPED = "sdpa_by_groups"
LONG = 128
"""Own tokens of a prompt from which a CPU reads it by itself: faster at a thousand (measured), not tried between."""


def greedy(
    model: Any,
    prompts: list[list[int]],
    limit: int,
    stops: set[int],
    pad: int,
    on_token: Callable[[list[list[int]]], None] = lambda _: None,
) -> list[list[int]]:
    """The most probable tokens after each prompt, up to and with the first of `stops`, at most `limit`.

    `on_token` sees what is written so far after each step.

    A row that ended is taken out of the key-value cache, which `generate` of transformers does not do.
    Shapes: `ids` and `mask` (batch, seq) for the prompts, then (batch, 1) and (batch, seq + step).
    """
    import torch

    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(p)) + p for p in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=model.device)
    position = (mask.cumsum(-1) - 1).clamp(min=0)
    written: list[list[int]] = [[] for _ in prompts]
    alive, cache = list(range(len(prompts))), cache_with_room(model.config, limit)

    def following() -> Any:
        out = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=position,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return out.logits[:, -1].argmax(-1)

    with torch.inference_mode():
        tokens = read_in_turn(model, prompts, cache) if _in_turn_pays(model, cache, prompts) else following()
        for step in range(limit):
            tokens = following() if step else tokens
            for row, token in zip(alive, tokens.tolist(), strict=True):
                written[row].append(token)
            on_token(written)
            places = closed_up([written[row][-1] not in stops for row in alive])
            if not places:
                break
            keep = torch.tensor(places, device=model.device)
            if len(keep) < len(alive):
                cache.batch_select_indices(keep)
                alive = [alive[place] for place in places]
            mask = torch.cat([mask[keep], mask.new_ones(len(keep), 1)], dim=1)
            ids, position = tokens[keep, None], position[keep, -1:] + 1
    return written


def closed_up(going: Sequence[bool]) -> list[int]:
    """The places of the rows that go on: the last of them take the places of those that ended, so that few move."""
    places = [place for place, goes in enumerate(going) if goes]
    last = [place for place in places if place >= len(places)]
    return [place if goes else last.pop() for place, goes in enumerate(going[: len(places)])]


def read_in_turn(model: Any, prompts: list[list[int]], cache: Any) -> Any:
    """Fill the empty `cache` with the prompts, one after the other, and return the token that follows each: (batch,).

    In their order as lists of tokens each begins as the one before it for as long as any does: only what differs is
    read. A row of `cache` is what a pass over all of them, padded on the left, would leave there.
    """
    import torch

    width = max(map(len, prompts))
    follows = torch.zeros(len(prompts), dtype=torch.long, device=model.device)
    reading, before = cache_with_room(model.config, width), list[int]()
    for row in sorted(range(len(prompts)), key=prompts.__getitem__):
        prompt = prompts[row]
        known = min(common(before, prompt), len(prompt) - 1)  # the last token is read, for what follows it
        for layer in reading.layers if before else ():
            layer.keep(known)
        out = model(
            input_ids=torch.tensor([prompt[known:]], device=model.device),
            position_ids=torch.arange(known, len(prompt), device=model.device)[None],
            past_key_values=reading,
            use_cache=True,
            logits_to_keep=1,
        )
        follows[row] = out.logits[0, -1].argmax()
        for layer, read in zip(cache.layers, reading.layers, strict=True):
            layer.take(row, len(prompts), width, read)
        before = prompt
    return follows


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """With how many tokens both begin."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _in_turn_pays(model: Any, cache: Any, prompts: list[list[int]]) -> bool:
    """Whether to read prompts in turn takes less time than one pass over all: short passes do not fill a machine."""
    ordered, every = sorted(prompts), sum(map(len, prompts))
    own = every - sum(common(one, other) for one, other in pairwise(ordered))
    if len(prompts) == 1 or not all(hasattr(layer, "take") for layer in cache.layers):
        return False
    if model.device.type == "cpu":
        return own >= LONG * len(prompts) or own <= every / 2
    return own <= every / 4


def cache_with_room(config: Any, room: int) -> Any:
    """An empty cache whose layers, where they hold every token, grow in place by `room` tokens at a time."""
    from transformers.cache_utils import DynamicCache, DynamicLayer

    class GrowingLayer(DynamicLayer):
        """Keys and values as (batch, heads, seq, width), each the filled beginning of a larger tensor."""

        def keep(self, tokens: int) -> None:
            """Forget all but the first `tokens`."""
            self.keys, self.values = (store[..., :tokens, :] for store in self.stores)

        def take(self, row: int, rows: int, width: int, read: Any) -> None:
            """Put the tokens of `read`, a layer of one row, to the end of this row of `rows`, each `width` tokens."""
            if not self.is_initialized:
                self.lazy_initialization(read.keys, read.values)
                self.stores = [
                    states.new_zeros(rows, states.shape[1], width + room, states.shape[3])
                    for states in (read.keys, read.values)
                ]
                self.keys, self.values = (store[..., :width, :] for store in self.stores)
            for held, states in zip(self.stores, (read.keys, read.values), strict=True):
                held[row, :, width - states.shape[-2] : width] = states[0]

        def update(self, key_states: Any, value_states: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
                self.stores = [states.new_empty(0) for states in (key_states, value_states)]
            filled = self.get_seq_length()
            whole = filled + key_states.shape[-2]
            for n, (held, states) in enumerate(((self.keys, key_states), (self.values, value_states))):
                store = self.stores[n]
                if store.dim() < states.dim() or store.shape[-2] < whole or len(store) != len(states):
                    store = states.new_empty(*states.shape[:-2], whole + room, states.shape[-1])
                    if filled:
                        store[..., :filled, :] = held
                    self.stores[n] = store
                store[..., filled:whole, :] = states
            self.keys, self.values = (store[..., :whole, :] for store in self.stores)
            return self.keys, self.values

        def batch_select_indices(self, indices: Any) -> None:
            """Keep these rows, as `closed_up` orders them: within what is held, so that few are copied."""
            for store in self.stores:
                for place, row in enumerate(indices.tolist()):
                    if place != row:
                        store[place] = store[row]
            self.stores = [store[: len(indices)] for store in self.stores]
            self.keep(self.get_seq_length())

    cache = DynamicCache(config=config)
    cache.layers = [GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


def ask_heads_by_groups(model: Any) -> None:
    """Let a model on a CPU attend without a copy of each key for every query head that shares it."""
    if model.config._attn_implementation == "sdpa" and model.device.type == "cpu":
        _register()
        model.set_attn_implementation(GROUPED)


def _register() -> None:
    import torch
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import sdpa_mask

    def by_groups(
        module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **kwargs: Any
    ) -> tuple[Any, None]:
        """SDPA; of one new token the heads of a group take the place of queries: (batch, key heads, group, width)."""
        batch, heads, queries, width = query.shape
        shared = key.shape[1]
        if queries > 1 or heads == shared or kwargs.get("position_bias") is not None:
            return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
        grouped = query.reshape(batch, shared, heads // shared, width)
        found = torch.nn.functional.scaled_dot_product_attention(
            grouped, key, value, attn_mask=attention_mask, scale=kwargs.get("scaling")
        )
        return found.reshape(batch, 1, heads, width), None

    AttentionInterface.register(GROUPED, by_groups)
    AttentionMaskInterface.register(GROUPED, sdpa_mask)
