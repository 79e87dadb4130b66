"""The untuned student on disk: a name becomes a folder of safetensors that transformers loads without a question.

The known student comes as a 4-bit GGUF file. transformers reads such a file slowly and not into something it will save,
so it is de-quantised once into the cache (measured for SmolLM2-135M on two cores: 32 s once, imports included, then 0.8
s).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.errors import InputError, WeightsError
from agents.models.sources import HubSource
from agents.models.weights import KNOWN, cache_dir, find_weights, model_identity
from tuning.received import check_base

HUB_FILES = ["*.safetensors", "*.json", "*.jinja", "*.txt", "*.model"]
"""What is taken from a model repository: weights, config, tokenizer; never code, never pickles."""
CONVERTED = 2
"""Raised when the conversion changes, so that an older copy in the cache is not used."""


@dataclass(frozen=True)
class Base:
    """A student before tuning; `sha256` is that of its weights, `precision` says what they went through."""

    name: str
    folder: Path
    sha256: str
    precision: str


def open_base(name: str, say: Any = print) -> Base:
    """Find the student: a name of the table, a .gguf file, a folder with safetensors, or a model id of the hub.

    Raises:
        InputError: it is none of these.
        WeightsError: the weights cannot be had.

    """
    path = Path(name).expanduser()
    if name in KNOWN or path.suffix == ".gguf":
        return Base(
            name,
            _converted(name, say),
            model_identity(name),
            _precision(KNOWN[name].file_name if name in KNOWN else path.name),
        )
    if not path.is_dir():
        if name.count("/") != 1 or not _is_hub_id(name):
            raise InputError(
                f"[tuning] base = {name!r} is no model",
                f"known: {', '.join(_students())}; or a folder, a .gguf file, a hub id",
            )
        path = from_hub(name)
    check_base(path)
    return Base(name, path, _folder_hash(path), "as published")


def known_by(name: str) -> str:
    """What tells a student from others: its name, or of a file or folder, whose weights may change, their hash.

    Raises `WeightsError` for a folder without weights.
    """
    path = Path(name).expanduser()
    if name in KNOWN or not path.exists():
        return name
    return model_identity(name) if path.is_file() else _folder_hash(path)


def _is_hub_id(name: str) -> bool:
    """Whether the hub could have a model of that name: not of a path, nor of a variable that no shell filled in."""
    from huggingface_hub.utils import HFValidationError, validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return True


def quiet_libraries() -> None:
    """No telemetry, bars and advice of transformers; not before a backend that rewrites transformers is made."""
    os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", WANDB_DISABLED="true", TOKENIZERS_PARALLELISM="false")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _precision(gguf: str) -> str:
    """What the weights went through, from the file's name (`….Q4_1.gguf` is 4 bit)."""
    bits = re.search(r"q(\d)", gguf.lower())
    return f"float32, de-quantised {bits[1]}-bit ({gguf})" if bits else f"float32, from {gguf}"


def _students() -> list[str]:
    return [model.name for model in KNOWN.values() if model.role == "student"]


def _converted(name: str, say: Any) -> Path:
    if name in KNOWN and KNOWN[name].role != "student":
        raise InputError(
            f"[tuning] base = {name!r} is the {KNOWN[name].role} of the table",
            f"take a student: {', '.join(_students())}",
        )
    home = cache_dir() / "students"
    target = home / f"{model_identity(name)}-{CONVERTED}"
    if not target.is_dir():
        gguf = find_weights(name, say=say)
        say(f"{name}: converting {gguf.name} to safetensors, once")
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".convert-") as scratch:
            _convert(gguf, Path(scratch) / "model")
            if not target.is_dir():  # another process may have been faster
                (Path(scratch) / "model").rename(target)
    return target


def _convert(gguf: Path, out: Path) -> None:
    """De-quantise to float32 and save, with the end-of-turn token that the model was trained to write.

    transformers refuses to save what it read from GGUF until the mark of quantisation is gone, and reads the
    tokenizer's end of text as `<|im_start|>`: the model's config has the right one.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    quiet_libraries()
    with contextlib.redirect_stderr(io.StringIO()):  # a progress bar that nothing else switches off
        model: Any = AutoModelForCausalLM.from_pretrained(str(gguf.parent), gguf_file=gguf.name, dtype="float32")
    tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
    model.hf_quantizer, model.is_quantized = None, False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    tokenizer.eos_token = tokenizer.pad_token = tokenizer.convert_ids_to_tokens(model.config.eos_token_id)
    tokenizer.clean_up_tokenization_spaces = False
    model.save_pretrained(str(out))
    tokenizer.save_pretrained(str(out))


def _folder_hash(folder: Path) -> str:
    """SHA-256 over the names and the SHA-256 of the safetensors files."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise WeightsError(f"{folder} holds no safetensors", "convert the model first; pickled weights are not loaded")
    return hashlib.sha256(json.dumps([[file.name, model_identity(str(file))] for file in files]).encode()).hexdigest()


def from_hub(name: str) -> Path:
    """The folder of a model of the hub, without code and pickles; one that is there already is not asked for.

    Raises `WeightsError` if the hub does not answer.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=HUB_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        with tempfile.TemporaryDirectory() as scratch:  # fails within 3 s where there is no hub
            HubSource(repository=name).fetch(["config.json"], Path(scratch), lambda line: None)
        return Path(snapshot_download(name, allow_patterns=HUB_FILES))
