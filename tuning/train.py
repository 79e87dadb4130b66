"""From rows to an adapter: replay mixed in, checkpoints, loss curve, card; the same command continues after a kill.

The order matters in one place: a backend is made before transformers or trl are imported, because Unsloth rewrites
them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.console import Console
from agents.errors import DeadAdapter, EmptyResult, InputError, OutOfMemory
from agents.files import take_place
from tuning.attention import avoid_cudnn_attention
from tuning.backends import Backend, choice, choose_backend
from tuning.base import Base, open_base, quiet_libraries
from tuning.batch_sizes import fit_rows, fit_tokens
from tuning.card import TrainResult, write_card
from tuning.chat_template import check_vocabulary
from tuning.checkpoints import keep_or_clear, last_checkpoint
from tuning.curve import write_losses
from tuning.dataset import Encoded, Row, data_hash, encode, read_rows, within
from tuning.distill import CONTEXTS, ask_teacher, read_lessons
from tuning.footprint import free_bytes, give_back, memory_estimate, on_gpu, peak_memory, size_of, use_one_gpu
from tuning.limits import once_smaller, told_of_limits, within_positions
from tuning.model import CARD, WEIGHTS, take_up
from tuning.on_the_way import ask_on_the_way
from tuning.probe import Probe, probe
from tuning.received import check_checkpoint, read_object
from tuning.recipe import Recipe
from tuning.replay import replay_rows
from tuning.trainer import make_trainer


@dataclass(frozen=True)
class _Inputs:
    """Everything that decides what the adapter will be."""

    recipe: Recipe
    base: Base
    backend: Backend
    rows: list[Row]
    validation: list[Row]
    replay: list[Row]
    data_sha256: str
    fingerprint: str
    batches: str = ""


def train(
    recipe: Recipe,
    train_path: Path,
    validation_path: Path,
    adapter_dir: Path,
    console: Console,
    start: Path | None = None,
) -> TrainResult:
    """Tune the student of the recipe on the rows and leave the adapter with its card in `adapter_dir`.

    A run that was killed goes on from its last checkpoint; one whose adapter is there already is not repeated; both
    only while recipe, base and data are the same. `validation_path` may be missing or empty. With
    `start` the training goes on from the adapter in that folder, of the same base and rank. A loss that distils reads
    contexts.jsonl beside the rows, and keeps what the teacher said in `teacher` beside the adapter.

    Raises:
        InputError: a file that is not what it should be, or a base that cannot be tuned.
        WeightsError: the weights of the base cannot be had.
        EmptyResult: every row is too long.
        TrainingDiverged: an update is NaN or infinite; its checkpoints stay.
        DeadAdapter: what came out answers nothing of sense; it is kept aside.
        OutOfMemory: the memory does not do, with half the tokens in one pass either.
        WriteError: the disk is full; the last whole checkpoint stays.

    """
    use_one_gpu()
    backend = choose_backend(recipe)  # first: Unsloth patches transformers and trl before anything imports them
    quiet_libraries()
    avoid_cudnn_attention()
    inputs = _read(recipe, backend, train_path, validation_path, console)
    done = _finished(adapter_dir / CARD, inputs.fingerprint)
    if done:
        console.say("the adapter is up to date: same recipe, base and data")
        return done
    return once_smaller(lambda most: _tuned(inputs, train_path, adapter_dir, console, start, most), console.say)


def _tuned(
    inputs: _Inputs, train_path: Path, adapter_dir: Path, console: Console, start: Path | None, most: int | None
) -> TrainResult:
    """Train, or go on; with `most` tokens in one pass where a try with those of the recipe did not fit."""
    cudnn_avoided = avoid_cudnn_attention()
    give_back()  # what the student that answered for replay held, or a first try
    free = free_bytes()  # before the student is loaded: what a run is said to need counts its weights
    model, tokenizer = inputs.backend.load(inputs.recipe, inputs.base)
    if start:
        take_up(model, start, inputs.base)
    recipe = within_positions(inputs.recipe, model, console.say)
    inputs = dataclasses.replace(inputs, recipe=recipe)
    rows = training_tokens(recipe, inputs.rows, inputs.replay, tokenizer)
    validation = encode(inputs.validation, tokenizer, recipe.max_length)
    check_vocabulary((row.input_ids for row in [*rows.rows, *validation.rows]), model, tokenizer)
    inputs = _fitted(inputs, rows, validation, model, free, console)
    if most:
        inputs = dataclasses.replace(inputs, recipe=inputs.recipe.model_copy(update={"batch_tokens": most}))
    recipe = inputs.recipe
    checkpoints = adapter_dir.parent / "checkpoints"
    keep_or_clear(checkpoints, inputs.fingerprint)
    lessons = read_lessons(recipe, rows.rows, [*inputs.rows, *inputs.replay], train_path.with_name(CONTEXTS), tokenizer)
    teacher_dir = adapter_dir.parent / "teacher"
    with told_of_limits(teacher_dir, recipe.tokens_a_pass):
        teacher = ask_teacher(recipe, inputs.backend, inputs.base, model, lessons, teacher_dir, console)
    started, resumed_at = time.monotonic(), last_checkpoint(checkpoints)
    if resumed_at:
        check_checkpoint(resumed_at)
    with console.stage("tune") as stage, told_of_limits(checkpoints, recipe.tokens_a_pass):
        asking = ask_on_the_way(inputs.validation, validation.rows, tokenizer, console.say)
        trainer = make_trainer(
            recipe,
            inputs.backend,
            model,
            tokenizer,
            rows.rows,
            validation.rows,
            checkpoints,
            stage,
            teacher,
            [asking],
        )
        trainer.train(resume_from_checkpoint=str(resumed_at) if resumed_at else None)
    result = _result(inputs, rows, trainer, time.monotonic() - started, resumed_at, cudnn_avoided)
    result = dataclasses.replace(result, distilled_rows=len(lessons), batches=inputs.batches)
    with told_of_limits(adapter_dir, recipe.tokens_a_pass):
        aside = _write_aside(adapter_dir, trainer, tokenizer, inputs, result)
    del trainer, model
    give_back()  # the probe loads the student once more
    result = _asked(aside, adapter_dir, inputs, result, console)
    shutil.rmtree(checkpoints)
    return result


def _read(recipe: Recipe, backend: Backend, train_path: Path, validation_path: Path, console: Console) -> _Inputs:
    rows = read_rows(train_path)
    validation = read_rows(validation_path) if validation_path.is_file() and validation_path.stat().st_size else []
    base = open_base(recipe.base, console.say)
    files = [train_path, validation_path, *([] if recipe.loss == "answers" else [train_path.with_name(CONTEXTS)])]
    replay = replay_rows(recipe.replay_rows, train_path.parent / "replay.jsonl", base, console)
    data = data_hash(files)
    parts = [recipe.model_dump(), base.sha256, backend.name, data, [row.model_dump() for row in replay]]
    if recipe.batch_size == "auto":
        parts.append(on_gpu())
    fingerprint = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return _Inputs(recipe, base, backend, rows, validation, replay, data, fingerprint)


def training_tokens(recipe: Recipe, rows: Sequence[Row], replay: Sequence[Row], tokenizer: Any) -> Encoded:
    """What one epoch of the recipe trains on: rows and replay, those too long left out, within `train_tokens`.

    Raises:
        EmptyResult: `train_tokens` has no room for a single row beside the replay.

    """
    encoded, general = encode([*rows, *replay], tokenizer, recipe.max_length), {row.id for row in replay}
    if not recipe.train_tokens:
        return encoded
    chosen = within(encoded, recipe.train_tokens // recipe.epochs, recipe.seed, general)
    if {row.id for row in encoded.rows} > general >= {row.id for row in chosen.rows}:
        raise EmptyResult(
            f"[tuning] train_tokens = {recipe.train_tokens} has room for no row in {recipe.epochs} epochs",
            "raise it, or lower epochs",
        )
    return chosen


def _finished(card: Path, fingerprint: str) -> TrainResult | None:
    do = f"remove {card.parent}: the adapter is trained again"
    written = read_object(card, do) if card.is_file() and card.with_name(WEIGHTS).is_file() else {}
    if written.get("fingerprint") != fingerprint:
        return None
    try:
        return TrainResult(**{**written["result"], "too_long": [tuple(row) for row in written["result"]["too_long"]]})
    except (KeyError, TypeError) as error:
        raise InputError(f"{card}: result is not what a training wrote: {error!r}", do) from error


def _fitted(inputs: _Inputs, rows: Encoded, validation: Encoded, model: Any, free: int, console: Console) -> _Inputs:
    """The inputs with numbers where the recipe leaves them to the machine; what will be trained and taken is said.

    `free` are the bytes that were free before the student was loaded.
    """
    recipe = inputs.recipe
    for name, tokens in [*rows.too_long, *validation.too_long]:
        console.say(f"left out: row {name} has {tokens} tokens, [tuning] max_length is {recipe.max_length}")
    if not rows.rows:
        raise EmptyResult(
            "every row is longer than [tuning] max_length", f"raise it above {min(n for _, n in rows.too_long)} tokens"
        )
    if left_out := len(inputs.rows) + len(inputs.replay) - len(rows.rows) - len(rows.too_long):
        console.say(
            f"left out: {left_out} rows, drawn by the seed, because [tuning] train_tokens is {recipe.train_tokens}"
        )
    size = size_of(model, recipe, inputs.backend.pads)
    recipe, said = fit_rows(recipe, len(rows.rows), on_gpu())
    recipe = fit_tokens(recipe, size, rows, free, on_gpu())
    need = memory_estimate(recipe, size, rows)
    console.say(
        f"{inputs.base.name} ({size.parameters / 1e6:.0f}M): {len(rows.rows)} rows "
        f"({len(inputs.replay)} replay), "
        f"{len(validation.rows)} for validation; {rows.tokens} tokens × {recipe.epochs} epochs, "
        f"{rows.answer_tokens} under loss; "
        f"about {need / 1e9:.1f} GB"
    )
    console.say(f"backend {inputs.backend.name}: {choice(inputs.recipe).why}")
    if said:
        console.say(said)
    if need > free:
        console.say(
            f"memory may not do: {free / 1e9:.1f} GB are free; lower [tuning] batch_tokens (now "
            f"{recipe.tokens_a_pass}), rank or max_length"
        )
    return dataclasses.replace(inputs, recipe=recipe, batches=said)


def _result(
    inputs: _Inputs, rows: Encoded, trainer: Any, seconds: float, resumed_at: Path | None, cudnn_avoided: bool
) -> TrainResult:
    state = trainer.state
    first = int(resumed_at.name.partition("-")[2]) if resumed_at else 0
    tokens = rows.tokens * inputs.recipe.epochs * (state.global_step - first) / state.max_steps
    looks = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
    kept = min(looks) if looks and inputs.recipe.patience else looks[-1] if looks else None
    general = {row.id for row in inputs.replay}
    taught = sum(row.id not in general for row in rows.rows)
    return TrainResult(
        rows=taught,
        replay_rows=len(rows.rows) - taught,
        too_long=rows.too_long,
        tokens=rows.tokens,
        answer_tokens=rows.answer_tokens,
        steps=state.global_step,
        train_loss=[entry["loss"] for entry in state.log_history if "loss" in entry][-1],
        validation_loss=kept,
        seconds=round(seconds, 1),
        tokens_per_second=round(tokens / seconds, 1),
        peak_memory_bytes=peak_memory(),
        backend=inputs.backend.name,
        data_sha256=inputs.data_sha256,
        resumed_at=first,
        cudnn_attention_off=cudnn_avoided,
    )


def _write_aside(adapter_dir: Path, trainer: Any, tokenizer: Any, inputs: _Inputs, result: TrainResult) -> Path:
    """Write the adapter beside its place, with everything that belongs to it; half of one does not stay there."""
    for left in adapter_dir.parent.glob(f".{adapter_dir.name}.[0-9]*"):  # by a kill
        shutil.rmtree(left, ignore_errors=True)
    aside = adapter_dir.with_name(f".{adapter_dir.name}.{os.getpid()}")
    model = trainer.model
    model.peft_config["default"].base_model_name_or_path = inputs.base.name
    try:
        model.save_pretrained(str(aside), save_embedding_layers=False)
        tokenizer.save_pretrained(str(aside))
        write_losses(trainer.state.log_history, aside)
        write_card(aside, inputs.base, inputs.recipe, result, inputs.fingerprint)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return aside


def _asked(aside: Path, adapter_dir: Path, inputs: _Inputs, result: TrainResult, console: Console) -> TrainResult:
    """Ask the adapter, write into its card what it answered, and rename it into place: it is there whole or not at all.

    One that was tuned in 4 bit may not fit the memory to answer, which is in 16 bit: it is kept, and not asked.

    Raises:
        DeadAdapter: it answers nothing of sense, and lies beside its place as `adapter-dead`.

    """
    try:
        with told_of_limits(aside, inputs.recipe.tokens_a_pass):
            told = probe(inputs.base, aside, inputs.rows)
    except OutOfMemory:
        told = Probe(asked=0, answered=0)
        console.warn("the adapter is kept, but was not asked: to answer, the student takes more memory than is there")
    except DeadAdapter:
        take_place(aside, adapter_dir.with_name(f"{adapter_dir.name}-dead"))
        raise
    result = dataclasses.replace(result, asked=told.asked, answered=told.answered)
    write_card(aside, inputs.base, inputs.recipe, result, inputs.fingerprint)
    take_place(aside, adapter_dir)
    return result
