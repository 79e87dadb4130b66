"""An export in a folder of its own: weights, tokenizer and template, what it is made of, and what it answered.

It is written beside its place and renamed when it is proven; one that fails is kept as NAME-failed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from agents.errors import InputError, MissingExtra, UnlikeExport
from agents.files import file_hash, take_place, write_text
from agents.records import SYSTEM_PROMPT, Message
from agents.versions import installed_versions
from tuning.export.embedded import EmbeddedStudent
from tuning.export.gguf_file import QUANTIZATIONS, write_gguf
from tuning.export.proof import Asked, Proof, check, compare, same_prompts, seen_to_the_end
from tuning.export.template import exported_template, modelfile
from tuning.limits import positions_of
from tuning.model import CARD, Generation, Student
from tuning.received import read_object

MERGED = "merged"
QUANTISER = "llama-quantize"
BY_QUANTISER = {"q4_k_m": "Q4_K_M"}
"""Forms that llama.cpp's own program makes of the file in 16 bit: the gguf package does not write them."""
FORMS = (*QUANTIZATIONS, *BY_QUANTISER)
RECORD = "export.json"
FAILED = "-failed"
WEIGHTS = "adapter_model.safetensors"
CONTEXT = 4096
"""Tokens of prompt and answer in the embedded llama.cpp, or what the model knows if that is less."""


def check_form(form: str) -> None:
    """Whether a GGUF of this form can be made here.

    Raises:
        InputError: there is no such form. MissingExtra: it needs a program that is not here.

    """
    if form not in FORMS:
        raise InputError(f"--quantize {form}: unknown", f"known are {', '.join(FORMS)}")
    if form in BY_QUANTISER and not shutil.which(QUANTISER):
        raise MissingExtra(
            f"{form} is made by {QUANTISER} of llama.cpp, which is not on the PATH",
            "install llama.cpp's programs, or take --quantize q8_0",
        )


def write_export(
    student: Student, adapter: Path, place: Path, name: str, form: str, prompts: Sequence[list[Message]], most: int
) -> Proof:
    """Write the tuned student into the folder `place` as `form` (merged, or one of `FORMS`) and ask it `prompts`.

    `name` is what it is called elsewhere, `most` the tokens of an answer. The student is asked first; after a merged
    export its weights are in 16 bit.

    Raises:
        InputError: a model that GGUF has no place for, or `place` holds something else.
        UnlikeExport: it does not answer as the adapter does; it lies beside `place`.

    """
    if place.exists() and not (place / RECORD).is_file():
        raise InputError(f"{place} is there and is no export", "name another folder with --out")
    aside = place.with_name(f".{place.name}.{os.getpid()}")
    aside.mkdir(parents=True)
    try:
        answers = student.generate(prompts, most)
        template = exported_template(student.tokenizer, SYSTEM_PROMPT)
        if form == MERGED:
            told = _answers(_merged(student, template, aside), prompts, answers, most)
        else:
            export = _gguf(student, template, aside, name, form, most)
            try:
                same_prompts(export, prompts, student.tokenizer)
                told = _answers(export, prompts, answers, most)
            finally:
                export.close()
        proof = compare(prompts, answers, told)
        record = _record(adapter, aside, form, context_of(student.model), proof)
        write_text(aside / RECORD, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
        check(proof)
        take_place(aside, place)
    except UnlikeExport:
        take_place(aside, place.with_name(f"{place.name}{FAILED}"))
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)  # what a fault left half-written
    return proof


def _answers(
    export: Asked, prompts: Sequence[list[Message]], adapter: Sequence[Generation], most: int
) -> list[Generation]:
    return seen_to_the_end(prompts, adapter, export.generate(prompts, most), export)


def context_of(model: Any) -> int:
    """How many tokens the embedded llama.cpp has room for."""
    return min(CONTEXT, positions_of(model) or CONTEXT)


def _merged(student: Student, template: str, out: Path) -> Student:
    """Save weights in bfloat16 with tokenizer and template, and load them as anybody would."""
    import torch

    student.tokenizer.chat_template = template
    student.model.to(torch.bfloat16).save_pretrained(str(out))
    student.tokenizer.save_pretrained(str(out))
    return Student.load(str(out))


def _gguf(student: Student, template: str, out: Path, name: str, form: str, most: int) -> EmbeddedStudent:
    file = out / f"{name}-{form}.gguf"
    if form in BY_QUANTISER:
        whole = out / f"{name}-f16.gguf"
        write_gguf(student.model, student.tokenizer, template, name, whole, "f16")
        _quantised(whole, file, BY_QUANTISER[form])
        whole.unlink()
    else:
        write_gguf(student.model, student.tokenizer, template, name, file, form)
    write_text(out / "Modelfile", modelfile(student.tokenizer, SYSTEM_PROMPT, name, file.name, 4 * most))
    write_text(out / "chat_template.jinja", template)
    return EmbeddedStudent(file, student.tokenizer, context_of(student.model))


def _quantised(source: Path, to: Path, kind: str) -> None:
    done = subprocess.run([QUANTISER, str(source), str(to), kind], capture_output=True, text=True, check=False)
    if done.returncode or not to.is_file():
        raise InputError(f"{QUANTISER} failed: {done.stderr.strip()[-300:]}", "take --quantize q8_0")


def _record(adapter: Path, folder: Path, form: str, context: int, proof: Proof) -> dict[str, Any]:
    files = sorted(path for path in folder.iterdir() if path.suffix in (".gguf", ".safetensors"))
    return {
        "form": form,
        "context": context,
        "files": [{"name": path.name, "bytes": path.stat().st_size, "sha256": file_hash(path)} for path in files],
        "base": read_object(adapter / CARD, "run `ragtuned tune` again")["base"],
        "adapter_sha256": file_hash(adapter / WEIGHTS),
        "system_prompt": SYSTEM_PROMPT,
        "asked": proof.asked,
        "same": proof.same,
        "differences": [asdict(one) for one in proof.differences],
        "versions": installed_versions(("torch", "transformers", "peft", "gguf", "xllamacpp")),
    }


class ExportedFile(NamedTuple):
    """A GGUF file, and the tokens of prompt and answer that it has room for."""

    path: Path
    context: int


def exported_gguf(exports: Path, adapter: Path) -> ExportedFile | None:
    """The GGUF file of this very adapter below the folder of exports, the newest if there are several, else None."""
    now = file_hash(adapter / WEIGHTS) if (adapter / WEIGHTS).is_file() else ""
    records = [path for path in exports.glob(f"gguf-*/{RECORD}") if not path.parent.name.endswith(FAILED)]
    for record in sorted(records, key=lambda path: path.stat().st_mtime, reverse=True):
        told = read_object(record, f"remove {record.parent}")
        file = next(record.parent.glob("*.gguf"), None)
        if file and told.get("adapter_sha256") == now:
            return ExportedFile(file, int(told.get("context", CONTEXT)))
    return None
