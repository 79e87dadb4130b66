"""Which attention kernels tuning may use on a GPU: all but cuDNN's, where those are known to compute wrong gradients.

Since torch 2.11 `scaled_dot_product_attention` prefers cuDNN on H100 and H200. There its backward pass gives NaN where
a mask is passed, the padded length is 64 more than a multiple of 128 and the logits of a head are very negative, as in
Qwen2.5 (pytorch/pytorch#196678, huggingface/trl#7181). torch 2.11.0 and 2.13.0 have the fault; no release is known that
is free of it, so there is no upper end. On B200 the same kernels write wrong texts too (pytorch/pytorch#193893), so
they are off wherever a student is loaded. The other kernels (memory-efficient, flash, math) take over; on rows of a
sentence or two they are as fast.
"""

from __future__ import annotations

FAULTY_SINCE = (2, 11)
"""The first release of torch whose cuDNN attention has the fault; none is known to have mended it (November 2026)."""


def avoid_cudnn_attention() -> bool:
    """Switch cuDNN attention off in this process if torch is one with the fault; True if it is off."""
    import torch

    if not torch.cuda.is_available() or _release(torch.__version__) < FAULTY_SINCE:
        return False
    torch.backends.cuda.enable_cudnn_sdp(False)
    return True


def _release(version: str) -> tuple[int, int]:
    """2.11.0+cu130 → (2, 11)."""
    major, minor, *_ = version.split(".")
    return int(major), int(minor)
