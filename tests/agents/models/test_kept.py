"""The lists of replies that a prune keeps."""

from __future__ import annotations

from pathlib import Path

from agents.models.kept import keep_calls, kept_calls


def test_a_later_start_adds_to_what_is_kept(tmp_path: Path) -> None:
    for keys in (["a", "b"], ["b", "c"], []):
        keep_calls(tmp_path / "runs" / "main" / "eval", keys)
    assert kept_calls(tmp_path) == {"a", "b", "c"}
    assert kept_calls(tmp_path / "runs") is None
