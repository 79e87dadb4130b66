"""The memory that an answer takes."""

from __future__ import annotations

import sys

import pytest

from eval.contestants.memory import peak, peak_memory_mb


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets its peak")
def test_the_peak_is_of_the_block_and_not_of_what_was_before_it() -> None:
    held = bytearray(b"x" * 300_000_000)
    del held
    with peak() as small:
        pass
    with peak() as large:
        held = bytearray(b"x" * 200_000_000)
        del held
    assert large.mb - small.mb > 150
    assert peak_memory_mb() >= large.mb
