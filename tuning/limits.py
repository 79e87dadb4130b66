"""Where a machine or a model ends: memory, disk and positions, told by the setting that helps.

A full disk comes as an error of safetensors or as a failed check inside torch, a full memory as one of torch: none of
them is an OSError, and all of them would end in a traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agents.errors import OutOfMemory, WriteError
from tuning.recipe import Recipe

NO_MEMORY = ("can't allocate memory", "out of memory", "not enough memory")
NO_SPACE = ("No space left", "inline_container", "PytorchStreamWriter", "File too large", "Disk quota exceeded")
"""What torch and safetensors say of a write that failed (torch 2.13.0, safetensors 0.8.0, on a full tmpfs)."""
FEWEST = 64
"""Tokens of a pass that are tried at least, as [tuning] batch_tokens has it."""


def out_of_memory(error: BaseException) -> bool:
    """Whether the memory did not do: torch says so in words, in errors of several kinds."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY)


@contextmanager
def told_of_limits(folder: Path, tokens: int) -> Iterator[None]:
    """Turn a full memory and a full disk into errors of ours; `folder` is written to, a pass has `tokens` tokens.

    Raises:
        OutOfMemory: the memory does not do.
        WriteError: the disk does not do.

    """
    from safetensors import SafetensorError

    try:
        yield
    except (MemoryError, RuntimeError, OSError, SafetensorError) as error:
        said = str(error)
        if out_of_memory(error):
            raise OutOfMemory(tokens) from error
        if any(words in said for words in NO_SPACE):
            first = (said.strip().splitlines() or [repr(error)])[0][:200]
            raise WriteError(
                f"{folder} cannot be written: {first}", "make space; the same command goes on from the last checkpoint"
            ) from error
        raise


def once_smaller(work: Callable[[int | None], Any], say: Callable[[str], None]) -> Any:
    """`work` with the tokens a pass of the recipe (None), and once more with half of them if memory does not do.

    Raises:
        OutOfMemory: with half of them it does not do either.

    """
    try:
        return work(None)
    except OutOfMemory as error:
        tokens = max(FEWEST, error.tokens // 2)
        if tokens >= error.tokens:
            raise
    # not in the clause above: until it ends, the error holds the frames in which the model lies
    say(f"out of memory; once more, from the last checkpoint, with {tokens} tokens in one pass")
    return work(tokens)


def positions_of(model: Any) -> int:
    """Tokens of a prompt and its answer that a model was made for; 0 where its config does not say."""
    return getattr(model.config.get_text_config(), "max_position_embeddings", None) or 0


def within_positions(recipe: Recipe, model: Any, say: Callable[[str], None]) -> Recipe:
    """The recipe, no row longer than the model has positions for: beyond them it was never trained."""
    positions = positions_of(model)
    if not positions or recipe.max_length <= positions:
        return recipe
    say(f"the student reads {positions} tokens: [tuning] max_length = {recipe.max_length} is lowered to that")
    return recipe.model_copy(update={"max_length": positions})
