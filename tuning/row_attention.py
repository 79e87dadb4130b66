"""Attention within each row of a packed pass, for a CPU.

A mask over the whole sequence computes what it hides: eight rows of forty tokens see an eighth of it. So the rows'
queries, keys and values are laid beside each other, the shared beginning before each, and multiplied row by row
(measured: docs/results/speed.md). The probabilities are kept for the backward pass, so that long rows are left to the
mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BY_ROWS = "sdpa_by_rows"
MOST_CELLS = 2**18
"""Probabilities of a head that are kept for the backward pass: at nine heads and thirty layers 0.4 GB."""


@dataclass(frozen=True)
class Rows:
    """Rows of like length, beside each other.

    `own` (rows, longest) are positions in the sequence, a short row's last one repeated; `back` (own tokens,) finds
    each own token in the flattened `own`; `hidden` (longest, shared + longest) is true where a token may not look.
    """

    own: Any
    back: Any
    hidden: Any


@dataclass(frozen=True)
class RowLayout:
    """Where the rows of a pass stand in its sequence: `shared` tokens, and then each row's own, group after group."""

    shared: int
    groups: tuple[Rows, ...]

    def to(self, device: Any) -> RowLayout:
        """Itself on another device, as a tensor's `to`."""
        moved = (Rows(rows.own.to(device), rows.back.to(device), rows.hidden.to(device)) for rows in self.groups)
        return RowLayout(self.shared, tuple(moved))


def pays(shared: int, lengths: Sequence[int]) -> bool:
    """Whether rows with so many own tokens take less time beside each other than behind each other with a mask."""
    cells = sum(len(group) * group[0] * (shared + group[0]) for group in _alike(lengths))
    return cells <= min((shared + sum(lengths)) ** 2 // 2, MOST_CELLS)


def row_layout(shared: int, lengths: Sequence[int]) -> RowLayout:
    """The layout of rows with so many own tokens each, the longest first."""
    groups, start = [], shared
    for group in _alike(lengths):
        groups.append(_rows(shared, start, group))
        start += sum(group)
    return RowLayout(shared, tuple(groups))


def _alike(lengths: Sequence[int]) -> list[list[int]]:
    """The lengths, the longest first, in groups none of which is padded to more than twice its shortest."""
    groups: list[list[int]] = []
    for length in lengths:
        if not groups or 2 * length <= groups[-1][0]:
            groups.append([])
        groups[-1].append(length)
    return groups


def _rows(shared: int, start: int, lengths: Sequence[int]) -> Rows:
    import torch

    longest, lengths_of = max(lengths), torch.tensor(lengths)[:, None]
    begins = torch.tensor(lengths).cumsum(0)[:, None] - lengths_of + start
    own = begins + torch.arange(longest)[None].minimum(lengths_of - 1)
    back = (torch.arange(longest)[None] < lengths_of).flatten().nonzero().squeeze(-1)
    later = torch.ones(longest, longest, dtype=torch.bool).triu(1)
    return Rows(own, back, torch.cat([torch.zeros(longest, shared, dtype=torch.bool), later], 1))


def attend_by_rows(model: Any) -> None:
    """Let a model on a CPU attend row by row in passes with a `row_layout`, and in any other as before."""
    if model.config._attn_implementation == "sdpa" and model.device.type == "cpu":
        _register()
        model.set_attn_implementation(BY_ROWS)


def attention(query: Any, key: Any, value: Any, layout: RowLayout, scaling: float) -> Any:
    """Of one packed sequence: (1, heads, tokens, width) and keys and values of fewer heads → the shape of the query."""
    import torch

    shared = layout.shared
    found = [_of_rows(query, key, value, rows, shared, scaling) for rows in layout.groups]
    if shared:
        later = torch.ones(shared, shared, dtype=torch.bool).triu(1)
        found.insert(0, _attend(query[:, :, :shared], key[:, :, :shared], value[:, :, :shared], later, scaling))
    return torch.cat(found, 2)


def _of_rows(query: Any, key: Any, value: Any, rows: Rows, shared: int, scaling: float) -> Any:
    """What the own tokens of these rows find: (1, heads, own tokens, width)."""
    import torch

    seen = torch.cat([torch.arange(shared).expand(len(rows.own), -1), rows.own], 1)
    found = _attend(_taken(query, rows.own), _taken(key, seen), _taken(value, seen), rows.hidden, scaling)
    return found.transpose(0, 1).flatten(1, 2).index_select(1, rows.back)[None]


def _taken(tensor: Any, places: Any) -> Any:
    """(1, heads, tokens, width) at places (rows, n) → (rows, heads, n, width)."""
    return tensor[0].index_select(1, places.flatten()).unflatten(1, places.shape).transpose(0, 1)


def _attend(query: Any, key: Any, value: Any, hidden: Any, scaling: float) -> Any:
    """(rows, heads, queries, width); the heads that share a key take the place of queries, so that none is copied."""
    import torch

    rows, heads, queries, _ = query.shape
    groups = key.shape[1]
    scores = torch.bmm(
        query.reshape(rows * groups, -1, query.shape[-1]), key.reshape(rows * groups, *key.shape[2:]).transpose(1, 2)
    )
    scores = (scores * scaling).view(rows * groups, heads // groups, queries, -1)
    weights = scores.masked_fill(hidden, float("-inf")).softmax(-1, dtype=torch.float32).to(value.dtype)
    found = torch.bmm(weights.flatten(1, 2), value.reshape(rows * groups, *value.shape[2:]))
    return found.view(rows, heads, queries, -1)


def _register() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import sdpa_mask

    def by_rows(
        module: Any,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any,
        row_layout: RowLayout | None = None,
        **kwargs: Any,
    ) -> tuple[Any, None]:
        if row_layout is None or any(kwargs.get(name) is not None for name in ("position_bias", "softcap", "s_aux")):
            return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
        scaling = kwargs.get("scaling") or query.shape[-1] ** -0.5
        return attention(query, key, value, row_layout, scaling).transpose(1, 2), None

    AttentionInterface.register(BY_ROWS, by_rows)
    AttentionMaskInterface.register(BY_ROWS, sdpa_mask)
