"""Attention row by row: the same as with a mask, and left to the mask where that takes less."""

from __future__ import annotations

import pytest

from tuning.row_attention import attention, pays, row_layout


@pytest.mark.parametrize("shared", [0, 5], ids=["nothing shared", "a shared beginning"])
def test_heads_that_share_a_key_attend_row_by_row_as_with_a_mask(shared: int) -> None:
    import torch

    torch.manual_seed(0)
    lengths = [9, 5, 4, 2, 2]
    owner = torch.tensor([-1] * shared + [row for row, n in enumerate(lengths) for _ in range(n)])
    visible = ((owner[:, None] == owner[None]) | (owner[None] == -1)).tril()
    query, key, value = (torch.randn(1, heads, len(owner), 8) for heads in (6, 2, 2))
    layout = row_layout(shared, lengths)
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, visible, scale=0.3, enable_gqa=True)
    assert torch.allclose(attention(query, key, value, layout, 0.3), expected, atol=1e-5)


@pytest.mark.parametrize("lengths", [[700] * 8, [300]], ids=["long", "one long row"])
def test_rows_that_a_mask_takes_less_for_are_left_to_it(lengths: list[int]) -> None:
    assert not pays(20, lengths)
    assert pays(20, [40] * 8)
    assert pays(20, [400, *[40] * 8])  # one long row beside short ones, in groups
