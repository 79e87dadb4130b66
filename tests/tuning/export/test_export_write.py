"""An adapter, exported whole: it answers as before for anybody who loads it, and replaces no good one unproven."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError, MissingExtra, UnlikeExport
from agents.files import file_hash
from agents.records import SYSTEM_PROMPT, to_messages
from tests.tuning.conftest import write_rows
from tuning.export.embedded import EmbeddedStudent
from tuning.export.write import MERGED, RECORD, check_form, exported_gguf, write_export
from tuning.model import Student, tokenizer_of
from tuning.recipe import Recipe
from tuning.train import train

ROWS = [
    {"id": f"r{n}", "kind": "local", "messages": to_messages(f"{letter}?", letter.upper() * 2)}
    for n, letter in enumerate("abcdefgh")
]
PROMPTS = [row["messages"][:-1] for row in ROWS]


@pytest.fixture(scope="module")
def adapter(student_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny adapter that ends its answers."""
    folder = tmp_path_factory.mktemp("run")
    settings = {"epochs": 40, "batch_size": 8, "rank": 16, "alpha": 32, "learning_rate": 1e-2, "replay_rows": 0}
    recipe = Recipe.model_validate({"base": str(student_folder), "backend": "peft", "dtype": "float32", **settings})
    rows = write_rows(folder / "data" / "train.jsonl", ROWS)
    train(recipe, rows, rows.with_name("none"), folder / "adapter", Console(quiet=True))
    return folder / "adapter"


@pytest.fixture
def tuned(student_folder: Path, adapter: Path) -> Student:
    return Student.load(str(student_folder), adapter)


def texts(student: Any) -> list[str]:
    return [one.text for one in student.generate(PROMPTS, 6)]


@pytest.mark.parametrize("form", [MERGED, "f16"])
def test_an_export_answers_as_the_adapter_and_says_what_it_is(
    form: str, tuned: Student, adapter: Path, tmp_path: Path
) -> None:
    before = texts(tuned)
    proof = write_export(tuned, adapter, tmp_path / "out", "toy", form, PROMPTS, 6)
    assert (proof.asked, proof.same, proof.differences) == (8, 8, [])
    told = json.loads((tmp_path / "out" / RECORD).read_text(encoding="utf-8"))
    assert (told["form"], told["asked"], told["same"]) == (form, 8, 8)
    assert told["base"] == json.loads((adapter / "adapter_card.json").read_text(encoding="utf-8"))["base"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    if form == MERGED:
        again = Student.load(str(tmp_path / "out"))
        assert json.loads((tmp_path / "out" / "config.json").read_text())["dtype"] == "bfloat16"
        asked = again.tokenizer.apply_chat_template([{"role": "user", "content": "a?"}], tokenize=False)
        assert SYSTEM_PROMPT in asked
        assert texts(again) == before
    else:
        assert {path.name for path in (tmp_path / "out").iterdir()} >= {"toy-f16.gguf", "Modelfile"}


def test_a_question_alone_gets_the_trained_system_prompt_in_llama_cpp(
    tuned: Student, adapter: Path, tmp_path: Path
) -> None:
    write_export(tuned, adapter, tmp_path / "out", "toy", "f16", PROMPTS, 6)
    embedded = EmbeddedStudent(tmp_path / "out" / "toy-f16.gguf", tokenizer_of(adapter), 512, threads=1)
    try:
        alone = embedded.prompt_tokens([{"role": "user", "content": "a?"}])
        assert alone == embedded.prompt_tokens(PROMPTS[0])
    finally:
        embedded.close()


class Other(Student):
    """A student whose answers are not those of the weights that are exported."""

    def generate(self, *arguments: Any, **named: Any) -> Any:
        answers = super().generate(*arguments, **named)
        for one in answers:
            one.text += "x"
        return answers


def test_an_export_that_answers_otherwise_is_kept_aside(tuned: Student, adapter: Path, tmp_path: Path) -> None:
    write_export(tuned, adapter, tmp_path / "out", "toy", "f16", PROMPTS, 6)
    good = (tmp_path / "out" / RECORD).read_bytes()
    with pytest.raises(UnlikeExport, match="none of 8 answers is the adapter's"):
        write_export(Other(tuned.model, tuned.tokenizer), adapter, tmp_path / "out", "toy", "f16", PROMPTS, 6)
    assert (tmp_path / "out" / RECORD).read_bytes() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out-failed"]
    assert json.loads((tmp_path / "out-failed" / RECORD).read_text())["same"] == 0


def test_a_folder_of_something_else_is_left_alone(tuned: Student, adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is there and is no export"):
        write_export(tuned, adapter, tmp_path, "toy", "f16", PROMPTS, 6)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_what_a_fault_left_half_written_goes(tuned: Student, adapter: Path, tmp_path: Path) -> None:
    tuned.model.config.model_type = "gpt2"
    try:
        with pytest.raises(InputError, match="a gpt2 is not written"):
            write_export(tuned, adapter, tmp_path / "out", "toy", "f16", PROMPTS, 6)
    finally:
        tuned.model.config.model_type = "llama"
    assert list(tmp_path.iterdir()) == []


def test_four_bits_are_made_by_llama_cpps_own_program(
    tuned: Student, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(MissingExtra, match="llama-quantize of llama.cpp, which is not on the PATH"):
        check_form("q4_k_m")
    program = tmp_path / "bin" / "llama-quantize"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n/bin/cp "$1" "$2" && [ "$3" = Q4_K_M ]\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    check_form("q4_k_m")
    write_export(tuned, adapter, tmp_path / "out", "toy", "q4_k_m", PROMPTS, 6)
    assert [path.name for path in (tmp_path / "out").glob("*.gguf")] == ["toy-q4_k_m.gguf"]


def test_a_form_that_is_not_known_is_named() -> None:
    with pytest.raises(InputError, match="--quantize q3: unknown"):
        check_form("q3")


def test_only_a_file_of_the_adapter_as_it_is_now_is_used(adapter: Path, tmp_path: Path) -> None:

    mine, exports = tmp_path / "adapter", tmp_path / "export"
    shutil.copytree(adapter, mine)
    assert exported_gguf(exports, mine) is None
    for name in ("gguf-f16", "gguf-q8_0-failed"):
        (exports / name).mkdir(parents=True)
        (exports / name / "toy.gguf").write_bytes(b"")

        record = {"adapter_sha256": file_hash(mine / "adapter_model.safetensors"), "context": 512}
        (exports / name / RECORD).write_text(json.dumps(record), encoding="utf-8")
    assert exported_gguf(exports, mine) == (exports / "gguf-f16" / "toy.gguf", 512)
    (mine / "adapter_model.safetensors").write_bytes(b"another")
    assert exported_gguf(exports, mine) is None
