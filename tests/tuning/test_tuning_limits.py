"""A full memory, a full disk, rows beyond the positions of a model: one message each, and what was whole stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import OutOfMemory, WriteError
from tests.tuning.conftest import row, toy_rows, write_rows
from tuning.distill import CONTEXTS
from tuning.limits import once_smaller, told_of_limits, within_positions
from tuning.model import CARD
from tuning.probe import Probe
from tuning.received import readable, whole
from tuning.recipe import Recipe
from tuning.train import train


class Heard(Console):
    """Keeps what it is told to say."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.lines: list[str] = []

    def say(self, text: str = "") -> None:
        self.lines.append(text)


def full_memory() -> BaseException:
    import torch

    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def full_disk() -> BaseException:
    from safetensors import SafetensorError

    return SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


FAULTS = {
    "gpu": (full_memory, OutOfMemory),
    "cpu": (
        lambda: RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 GB"),
        OutOfMemory,
    ),
    "python": (MemoryError, OutOfMemory),
    "safetensors": (full_disk, WriteError),
    "torch": (
        lambda: RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534"),
        WriteError,
    ),
    "system": (lambda: OSError(28, "No space left on device"), WriteError),
    "another": (lambda: RuntimeError("mat1 and mat2 shapes cannot be multiplied"), RuntimeError),
}


@pytest.mark.parametrize(("made", "kind"), FAULTS.values(), ids=list(FAULTS))
def test_what_the_libraries_say_of_a_full_machine_is_told_apart(made: Any, kind: type, tmp_path: Path) -> None:
    with pytest.raises(kind) as caught, told_of_limits(tmp_path, 512):
        raise made()
    assert type(caught.value) is kind


@pytest.mark.parametrize("reading", [lambda folder: readable("b", folder), whole], ids=["base", "adapter"])
def test_what_does_not_fit_the_memory_is_not_called_unreadable(reading: Any, tmp_path: Path) -> None:
    with pytest.raises(OutOfMemory, match="while the student was loaded"), reading(tmp_path):
        raise full_memory()


def breaks(step: int, fault: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the forward pass of update `step` fail; the tokens of the passes as they come."""
    from tuning.backends.peft import PeftBackend

    sizes: list[int] = []
    usual = PeftBackend.passes

    def passes(self: Any, model: Any, batch: Any, most: int) -> Any:
        sizes.append(most)
        if len(sizes) == step:
            raise fault()
        return usual(self, model, batch, most)

    monkeypatch.setattr(PeftBackend, "passes", passes)
    return sizes


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path, Path]:
    data = write_rows(tmp_path / "run" / "data" / "train.jsonl", toy_rows())
    return data, data.with_name("none"), tmp_path / "run" / "adapter"


def test_a_smaller_batch_is_tried_once_from_the_last_checkpoint(
    recipe: Recipe, paths: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe.model_copy(update={"epochs": 2, "batch_tokens": 400})
    sizes, console = breaks(7, full_memory, monkeypatch), Heard()
    result = train(recipe, *paths, console)
    assert sizes == [400] * 7 + [200] * 5  # five updates an epoch: the second one is done anew
    assert (result.steps, result.resumed_at) == (10, 5)
    assert any("once more, from the last checkpoint, with 200 tokens" in line for line in console.lines)
    assert json.loads((paths[2] / CARD).read_text(encoding="utf-8"))["recipe"]["batch_tokens"] == 200
    assert train(recipe, *paths, console) == result  # the recipe is the same: it is not tuned again


def test_a_teacher_that_runs_out_of_memory_is_asked_in_smaller_passes(
    recipe: Recipe, paths: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(paths[0].with_name(CONTEXTS), [{"id": "r0", "passages": ["AA is the answer."]}])
    monkeypatch.setattr("tuning.train.probe", lambda *_: Probe(1, 1))
    sizes = breaks(1, full_memory, monkeypatch)
    distilled = recipe.model_copy(update={"epochs": 1, "batch_tokens": 400, "loss": "distilled"})
    assert train(distilled, *paths, Heard()).distilled_rows == 1
    assert sizes[:2] == [400, 200]


def test_memory_that_does_not_do_twice_names_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int | None] = []

    def work(most: int | None) -> None:
        tried.append(most)
        raise OutOfMemory(most or 300)

    with pytest.raises(OutOfMemory, match="150 tokens in one pass") as caught:
        once_smaller(work, lambda line: None)
    assert tried == [None, 150]
    assert "[tuning] batch_tokens, max_length or rank" in caught.value.do


@pytest.mark.parametrize(("at", "goes_on"), [(2, 5), (4, 15)], ids=["at a checkpoint", "at the adapter"])
def test_a_disk_that_is_full_is_one_message_and_the_same_command_goes_on(
    recipe: Recipe, paths: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch, at: int, goes_on: int
) -> None:
    import safetensors.torch
    from peft import PeftModel

    usual, saved = PeftModel.save_pretrained, []

    def full(self: Any, folder: str, **settings: Any) -> Any:
        saved.append(folder)
        if len(saved) == at:
            Path(folder).mkdir(parents=True, exist_ok=True)
            (Path(folder) / "half").write_bytes(b"weights")
            raise full_disk()
        return usual(self, folder, **settings)

    monkeypatch.setattr(PeftModel, "save_pretrained", full)
    recipe = recipe.model_copy(update={"epochs": 3})
    with pytest.raises(WriteError, match="No space left on device"):
        train(recipe, *paths, Console(quiet=True))
    assert not list(paths[2].parent.glob("*adapter*"))
    assert train(recipe, *paths, Console(quiet=True)).resumed_at == goes_on
    assert safetensors.torch.load_file(paths[2] / "adapter_model.safetensors")


def test_no_row_is_longer_than_the_model_has_positions(recipe: Recipe, tmp_path: Path, untuned: Any) -> None:
    console, long = Heard(), recipe.model_copy(update={"max_length": 4096})
    assert within_positions(long, untuned, console.say).max_length == 512
    assert console.lines == ["the student reads 512 tokens: [tuning] max_length = 4096 is lowered to that"]
    assert within_positions(recipe.model_copy(update={"max_length": 512}), untuned, console.say).max_length == 512
    rows = write_rows(tmp_path / "data" / "train.jsonl", [*toy_rows(6), row("long", "why " * 200, "B")])
    result = train(long.model_copy(update={"epochs": 1}), rows, rows.with_name("none"), tmp_path / "adapter", console)
    assert [name for name, _ in result.too_long] == ["long"]
