"""Who does the tuning: two backends that take the same Recipe, the same token ids and the same labels."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Protocol

from agents.errors import MissingExtra
from tuning.base import Base
from tuning.recipe import Recipe


class Backend(Protocol):
    """What differs between Unsloth and PEFT, and nothing more; `tuning.train` does the rest with TRL for both.

    A backend that patches transformers and trl does so when it is made, before either is imported.
    """

    name: str

    def load(self, recipe: Recipe, base: Base) -> tuple[Any, Any]:
        """The base with a fresh LoRA on all linear layers, seeded by the recipe, and its tokenizer."""
        ...

    def arguments(self, recipe: Recipe) -> dict[str, Any]:
        """Settings of `SFTConfig` that only this backend wants; they win over the common ones."""
        ...

    def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
        """The padded batch in forward passes of at most `most` tokens, whose losses add up to the batch's."""
        ...


def choose_backend(recipe: Recipe) -> Backend:
    """The backend of the recipe; `auto` takes Unsloth where the package and a GPU are.

    Raises:
        MissingExtra: the recipe asks for Unsloth and it is not installed.

    """
    if recipe.backend == "unsloth" or (recipe.backend == "auto" and _unsloth_and_gpu()):
        if find_spec("unsloth") is None:
            raise MissingExtra(
                '[tuning] backend = "unsloth", but the package is not installed',
                'install the extra: `uv pip install -e ".[gpu]"`',
            )
        from tuning.backends.unsloth import UnslothBackend

        return UnslothBackend()
    from tuning.backends.peft import PeftBackend

    return PeftBackend()


def _unsloth_and_gpu() -> bool:
    if find_spec("unsloth") is None:
        return False
    import torch

    return torch.cuda.is_available()
