"""Tuning on a real GPU: how fast, what each loss teaches, does every update stay a number? One JSON, resumable.

    python -m bench.speed.gpu MODEL ROWS OUT.json --corpus DEMO      # within eight minutes, the most valuable first
    python -m bench.speed.gpu MODEL ROWS OUT.json --bisect           # is cuDNN's attention at fault?
    python -m bench.speed.gpu MODEL ROWS OUT.json --only kernels     # one stage

MODEL is a folder of safetensors with its tokenizer, a name of `ragtuned models list`, or a size of
`bench.speed.random_student` such as random-1.5b, for speed alone. ROWS is a train.jsonl; a loss that distils reads
contexts.jsonl beside it. Each stage runs in a process of its own, because Unsloth rewrites the libraries, and its
result is in OUT.json before the next begins; a stage that is there already is not run again, and one for which no time
is left is begun by the next call. Measured on one H200 with a model of 1.5B: docs/performance.md.

- `BACKEND-sizes`: tokens a second by the rows of an update, and how long the card computes in one.
- `BACKEND-tune`: the product's own run over all rows, as `ragtuned tune` does it; `parity` then compares the losses of
  the first updates of both.
- `LOSS-exam` (with --corpus, a folder of `bench.quality.students prepare`): gold for base, retrieval, the right page,
  tuned and tuned with retrieval; general questions, leaks, inventions.
- `kernels`: the gradient of masked attention with very negative logits, by padded length, with cuDNN's kernels and
  without (pytorch/pytorch#196678). Needs no model.
- `BACKEND-on`, `BACKEND-off`: about sixty updates at padded length 64 with cuDNN attention and without; where the run
  ends as no number, the error says the update. Then the same questions, padded to 64 tokens, answered by the untuned
  model.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import RagtunedError
from agents.files import write_text
from bench import measurement
from bench.speed.random_student import is_random, random_student
from bench.speed.sizes import Sized, sizes

LENGTHS = (64, 128, 192, 256, 704)
"""Padded lengths (tokens) at which the kernels are tried: 64, 192 and 704 are 64 more than a multiple of 128."""
WIDTH = 64
"""Padded length of the sixty updates."""
SECONDS = 300
"""Most that one stage may take."""
LEAST_SECONDS = 30
"""Less time than this begins no stage: imports alone take as long."""
SPEED = ("peft-sizes", "unsloth-sizes")
RUNS = ("peft-tune", "unsloth-tune")
EXAMS = ("answers-exam", "distilled-exam", "mixed-exam")
BISECT = ("kernels", "peft-on", "peft-off", "unsloth-on", "unsloth-off")
STAGES = (*SPEED, *RUNS, *EXAMS, *BISECT)
LARGER = {"rank": 32, "alpha": 64, "learning_rate": 2e-4}
"""The recipe for students of 1–2B."""
PARITY = 20
"""Updates whose losses are compared: later ones part by rounding alone."""


def main() -> None:
    """Run the stages that OUT.json does not hold yet, or a single one of them in this process."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("model")
    ask.add_argument("rows", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--only", choices=STAGES, action="append", help="this stage (more than once: these); all if none")
    ask.add_argument("--epochs", type=int, default=2, help="of the product's own run")
    ask.add_argument("--inside", choices=STAGES, help=argparse.SUPPRESS)
    ask.add_argument("--corpus", type=Path, help="of `bench.quality.students prepare`: examine students of each loss")
    ask.add_argument("--bisect", action="store_true", help="only the stages about cuDNN's attention")
    ask.add_argument("--minutes", type=float, default=8.0, help="for all stages together")
    given = ask.parse_args()
    if given.inside:
        print(json.dumps(run(given.inside, given)))
        return
    done: dict[str, Any] = (
        json.loads(given.out.read_text(encoding="utf-8")) if given.out.is_file() else {"machine": measurement.machine()}
    )
    wanted = given.only or (BISECT if given.bisect else [*SPEED, *RUNS, *(EXAMS if given.corpus else ()), *BISECT])
    ends = time.monotonic() + 60 * given.minutes
    for stage in [stage for stage in wanted if stage not in done]:
        left = ends - time.monotonic()
        if left < LEAST_SECONDS:
            print(f"{stage}: no time is left; the same command goes on")
            return
        result = in_own_process(stage, min(SECONDS, left))
        if "broke" in result and result["wall_seconds"] > left - 1:  # no fault of its own
            continue
        done[stage] = result
        done["parity"] = parity(done)
        write_text(given.out, json.dumps(done, indent=1) + "\n")
        print(stage, json.dumps(done[stage])[:1500], flush=True)


def parity(done: Mapping[str, Any]) -> dict[str, Any]:
    """How far the losses of the two backends lie apart in the first updates; nothing until both have run."""
    peft, unsloth = (done.get(stage, {}).get("losses", [])[:PARITY] for stage in RUNS)
    if not peft or not unsloth:
        return {}
    apart = [abs(one - other) for one, other in zip(peft, unsloth, strict=False)]
    return {"updates": len(apart), "first": [peft[0], unsloth[0]], "most_apart": round(max(apart), 4)}


def in_own_process(stage: str, seconds: float) -> dict[str, Any]:
    """Run one stage by this script anew: its result, or the end of what it said where it broke."""
    command, started = [sys.executable, "-m", "bench.speed.gpu", *sys.argv[1:], "--inside", stage], time.monotonic()
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
        result = json.loads(ended.stdout.splitlines()[-1]) if ended.returncode == 0 else {"broke": ended.stderr[-1500:]}
    except subprocess.TimeoutExpired:
        result = {"broke": f"took more than {seconds:.0f} s"}
    return {**result, "wall_seconds": round(time.monotonic() - started, 1)}


def run(stage: str, given: argparse.Namespace) -> dict[str, Any]:
    """One stage in this process."""
    if stage == "kernels":
        return kernels()
    folder = given.out.parent / stage
    first, _, what = stage.partition("-")
    model = str(random_student(given.model, given.out.parent / given.model)) if is_random(given.model) else given.model
    if what == "exam":
        return exam(first, model, given.rows, given.corpus, given.out.parent, given.epochs)
    if what == "sizes":
        return sizes(Sized.of(first, model, LARGER), given.rows, folder)
    if what == "tune":
        return tune(first, model, given.rows, folder, {"epochs": given.epochs})
    if what == "on":
        leave_cudnn_on()
    tuned = tune(first, model, given.rows, folder, {"epochs": 1, "max_length": WIDTH}, pad_to=WIDTH)
    return {**tuned, "answers": padded_answers(model, given.rows)}


def exam(loss: str, model: str, rows: Path, corpus: Path, out: Path, epochs: int) -> dict[str, Any]:
    """A student of this loss, tuned and asked everything, as an experiment of `bench.quality.students`."""
    from bench.quality.students import Base, Experiment, run_one

    settings = {"base": model, "epochs": epochs, "loss": loss, **LARGER}
    experiment = Experiment.model_validate(
        {"name": f"{loss}-exam", "corpus": corpus, "train": rows, "recipe": settings}
    )
    return run_one(experiment, Base(experiment.recipe, out / "students"))[0]


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
            **LARGER,
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
    from tuning.generation import greedy
    from tuning.model import load_model, load_tokenizer

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
