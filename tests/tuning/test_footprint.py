"""What a run will take is said before it begins, and what it held is given back."""

from __future__ import annotations

import ctypes
import os

import psutil
import pytest

from agents.errors import InputError
from tuning.dataset import IGNORED, Encoded, Tokens
from tuning.footprint import Size, give_back, memory_estimate, use_one_gpu
from tuning.recipe import Recipe

SMALL = Size(137_000_000, 4, 49_152)


def rows(*lengths: int, answer: int = 20) -> Encoded:
    """Rows of so many tokens, the last of them under loss."""
    return Encoded(
        [Tokens(f"r{n}", [7] * long, [IGNORED] * (long - answer) + [7] * answer) for n, long in enumerate(lengths)],
        [],
    )


def estimate(rows: Encoded, size: Size = SMALL, **settings: int | bool) -> int:
    return memory_estimate(Recipe.model_validate(settings), size, rows)


@pytest.mark.parametrize(
    ("size", "measured"),
    [
        (SMALL, 2.19e9),
        (SMALL._replace(value_bytes=2), 1.62e9),
        (SMALL._replace(padded=True), 3.74e9),
        (SMALL._replace(padded=True, value_bytes=2), 2.7e9),
    ],
    ids=["as one sequence", "in bfloat16", "padded", "padded in bfloat16"],
)
def test_the_estimate_meets_what_was_measured_to_a_third(size: Size, measured: float) -> None:
    """docs/performance.md, "Tuning on a CPU": rows of the demo, 8 an update."""
    assert measured / 1.34 < estimate(rows(*[40, 50, 60, 80, 100, 160] * 4), size) < measured * 1.34


def test_the_estimate_grows_with_rows_length_rank_and_vocabulary() -> None:
    least = estimate(rows(*[60] * 20))
    assert estimate(rows(*[60] * 20), batch_size=16) > least
    assert estimate(rows(*[120] * 20)) > least
    assert estimate(rows(*[60] * 20), rank=64) > least
    assert estimate(rows(*[60] * 20, answer=40)) > least


def test_the_estimate_is_bounded_by_the_tokens_of_a_pass_but_not_under_the_longest_row() -> None:
    pages = rows(*[1000] * 20)
    assert estimate(pages, batch_tokens=10**6) > estimate(pages, batch_tokens=2048)
    assert estimate(pages, SMALL._replace(padded=True), batch_tokens=2048) == estimate(
        pages, SMALL._replace(padded=True), batch_tokens=2048, batch_size=64
    )
    assert estimate(rows(3000), batch_tokens=64) > estimate(rows(1000), batch_tokens=64)


def test_weights_in_4_bit_take_a_quarter_of_16_bit() -> None:
    big = Size(7_000_000_000, 2, 32_000)
    saved = estimate(rows(60), big) - estimate(rows(60), big, load_in_4bit=True)
    assert saved == pytest.approx(7e9 * 1.4, rel=0.01)


@pytest.mark.parametrize(
    ("named", "seen"), [(None, "0"), ("2,3", "2"), ("", "")], ids=["none named", "two named", "no gpu wanted"]
)
def test_a_run_sees_one_gpu(monkeypatch: pytest.MonkeyPatch, named: str | None, seen: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named or "")
    if named is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    use_one_gpu()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == seen


def test_one_of_several_processes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(InputError, match="started in 4 processes"):
        use_one_gpu()


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps freed memory this way")
def test_what_training_held_is_given_back_to_the_system() -> None:
    give_back()  # imports torch
    held = [b"x" * 100_000 for _ in range(2000)]
    top = held.pop()
    del held
    before = psutil.Process().memory_info().rss
    give_back()
    assert before - psutil.Process().memory_info().rss > 100_000_000
    assert len(top) == 100_000
