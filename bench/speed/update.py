"""What an update of `ragtuned tune` takes on this machine: rows padded or as one sequence, float32 or bfloat16.

    python -m bench.speed.update examples/demo/runs/demo/data/train.jsonl

Every way is a process of its own with the same rows, seed and order; the first two updates are not counted. Beside them
stands TRL's SFTTrainer as its documentation calls it, on the same rows as prompt and completion. What the processor
can do at all is measured in the same process, before and after: large products of float32 matrices.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.measurement import write_result
from tuning.model import value_type

WAYS = ("trl alone, float32", "padded, float32", "packed, float32", "padded, bfloat16", "packed, bfloat16")
WARM_UP = 2
"""Updates that are not counted."""


def clock() -> Any:
    """A callback that notes wall and processor seconds after every update (its parent class is imported late)."""
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        def __init__(self) -> None:
            self.ends: list[tuple[float, float]] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.ends.append((time.perf_counter(), time.process_time()))

    return Clock()


def matrix_rate(products: int = 10, width: int = 2048) -> float:
    """Operations a second of float32 products of square matrices, after one that is not counted."""
    import torch

    left, right, product = (torch.randn(width, width) for _ in range(3))
    torch.matmul(left, right, out=product)
    started = time.perf_counter()
    for _ in range(products):
        torch.matmul(left, right, out=product)
    return 2 * width**3 * products / (time.perf_counter() - started)


def measure(way: str, train: Path, updates: int, size: int, folder: Path) -> dict[str, Any]:
    """Tune `updates` updates of `size` rows in this process: what it took.

    `matrix_share` is 4 operations for each parameter and token (forward, and backward to the activations) over what
    the processor does in products of float32 matrices.
    """
    from tuning.backends.peft import PeftBackend
    from tuning.base import open_base
    from tuning.dataset import encode, read_rows, split_batch
    from tuning.recipe import Recipe

    class Padded(PeftBackend):
        def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
            return split_batch(batch, most)

    form, _, dtype = way.partition(", ")
    recipe = Recipe.model_validate(
        {"dtype": dtype, "epochs": 1, "batch_size": size, "replay_rows": 0, "checkpoint_steps": 10**6}
    )
    backend = Padded() if form == "padded" else PeftBackend()
    model, tokenizer = backend.load(recipe, open_base(recipe.base))
    parameters = sum(weight.numel() for weight in model.parameters() if not weight.requires_grad)
    rows = read_rows(train)[: recipe.rows_a_batch * updates]
    encoded = encode(rows, tokenizer, recipe.max_length).rows
    watch = clock()
    trainer = (
        trl_alone(recipe, model, tokenizer, rows, folder)
        if form == "trl alone"
        else ours(recipe, backend, model, tokenizer, encoded, folder)
    )
    trainer.add_callback(watch)
    rates = [matrix_rate()]
    trainer.train()
    rates.append(matrix_rate())
    counted = watch.ends[-1][0] - watch.ends[WARM_UP - 1][0], watch.ends[-1][1] - watch.ends[WARM_UP - 1][1]
    share = (updates - WARM_UP) / updates
    tokens_a_second = sum(len(row.input_ids) for row in encoded) * share / counted[0]
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {
        "wall_s": round(counted[0], 1),
        "processor_s": round(counted[1], 1),
        "rows_a_second": round(len(rows) * share / counted[0], 2),
        "tokens_a_second": round(tokens_a_second),
        "matrix_gflops": [round(rate / 1e9) for rate in rates],
        "matrix_share": round(4 * parameters * tokens_a_second / (sum(rates) / 2), 2),
        "loss": [round(losses[0], 3), round(sum(losses[-4:]) / 4, 3)],
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 2),
    }


def ours(recipe: Any, backend: Any, model: Any, tokenizer: Any, rows: Any, folder: Path) -> Any:
    """The trainer of `ragtuned tune`."""
    from agents.console import Console
    from tuning.trainer import make_trainer

    with Console(quiet=True).stage("tune") as stage:
        return make_trainer(recipe, backend, model, tokenizer, rows, [], folder, stage)


def trl_alone(recipe: Any, model: Any, tokenizer: Any, rows: Any, folder: Path) -> Any:
    """SFTTrainer on conversations, with our batch, rate and seed and its own defaults else."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer  # pyright: ignore[reportPrivateImportUsage]

    pairs = [{"prompt": row.messages[:-1], "completion": row.messages[-1:]} for row in rows]
    settings = SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=recipe.rows_a_batch,
        learning_rate=recipe.learning_rate,
        warmup_steps=recipe.warmup,
        num_train_epochs=1,
        seed=recipe.seed,
        use_cpu=True,
        bf16=False,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    return SFTTrainer(model=model, args=settings, train_dataset=Dataset.from_list(pairs), processing_class=tokenizer)


def main(
    train: Path,
    updates: Annotated[int, typer.Option(min=4, help="updates each way")] = 22,
    size: Annotated[list[int] | None, typer.Option(min=1, help="rows of an update (8); may be repeated")] = None,
    way: Annotated[str, typer.Option(help="only this way, its figures to standard output")] = "",
    out: Annotated[Path | None, typer.Option(help="another file for the result")] = None,
) -> None:
    """Measure every way in a process of its own; those in bfloat16 where the processor has instructions for it."""
    sizes = size or [8]
    if way:
        with tempfile.TemporaryDirectory(prefix="ragtuned-update-") as folder:
            print(json.dumps(measure(way, train, updates, sizes[0], Path(folder))))
        return
    found: dict[str, dict[str, Any]] = {}
    for rows, one in ((rows, one) for rows in sizes for one in WAYS):
        if one.endswith("bfloat16") and value_type("auto") != "bfloat16":
            continue
        command = [sys.executable, "-m", "bench.speed.update", str(train), "--way", one]
        command += ["--updates", str(updates), "--size", str(rows)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ})
        name = f"{one}, {rows} rows"
        found[name] = json.loads(done.stdout.splitlines()[-1])
        print(f"{name}: {found[name]}")
    write_result("update", {"updates": updates, "ways": found}, out)


if __name__ == "__main__":
    typer.run(main)
