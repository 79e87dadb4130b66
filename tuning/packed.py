"""The rows of an update as one sequence: what all of them begin with is computed once, and nothing is padded.

Every training row begins with the same system prompt in the same chat template, nearly half of a short row, and rows
differ in length. So they are laid behind each other, behind one copy of their shared beginning. A mask lets each token
see that beginning and its own row, positions count within the row, and the output layer works only where a token under
loss is predicted. Loss and gradient are those of the padded batch.

Measured by `python -m bench.speed.update`: docs/performance.md.
"""

from __future__ import annotations

from typing import Any

from tuning.dataset import IGNORED
from tuning.row_attention import pays, row_layout

SHARED = -1
"""The owner of the tokens that all rows begin with."""


def packed_passes(batch: dict[str, Any], most: int, by_rows: bool = False) -> list[dict[str, Any]]:
    """The rows of a batch in forward passes of at most `most` tokens each; a single row may have more.

    `batch` has input_ids, attention_mask and labels of shape (batch, seq), padded on the right. A pass has input_ids,
    position_ids (1, tokens), attention_mask (1, 1, tokens, tokens), and, for the n tokens under loss, shift_labels
    (1, n) and logits_to_keep (n,), the positions that predict them; where the batch has `where`, so has the pass, with
    the shape of shift_labels (`tuning.distill`). With `by_rows` a pass of short rows has a row_layout
    (`tuning.row_attention`). A pass without a token under loss is left out.
    """
    lengths = batch["attention_mask"].sum(-1).tolist()
    shared = _shared_tokens(batch, min(lengths))
    passes: list[list[int]] = []
    room = 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        own = lengths[row] - shared
        if own > room:
            passes.append([])
            room = most - shared
        passes[-1].append(row)
        room -= own
    packed = [_one_sequence(batch, rows, lengths, shared, by_rows) for rows in passes]
    return [one for one in packed if one["logits_to_keep"].numel()]


def _one_sequence(
    batch: dict[str, Any], rows: list[int], lengths: list[int], shared: int, by_rows: bool
) -> dict[str, Any]:
    import torch

    ids, labels = batch["input_ids"], batch["labels"]
    tokens, targets = [ids[rows[0], :shared]], [labels[rows[0], :shared]]
    owners, positions = [ids.new_full((shared,), SHARED)], [torch.arange(shared, device=ids.device)]
    for row in rows:
        own = slice(shared, lengths[row])
        tokens.append(ids[row, own])
        # the token before a row's first own one is another row's: it predicts nothing
        targets += [labels.new_full((1,), IGNORED), labels[row, shared + 1 : lengths[row]]]
        owners.append(ids.new_full((lengths[row] - shared,), row))
        positions.append(torch.arange(shared, lengths[row], device=ids.device))
    owner, target = torch.cat(owners), torch.cat(targets)
    predicting = (target[1:] != IGNORED).nonzero().squeeze(-1)
    visible = ((owner[:, None] == owner[None]) | (owner[None] == SHARED)).tril()
    under_loss, position = target[predicting + 1][None], torch.cat(positions)
    one: dict[str, Any] = {
        "input_ids": torch.cat(tokens)[None],
        "position_ids": position[None],
        "attention_mask": visible[None, None],
        "labels": under_loss,
        "shift_labels": under_loss,
        "logits_to_keep": predicting,
    }
    own_tokens = [lengths[row] - shared for row in rows]
    if by_rows and pays(shared, own_tokens):
        one["row_layout"] = row_layout(shared, own_tokens)
    if "where" in batch:
        one["where"] = batch["where"][owner[predicting + 1], position[predicting + 1]][None]
    return one


def _shared_tokens(batch: dict[str, Any], shortest: int) -> int:
    """How many leading tokens all rows share, none of them under loss, nor the token that follows them."""
    ids, labels = batch["input_ids"][:, :shortest], batch["labels"][:, :shortest]
    same = ((ids == ids[:1]) & (labels == IGNORED)).all(0)
    return max(0, int(same.long().cumprod(0).sum()) - 1)
