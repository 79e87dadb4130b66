"""The share of a reference text's words that come out right and in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.quality.readers import before, moved, now, score, words

REFERENCE = words("Anna opened the mill at Lund. Karl built the wheel.")


@pytest.mark.parametrize(
    ("text", "recall", "precision"),
    [
        ("Anna opened the mill at Lund. Karl built the wheel.", 1.0, 1.0),
        ("Home Anna opened the mill at Lund. Karl built the wheel.", 1.0, 10 / 11),
        ("Anna opened the mill at Lund.", 0.6, 1.0),
        ("Karl built the wheel. Anna opened the mill at Lund.", 0.6, 0.6),
    ],
    ids=["whole", "with-a-menu", "half", "order-lost"],
)
def test_words_count_where_they_stand_in_order(tmp_path: Path, text: str, recall: float, precision: float) -> None:
    (tmp_path / "a.txt").write_text(text)
    found = score(now, tmp_path / "a.txt", REFERENCE)
    assert found
    assert (found.recall, found.precision) == pytest.approx((recall, precision))
    assert found.kept == pytest.approx(0.6 if "Karl" not in text else 1.0)


def test_a_kind_that_was_not_read_before_has_no_score(tmp_path: Path) -> None:
    assert score(before, tmp_path / "a.epub", REFERENCE) is None


def test_a_note_that_stands_elsewhere_is_moved_and_scattered_words_are_not() -> None:
    note = words("The wheel was built of oak from the woods beyond the river")
    assert moved([["some", *note, "more"]], [note]) == len(note)
    assert moved([note[::-1], note[:7]], [note]) == 0
