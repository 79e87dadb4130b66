"""Who does the tuning: two backends that take the same Recipe, the same token ids and the same labels."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

from agents.errors import InputError, MissingExtra
from tuning.base import Base
from tuning.int8 import has_instructions
from tuning.model import value_type
from tuning.recipe import Recipe


class Backend(Protocol):
    """What differs between Unsloth and PEFT, and nothing more; `tuning.train` does the rest with TRL for both.

    A backend that patches transformers and trl does so when it is made, before either is imported.
    """

    name: str
    pads: bool
    """Whether rows go through beside each other, padded to the longest, and not as one sequence."""

    def load(self, recipe: Recipe, base: Base) -> tuple[Any, Any]:
        """The base with a fresh LoRA on all linear layers, seeded by the recipe, and its tokenizer."""
        ...

    def arguments(self, recipe: Recipe) -> dict[str, Any]:
        """Settings of `SFTConfig` that only this backend wants; they win over the common ones."""
        ...

    def passes(self, model: Any, batch: dict[str, Any], most: int) -> list[dict[str, Any]]:
        """The padded batch in forward passes of at most `most` tokens, whose losses add up to the batch's."""
        ...


class Choice(NamedTuple):
    """The name of a backend, and why it is taken."""

    name: str
    why: str


def choice(recipe: Recipe) -> Choice:
    """Which backend the recipe comes to on this machine, and whether it takes frozen_products = "int8"."""
    found = _choice(recipe)
    if recipe.frozen_products == "float32":
        return found
    import torch

    on_cpu = found.name == "peft" and not torch.cuda.is_available()
    if on_cpu and has_instructions() and value_type(recipe.dtype) == "float32":
        return found._replace(why=f"{found.why}; frozen products in int8")
    needs = "int8 needs backend peft, dtype float32 and a processor with VNNI or AMX"
    return found._replace(why=f"{found.why}; frozen products in float32: {needs}")


def _choice(recipe: Recipe) -> Choice:
    if recipe.backend != "auto":
        return Choice(recipe.backend, "[tuning] backend names it")
    if find_spec("unsloth") is None:
        return Choice("peft", "the package unsloth is not installed")
    import torch

    if not torch.cuda.is_available():
        return Choice("peft", "there is no GPU, and without one it is faster than unsloth")
    return Choice("unsloth", "the package and a GPU are there")


def choose_backend(recipe: Recipe) -> Backend:
    """The backend of the recipe; `auto` takes Unsloth where the package and a GPU are.

    Raises:
        MissingExtra: the recipe asks for Unsloth, or for 4 bit, and the package is not installed.
        InputError: it asks for 4 bit, and there is no GPU.

    """
    _check_4bit(recipe)
    if choice(recipe).name == "unsloth":
        if find_spec("unsloth") is None:
            raise MissingExtra(
                '[tuning] backend = "unsloth", but the package is not installed',
                'install the extra: `uv pip install -e ".[gpu]"`',
            )
        from tuning.backends.unsloth import UnslothBackend

        return UnslothBackend()
    from tuning.backends.peft import PeftBackend

    return PeftBackend()


def _check_4bit(recipe: Recipe) -> None:
    """Refuse 4 bit by name where it cannot be had, before anything is loaded."""
    if not recipe.load_in_4bit:
        return
    import torch

    if not torch.cuda.is_available():
        raise InputError(
            "[tuning] load_in_4bit = true needs a GPU: bitsandbytes multiplies in 4 bit on no processor fast enough",
            "set it to false, or take a smaller base",
        )
    if find_spec("bitsandbytes") is None:
        raise MissingExtra(
            "[tuning] load_in_4bit = true, but the package bitsandbytes is not installed",
            'install the extra: `uv pip install -e ".[gpu]"`',
        )
