"""What a killed run leaves and the next one takes up, and the steps as they are counted on the way."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from agents.files import write_text
from agents.progress import Stage
from tuning.curve import write_table

_MARK = "of.json"
_STATE = "trainer_state.json"
SECONDS_BETWEEN_TABLES = 5  # of the losses so far, beside the checkpoints


def keep_or_clear(folder: Path, fingerprint: str) -> None:
    """Empty the folder unless its checkpoints belong to the run with this fingerprint."""
    mark = folder / _MARK
    with suppress(OSError, ValueError, RecursionError):  # a mark that cannot be read is another run's
        if json.loads(mark.read_text(encoding="utf-8")) == {"fingerprint": fingerprint}:
            return
    if folder.exists():
        shutil.rmtree(folder)
    write_text(mark, json.dumps({"fingerprint": fingerprint}))


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint; the trainer writes its state last, so one without it was cut off."""
    whole = [path for path in folder.glob("checkpoint-*") if _to_its_end(path / _STATE)]
    return max(whole, key=lambda path: int(path.name.partition("-")[2]), default=None)


def _to_its_end(state: Path) -> bool:
    """Whether a file of JSON was written whole; what stands in it is looked at by `received.check_checkpoint`."""
    try:
        json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return True


def count_updates(stage: Stage) -> Any:
    """A callback for the trainer that counts updates on the progress bar and shows the loss beside them.

    The losses so far stand in a file too, which the page of the run reads. (Its parent class is in transformers, which
    is imported late.)
    """
    from transformers import TrainerCallback

    written = 0.0

    class OnTheBar(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            stage.total = state.max_steps
            if state.global_step:
                stage.count("updates", state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            nonlocal written
            values = logs or {}
            if time.monotonic() - written > SECONDS_BETWEEN_TABLES:
                written = time.monotonic()
                write_table(state.log_history, Path(args.output_dir))
            if "loss" in values:
                stage.note = f"loss {values['loss']:.3f}"
                stage.count("updates")

    return OnTheBar()
