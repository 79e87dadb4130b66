"""cuDNN's attention is off on a GPU with a torch whose backward pass is known to be wrong, and only there."""

import pytest

from tuning.attention import avoid_cudnn_attention


@pytest.mark.parametrize(
    ("version", "gpu", "off"),
    [
        ("2.10.0+cu128", True, False),
        ("2.11.0+cu130", True, True),
        ("2.13.0", True, True),
        ("3.0.1a0+git1234", True, True),
        ("2.13.0", False, False),
    ],
    ids=["before", "first", "pinned", "later", "no-gpu"],
)
def test_it_is_off_where_the_fault_is(monkeypatch: pytest.MonkeyPatch, version: str, gpu: bool, off: bool) -> None:
    import torch

    switched: list[bool] = []
    monkeypatch.setattr(torch, "__version__", version)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.backends.cuda, "enable_cudnn_sdp", switched.append)
    assert avoid_cudnn_attention() is off
    assert switched == [False] * off
