"""Tuning on a real GPU: does every update stay a number, how fast is it, does the adapter answer? One JSON, resumable.

    python -m bench.speed.gpu MODEL ROWS OUT.json                    # all stages, the most valuable first
    python -m bench.speed.gpu MODEL ROWS OUT.json --only kernels     # one of them

MODEL is a folder of safetensors with its tokenizer (or a name of `ragtuned models list`), ROWS a train.jsonl. Each
stage runs in a process of its own, because Unsloth rewrites the libraries, and its result is in OUT.json before the
next begins; a stage that is there already is not run again. Measured on one H200 with a model of 1.5B:
docs/performance.md.

- `kernels`: the gradient of masked attention with very negative logits, by padded length, with cuDNN's kernels and
  without (pytorch/pytorch#196678). Needs no model.
- `BACKEND-on`, `BACKEND-off`: about sixty updates at padded length 64 with cuDNN attention and without; where the run
  ends as no number, the error says the update. Then the same questions, padded to 64 tokens, answered by the untuned
  model.
- `BACKEND-tune`: the product's own run over all rows, as `ragtuned tune` does it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import RagtunedError
from agents.files import write_text
from bench import measurement

LENGTHS = (64, 128, 192, 256, 704)
"""Padded lengths (tokens) at which the kernels are tried: 64, 192 and 704 are 64 more than a multiple of 128."""
WIDTH = 64
"""Padded length of the sixty updates."""
SECONDS = 300
"""Most that one stage may take."""
STAGES = ("kernels", "peft-on", "peft-off", "peft-tune", "unsloth-on", "unsloth-off", "unsloth-tune")


def main() -> None:
    """Run the stages that OUT.json does not hold yet, or a single one of them in this process."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("model")
    ask.add_argument("rows", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--only", choices=STAGES, action="append", help="this stage (more than once: these); all if none")
    ask.add_argument("--epochs", type=int, default=2, help="of the product's own run")
    ask.add_argument("--inside", choices=STAGES, help=argparse.SUPPRESS)
    given = ask.parse_args()
    if given.inside:
        print(json.dumps(run(given.inside, given.model, given.rows, given.out.parent, given.epochs)))
        return
    done: dict[str, Any] = (
        json.loads(given.out.read_text(encoding="utf-8")) if given.out.is_file() else {"machine": measurement.machine()}
    )
    for stage in [stage for stage in given.only or STAGES if stage not in done]:
        done[stage] = in_own_process(stage, given)
        write_text(given.out, json.dumps(done, indent=1) + "\n")
        print(stage, json.dumps(done[stage])[:1500], flush=True)


def in_own_process(stage: str, given: argparse.Namespace) -> dict[str, Any]:
    """Run one stage by this script anew: its result, or the end of what it said where it broke."""
    words = [given.model, given.rows, given.out, "--epochs", given.epochs, "--inside", stage]
    command, started = [sys.executable, "-m", "bench.speed.gpu", *map(str, words)], time.monotonic()
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        result = json.loads(ended.stdout.splitlines()[-1]) if ended.returncode == 0 else {"broke": ended.stderr[-1500:]}
    except subprocess.TimeoutExpired:
        result = {"broke": f"took more than {SECONDS} s"}
    return {**result, "wall_seconds": round(time.monotonic() - started, 1)}


def run(stage: str, model: str, rows: Path, folder: Path, epochs: int) -> dict[str, Any]:
    """One stage in this process."""
    if stage == "kernels":
        return kernels()
    backend, _, what = stage.partition("-")
    if what == "tune":
        return tune(backend, model, rows, folder / stage, {"epochs": epochs})
    if what == "on":
        leave_cudnn_on()
    tuned = tune(backend, model, rows, folder / stage, {"epochs": 1, "max_length": WIDTH}, pad_to=WIDTH)
    return {**tuned, "answers": padded_answers(model, rows)}


def kernels() -> dict[str, Any]:
    """Values of the query's gradient that are no numbers, by kernels and padded length; all logits are about -120."""
    import math

    import torch
    from torch.nn.functional import scaled_dot_product_attention

    def spoiled(length: int) -> int:
        torch.manual_seed(0)
        query, key, value = (
            torch.randn(1, 1, length, 64, device="cuda", dtype=torch.bfloat16) * scale for scale in (0.1, 0.1, 1.0)
        )
        query[..., 0], key[..., 0] = 1.0, -120 * math.sqrt(64)
        query.requires_grad_()
        mask = torch.ones(length, length, dtype=torch.bool, device="cuda").tril()[None, None]
        scaled_dot_product_attention(query, key, value, attn_mask=mask).float().sum().backward()
        assert query.grad is not None
        return int((~torch.isfinite(query.grad)).sum())

    found = {}
    for switch in (True, False):
        torch.backends.cuda.enable_cudnn_sdp(switch)
        found["on" if switch else "off"] = {length: spoiled(length) for length in LENGTHS}
    return {
        "no_numbers": found,
        "gpu": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "cudnn": torch.backends.cudnn.version(),
    }


def leave_cudnn_on() -> None:
    """Take the product's care away."""
    from tuning import attention

    attention.FAULTY_SINCE = (999, 0)


def tune(
    backend: str, model: str, rows: Path, folder: Path, settings: dict[str, Any], pad_to: int = 0
) -> dict[str, Any]:
    """A run of the product with the recipe for 1–2B students.

    `pad_to` pads every batch to a multiple of so many tokens.
    """
    from tuning import train as training
    from tuning.recipe import Recipe

    recipe = Recipe.model_validate(
        {
            "base": model,
            "backend": backend,
            "rank": 32,
            "alpha": 64,
            "learning_rate": 2e-4,
            "replay_rows": 0,
            **settings,
        }
    )
    chosen = training.choose_backend(recipe)  # first: Unsloth rewrites the libraries
    own = chosen.arguments
    chosen.arguments = lambda recipe: {**own(recipe), **({"pad_to_multiple_of": pad_to} if pad_to else {})}
    training.choose_backend = lambda recipe: chosen
    try:
        result = training.train(recipe, rows, folder / "none", folder / "adapter", Console(quiet=True))
    except RagtunedError as error:
        return {"ended": type(error).__name__, "said": str(error)}
    losses = (folder / "adapter" / "losses.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {
        "ended": "done",
        "losses": [round(float(line.split(",")[2]), 4) for line in losses],
        "seconds": result.seconds,
        "tokens_per_second": result.tokens_per_second,
        "peak_gb": round(result.peak_memory_bytes / 1e9, 1),
        "answered": f"{result.answered} of {result.asked}",
        "cudnn_attention_off": result.cudnn_attention_off,
    }


def padded_answers(model: str, rows: Path) -> list[str]:
    """What the untuned model answers to eight questions, each prompt padded on the left to 64 tokens."""
    import torch

    from tuning.base import open_base
    from tuning.dataset import read_rows, render_chat
    from tuning.model import greedy, load_model, load_tokenizer

    base = open_base(model)
    student, tokenizer = load_model(base).eval(), load_tokenizer(base)
    texts = [render_chat(tokenizer, row.messages[:-1], True) for row in read_rows(rows)[:8]]
    prompts = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    prompts.append((prompts[0] * WIDTH)[:WIDTH])  # the widest of the batch: all others are padded to it
    with torch.inference_mode():
        written = greedy(student, prompts, 24, {tokenizer.eos_token_id}, tokenizer.pad_token_id)
    return [tokenizer.decode(tokens, skip_special_tokens=True) for tokens in written[:-1]]


if __name__ == "__main__":
    main()
