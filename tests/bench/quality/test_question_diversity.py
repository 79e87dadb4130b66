"""The table of how different questions are, from files of rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.records import FRAMING
from bench.quality.question_diversity import main


def test_a_file_is_a_line_of_the_table_and_rows_can_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"fact": "f1", "question": "Who sold the old mill?", "kind": "local"},
        {"fact": "f1", "question": "Tell me: Who sold the old mill?", "kind": "local", "source": {"role": FRAMING}},
        {"fact": "f1", "question": "In March, whose ruin went to Ben Kay?"},
        {"fact": "f2", "question": "Why?", "kind": "global"},
        {"fact": "g1", "question": "When?", "kind": "local"},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in rows), encoding="utf-8")
    main([path], kind="local", fact="f", written=False, vectors=False)
    assert f"| {path.as_posix()} | 1 | 3.0 | 2.0 |" in capsys.readouterr().out
    main([path], kind="local", fact="f", written=True, vectors=False)
    assert f"| {path.as_posix()} | 1 | 2.0 | 2.0 |" in capsys.readouterr().out
