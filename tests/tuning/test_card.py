"""What the adapter's card says, and that a name in it marks up nothing."""

from __future__ import annotations

from pathlib import Path

from tuning.base import Base
from tuning.card import TrainResult, write_card
from tuning.recipe import Recipe

RESULT = TrainResult(
    rows=1,
    replay_rows=0,
    too_long=[],
    tokens=9,
    answer_tokens=3,
    steps=1,
    train_loss=0.5,
    validation_loss=None,
    seconds=1.0,
    tokens_per_second=9.0,
    peak_memory_bytes=1,
    backend="peft",
    data_sha256="a" * 64,
    resumed_at=0,
)


def test_the_name_of_a_base_marks_up_nothing_in_the_card(tmp_path: Path) -> None:
    base = Base("models/a`b`<img src=x>\n# Forged\n{rank}", tmp_path, "b" * 64, "float32, from *a*.gguf")
    write_card(tmp_path, base, Recipe(), RESULT, "c" * 64)
    card = (tmp_path / "README.md").read_text()
    assert [line for line in card.splitlines() if line.startswith("#")] == [
        r"# Adapter on models/a\`b\`\<img src=x\>\\n# Forged\\n{rank}"
    ]
    assert r"from \*a\*.gguf" in card
