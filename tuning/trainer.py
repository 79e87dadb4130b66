"""TRL's SFTTrainer as both backends use it.

Against its defaults: no gradient checkpointing, bfloat16 only where it is fast, no packing of its own (the backend lays
the rows of an update behind each other), no preparation of the rows, which come as token ids with labels from
`tuning.dataset`, no hiding of NaN, and no forward pass of more tokens than the recipe allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.progress import Stage
from tuning.backends import Backend
from tuning.checkpoints import count_updates
from tuning.dataset import Tokens, to_dataset
from tuning.distill import Teacher
from tuning.guard import Guard
from tuning.recipe import Recipe


def make_trainer(
    recipe: Recipe,
    backend: Backend,
    model: Any,
    tokenizer: Any,
    train: Sequence[Tokens],
    validation: Sequence[Tokens],
    checkpoints: Path,
    stage: Stage,
    teacher: Teacher | None = None,
    callbacks: Sequence[Any] = (),
) -> Any:
    """A trainer over the rows that writes its checkpoints into the folder and counts on the bar.

    With a teacher its answers are the loss of the rows that it has read. `callbacks` are further ones of transformers.
    """
    from transformers import EarlyStoppingCallback, PrinterCallback
    from trl import SFTConfig, SFTTrainer  # pyright: ignore[reportPrivateImportUsage] - where Unsloth puts its own

    guard = Guard(recipe, train)

    class BoundedTrainer(SFTTrainer):
        """Passes the rows of a batch through in parts, each within `batch_tokens`.

        The gradient is that of the whole.
        """

        def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
            guard.see(inputs)
            if teacher:
                inputs["where"] = teacher.locate(inputs)
            # without the number of tokens under loss, each part's loss would be its own mean, and the sum another one
            parts = [inputs] if num_items_in_batch is None else backend.passes(self.model, inputs, recipe.tokens_a_pass)
            losses = [super(BoundedTrainer, self).training_step(model, part, num_items_in_batch) for part in parts]
            return sum(losses[1:], losses[0])

        def compute_loss(
            self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            if teacher is None or "where" not in inputs:  # looks at the validation loss are at the answers
                return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
            return teacher.loss(model, inputs, num_items_in_batch)  # one process: `use_one_gpu` refuses several

        def floating_point_ops(self, inputs: dict[str, Any]) -> int:
            return 0  # nobody reads it, and to count them all modules are walked at every update

    stop_early = [EarlyStoppingCallback(recipe.patience)] if recipe.patience and validation else []
    trainer = BoundedTrainer(
        model=model,
        args=SFTConfig(output_dir=str(checkpoints), **{**_arguments(recipe, validation), **backend.arguments(recipe)}),
        train_dataset=to_dataset(train),
        eval_dataset=to_dataset(validation) if validation else None,
        processing_class=tokenizer,
        callbacks=[guard.callback(), count_updates(stage), *stop_early, *callbacks],
    )
    trainer.remove_callback(PrinterCallback)
    _switch_when_needed(trainer.model)
    return trainer


def _switch_when_needed(model: Any) -> None:
    """Let `train()` and `eval()`, which walk all modules and are called at every pass, do so when the mode changes."""
    switch = model.train
    model.train = lambda mode=True: model if model.training is mode else switch(mode)


def _arguments(recipe: Recipe, validation: Sequence[Tokens]) -> dict[str, Any]:
    """The settings of `SFTConfig` that both backends share."""
    import torch

    validate, longest = bool(validation), max((len(row.input_ids) for row in validation), default=1)
    rhythm = (
        {"strategy": "steps", "steps": recipe.checkpoint_steps} if recipe.checkpoint_steps else {"strategy": "epoch"}
    )
    best = {"load_best_model_at_end": True, "metric_for_best_model": "eval_loss", "greater_is_better": False}
    return {
        "per_device_train_batch_size": recipe.rows_a_batch,
        "per_device_eval_batch_size": max(1, min(recipe.rows_a_batch, recipe.tokens_a_pass // longest)),
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": recipe.warmup,
        "num_train_epochs": recipe.epochs,
        "seed": recipe.seed,
        "use_cpu": not torch.cuda.is_available(),
        "gradient_checkpointing": False,
        "packing": False,
        "max_length": None,
        "dataset_kwargs": {"skip_prepare_dataset": True},
        "dataloader_pin_memory": torch.cuda.is_available(),
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # it logs NaN as 0.0
        "report_to": "none",
        "disable_tqdm": True,
        "save_total_limit": 2,
        **{f"save_{key}": value for key, value in rhythm.items()},
        **({f"eval_{key}": value for key, value in rhythm.items()} if validate else {"eval_strategy": "no"}),
        **(best if recipe.patience and validate else {}),
    }
