"""What an adapter is: its base, its data, its recipe and what it cost, for programs (JSON) and people (README.md)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agents.files import write_text
from agents.records import SYSTEM_PROMPT
from agents.text.printable import markdown
from agents.versions import installed_versions
from tuning.base import Base
from tuning.model import CARD
from tuning.recipe import Recipe

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "unsloth")

README = """# Adapter on {name}

A LoRA adapter made by ragtuned: rank {rank} on all linear layers, \
{epochs} epochs at a learning rate of {learning_rate}.

- **Base**: {name}, {precision}; SHA-256 of its weights {base_sha}
- **Data**: {rows} rows and {replay} general questions with the base's own answers; SHA-256 {data_sha}
- **Loss**: on the answers only, {answer_tokens} of {tokens} tokens a pass; {train_loss:.3f} at the end\
{validation}{distilled}
- **Updates**: {steps} of {rows_a_batch} rows, at most {tokens_a_pass} tokens a pass{chosen}
- **Cost**: {seconds:.0f} s, {rate:.0f} tokens a second, \
{memory:.1f} GB at the peak, backend {backend}{attention}
- **Asked**: loaded from these files, it answers {answered} of {asked} questions it was trained on

It answers under the system prompt it was trained with, and only then:

> {system}

`adapter_card.json` holds all of this and the whole recipe; `losses.csv` and `loss.png` the way of the loss.
"""


@dataclass(frozen=True)
class TrainResult:
    """What a run did; tokens are those of one pass over the rows, `too_long` are (id, tokens) of rows left out."""

    rows: int
    replay_rows: int
    too_long: list[tuple[str, int]]
    tokens: int
    answer_tokens: int
    steps: int
    train_loss: float
    validation_loss: float | None
    seconds: float
    tokens_per_second: float
    peak_memory_bytes: int
    backend: str
    data_sha256: str
    resumed_at: int
    """The step at which this process took over; 0 if it began. `seconds` are those of this process."""
    cudnn_attention_off: bool = False
    """Whether cuDNN's attention was switched off.

    That of this torch computes wrong gradients then (`tuning.attention`).
    """
    asked: int = 0
    """Training questions that the adapter was asked before it was put into place.

    0 in cards from before that was done.
    """
    batches: str = ""
    """What `batch_size = "auto"` came to, and the learning rate with it."""
    answered: int = 0
    """Those of them that it answered as it was taught."""
    distilled_rows: int = 0
    """Rows, replay among them, whose loss was what the untuned student says with their context before it."""

    def __str__(self) -> str:
        """What a person wants to know first."""
        validation = f", validation {self.validation_loss:.3f}" if self.validation_loss is not None else ""
        asked = f"; answers {self.answered} of {self.asked} questions it was trained on" if self.asked else ""
        return (
            f"{self.steps} updates in {self.seconds:.0f} s, {self.tokens_per_second:.0f} tokens a second; loss "
            f"{self.train_loss:.3f}{validation}{asked}"
        )


def write_card(out: Path, base: Base, recipe: Recipe, result: TrainResult, fingerprint: str) -> None:
    """Write adapter_card.json and README.md into the adapter's folder."""
    card = {
        "base": {"name": base.name, "sha256": base.sha256, "precision": base.precision},
        "system_prompt": SYSTEM_PROMPT,
        "recipe": recipe.model_dump(),
        "fingerprint": fingerprint,
        "result": asdict(result),
        "versions": installed_versions(PACKAGES),
    }
    write_text(out / CARD, json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    write_text(out / "README.md", README.format(**_words(base, recipe, result)))


def _words(base: Base, recipe: Recipe, result: TrainResult) -> dict[str, Any]:
    validation = (
        f", {result.validation_loss:.3f} on wordings never trained" if result.validation_loss is not None else ""
    )
    return {
        **recipe.model_dump(include={"rank", "epochs", "learning_rate"}),
        **asdict(result),
        "rows_a_batch": recipe.rows_a_batch * recipe.gradient_accumulation,
        "tokens_a_pass": recipe.tokens_a_pass,
        "chosen": f"; {result.batches}" if result.batches else "",
        "name": markdown(base.name),
        "precision": markdown(base.precision),
        "base_sha": base.sha256,
        "data_sha": result.data_sha256,
        "replay": result.replay_rows,
        "validation": validation,
        "distilled": (
            f"; {result.distilled_rows} rows {recipe.loss}: what the base says with the source before it"
            if result.distilled_rows
            else ""
        ),
        "rate": result.tokens_per_second,
        "memory": result.peak_memory_bytes / 1e9,
        "system": SYSTEM_PROMPT,
        "attention": ", cuDNN attention off" if result.cudnn_attention_off else "",
    }
