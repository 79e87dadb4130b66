"""Files of weights and settings that may come from a stranger are looked at before a library reads them.

A folder that was trained elsewhere can hold more than numbers: pickles that call, settings that name a module to import
or another model to fetch. What ragtuned itself writes needs none of it, so that anything else is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agents.errors import InputError, OutOfMemory
from tuning.limits import out_of_memory

ADAPTER_CONFIG = "adapter_config.json"
TRAINER_STATE = "trainer_state.json"
STATE_FILES = ("optimizer.pt", "scheduler.pt", "rng_state.pth", "scaler.pt")
"""Of a trainer's checkpoint: tensors and plain values in pickles, which torch reads without calling anything."""
PICKLED_WEIGHTS = ("*.bin", "*.ckpt", "*.pkl", "*.pickle")
OWN = "training_args.bin"  # the trainer writes this pickle and never reads it
CHOSEN = (
    "base_model_name_or_path",
    "inference_mode",
    "lora_alpha",
    "lora_dropout",
    "peft_type",
    "peft_version",
    "r",
    "revision",
    "target_modules",
    "task_type",
)
"""Settings of a LoRA that ours has at other than their defaults. None of them names code."""
NOT_READ = ("auto_mapping",)
"""Unsloth writes the model's class there; PEFT reads it only where it chooses the model by itself."""


def read_object(path: Path, do: str) -> dict[str, Any]:
    """The JSON object in a file. Raises `InputError` that says what to `do` if it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read: {error}", do) from error
    if not isinstance(found, dict):
        raise InputError(f"{path} holds a {type(found).__name__}, not an object", do)
    return found


@contextmanager
def readable(base: str, folder: Path) -> Iterator[None]:
    """Turn what transformers raises for a folder that is no base of its own kinds into an `InputError`.

    Code of a model is never run. Raises `OutOfMemory` where the memory does not do.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (ValueError, TypeError, KeyError, OSError, ImportError, RuntimeError, MemoryError, SafetensorError) as error:
        if out_of_memory(error):
            raise OutOfMemory from error
        first = (str(error).strip().splitlines() or [repr(error)])[0][:200]
        do = "take one whose kind transformers knows: code that a model brings with it is not run"
        raise InputError(f"[tuning] base = {base!r}: {folder} cannot be read: {first}", do) from error


@contextmanager
def whole(adapter: Path) -> Iterator[None]:
    """Turn what the libraries raise for an adapter that is torn, or of other shapes, into an `InputError`.

    Raises `OutOfMemory` where the memory does not do.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, RuntimeError, ValueError, KeyError, OSError, MemoryError) as error:
        if out_of_memory(error):
            raise OutOfMemory from error
        first = (str(error).strip().splitlines() or [repr(error)])[0][:200]
        do = "remove it and run `ragtuned tune` again"
        raise InputError(f"{adapter} cannot be read, or does not fit its base: {first}", do) from error


def check_adapter(folder: Path) -> None:
    """Raises `InputError` if the settings of the adapter are not those of a plain LoRA.

    No other kind, no module to import.
    """
    from peft import LoraConfig

    path, do = folder / ADAPTER_CONFIG, "run `ragtuned tune` again, or take an adapter that it made"
    settings, plain = read_object(path, do), LoraConfig().to_dict()
    if (settings.get("peft_type"), settings.get("task_type")) != ("LORA", "CAUSAL_LM"):
        raise InputError(
            (
                f"{path} is of a {settings.get('peft_type')!r} for {settings.get('task_type')!r}, not of a LoRA for "
                "CAUSAL_LM"
            ),
            do,
        )
    odd = [
        key for key, value in settings.items() if key not in (*CHOSEN, *NOT_READ) and value and value != plain.get(key)
    ]
    if odd:
        raise InputError(f"{path} sets {', '.join(sorted(odd))}, which ragtuned's own adapters do not", do)
    layers = settings.get("target_modules")
    if not (isinstance(layers, list) and all(isinstance(layer, str) for layer in layers)):
        raise InputError(f"{path}: target_modules is {layers!r}, not a list of names", do)


def check_checkpoint(folder: Path) -> None:
    """Raises `InputError` if a checkpoint of the trainer holds what it ought not to.

    Where it is read, that is anything but numbers and plain values.
    """
    import torch

    do = f"remove {folder.parent}: the training starts anew"
    _refuse(folder, (path for path in _pickled(folder) if path.name != OWN), do)
    check_adapter(folder)
    best = read_object(folder / TRAINER_STATE, do).get("best_model_checkpoint")
    if best is not None and not (isinstance(best, str) and Path(best).resolve().parent == folder.parent.resolve()):
        raise InputError(f"{folder / TRAINER_STATE} takes its best weights from elsewhere: {best!r}", do)
    from transformers.trainer_pt_utils import safe_globals

    for path in (folder / name for name in STATE_FILES if (folder / name).is_file()):
        try:
            with safe_globals():  # numpy's, for the state of its random numbers: what the trainer allows too
                torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # a file of another origin makes torch raise anything
            raise InputError(
                f"{path} holds more than numbers, or is damaged: {str(error).strip().splitlines()[0][:200]}", do
            ) from error


def check_base(folder: Path) -> None:
    """Raises `InputError` if a folder that is named as a base is an adapter.

    Through one, transformers would fetch and read another model.
    """
    if (folder / ADAPTER_CONFIG).exists():
        raise InputError(
            f"{folder} holds {ADAPTER_CONFIG}: an adapter is no base", "merge it into its base first, or name the base"
        )


def _pickled(folder: Path) -> Iterable[Path]:
    return sorted(path for pattern in PICKLED_WEIGHTS for path in folder.glob(pattern))


def _refuse(folder: Path, found: Iterable[Path], do: str) -> None:
    if names := [path.name for path in found]:
        raise InputError(f"{folder} holds {', '.join(names)}: pickled weights are not read", do)
