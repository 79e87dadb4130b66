"""How the student is tuned: the config section [tuning], which both backends take as it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from agents.config import Section

ROWS = 8
"""Rows of a batch for which the default rate was chosen."""
TOKENS = 2048
"""Most tokens of a forward pass on a CPU: an update of short rows goes through whole, a page by itself."""


class Recipe(Section):
    """Settings of one LoRA run; the defaults are those of a 135M student on two cores without a GPU.

    Where a default comes from: 30 made-up facts in 4 wordings each, SmolLM2-135M on two cores, answered closed book in
    wordings never trained. Rank 8 at 2e-3 for 4 epochs recalled 59 of 60; rank 16 for 6 epochs 58 of 60. The rate is
    far above the usual 2e-4 because few steps must write facts into few weights ("LoRA Without Regret", 2025, finds ten
    times the rate of full tuning). On a GPU with a model of 1B or more, take rank 32 and 2e-4.
    """

    base: str = "smollm2-135m-instruct"
    """The student: a name of `ragtuned models list`, a folder with safetensors, a .gguf file, or a hub id."""
    backend: Literal["auto", "unsloth", "peft"] = "auto"
    """auto: Unsloth where the package and a GPU are, TRL + PEFT everywhere else."""
    rank: int = Field(8, ge=1, le=512)
    """Width of the LoRA matrices, on all linear layers."""
    alpha: int = Field(16, ge=1)
    """LoRA scale: the update is multiplied by alpha / rank (2, as in the QLoRA and Unsloth recipes)."""
    learning_rate: float = Field(2e-3, gt=0, le=1)
    """Peak rate of AdamW; falls linearly to 0."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of all steps in which the rate rises from 0."""
    epochs: int = Field(4, ge=1)
    """Passes over the training rows."""
    train_tokens: int = Field(0, ge=0)
    """Most tokens of all epochs together, replay included (tokens).

    The rows are sampled by the seed, replay is kept; 0 takes every row.
    """
    batch_size: Annotated[int, Field(ge=1)] | Literal["auto"] = 8
    """Rows in one batch.

    auto: 8 on a CPU (16 at twice the rate are a third faster: docs/tuning.md); on a GPU as many as leave the run a
    hundred updates, from 8 to 64, and the learning rate, which is that of 8 rows, grows with their square root (Malladi
    et al. 2022, arXiv 2205.10287).
    """
    batch_tokens: Annotated[int, Field(ge=64)] | Literal["auto"] = "auto"
    """Most tokens of one forward pass, padding included.

    Rows of an update that together have more go through one after the other, with the same gradient. It bounds the
    memory, most of which is a number for each token and each word of the vocabulary. auto: what the free memory holds,
    up to 2,048 on a CPU and 8,192 on a GPU.
    """
    gradient_accumulation: int = Field(1, ge=1)
    """Batches for one update; rows per update = batch_size × gradient_accumulation."""
    max_length: int = Field(1024, ge=16)
    """Tokens of a whole row; a longer row is left out and reported, never cut (TRL's default length)."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """How the student is held while it is tuned.

    auto: bfloat16 on a GPU from Ampere on and, without a GPU, on a CPU with AVX512-BF16 or AMX; else float32
    (docs/performance.md).
    """
    frozen_products: Literal["float32", "int8"] = "float32"
    """How training multiplies with the student's frozen weights on a CPU, with backend peft.

    int8 rounds them and what they meet where dtype is float32 and the processor has VNNI, or else changes nothing; the
    LoRA matrices and all answers stay in float32.
    """
    loss: Literal["answers", "distilled", "mixed"] = "answers"
    """What a row teaches: its answer, what the untuned student says with the row's context before it, or both.

    distilled keeps more of what the student could do and takes new wordings worse (docs/tuning.md).
    """
    distill_share: float = Field(0.5, gt=0, lt=1)
    """Weight of the distilled part in loss = "mixed"; the answer's has the rest."""
    distill_temperature: float = Field(1.0, gt=0, le=10)
    """Divides the logits of teacher and student (1: as they are, as in prompt distillation, arXiv 2412.14964)."""
    distill_top_k: int = Field(32, ge=1, le=1024)
    """The teacher's likeliest words that are kept for each token of an answer; all others count as one word."""
    distill_tokens: int = Field(2048, ge=64)
    """Longest prompt of the teacher with its answer (tokens).

    Passages that do not fit are left out; a row of which none does is taught by its answer.
    """
    load_in_4bit: bool = False
    """Hold the frozen student in 4 bit (NF4, as QLoRA does) while it is tuned: a quarter of its memory; GPU only."""
    replay_rows: int = Field(30, ge=0)
    """General questions with the student's own answers mixed in (rows).

    Of 18 general answers 30 rows kept 14–17, none kept 11.
    """
    patience: int = Field(0, ge=0)
    """Stop after so many checkpoints without a lower validation loss, and keep the best; 0 trains to the end."""
    checkpoint_steps: int = Field(0, ge=0)
    """Updates between two checkpoints and looks at the validation loss; 0 is one an epoch."""
    seed: int = Field(0, ge=0)
    """Seeds the LoRA matrices and the order of the rows."""

    @property
    def rows_a_batch(self) -> int:
        """`batch_size`, of auto what a CPU gets; `tuning.batch_sizes` puts a number in its place."""
        return ROWS if self.batch_size == "auto" else self.batch_size

    @property
    def tokens_a_pass(self) -> int:
        """`batch_tokens`, of auto what a CPU gets at most."""
        return TOKENS if self.batch_tokens == "auto" else self.batch_tokens
