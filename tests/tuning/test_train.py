"""A run learns, keeps what belongs to it, and goes on after a stop."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import EmptyResult, InputError
from agents.progress import Event, Stage
from tests.tuning.conftest import row, toy_rows, write_rows
from tuning.backends.peft import PeftBackend
from tuning.dataset import split_batch
from tuning.model import Student
from tuning.recipe import Recipe
from tuning.train import train


class Killed(BaseException):
    """What a kill at a certain update looks like from inside."""


class KillingConsole(Console):
    """Stops the run when the given update has been counted."""

    def __init__(self, at: int) -> None:
        super().__init__(quiet=True)
        self.at = at

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        def check(event: Event) -> None:
            if event["counts"]["updates"] == self.at:
                raise Killed

        yield Stage(name, total, check)


def weights(adapter: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(adapter / "adapter_model.safetensors")


def same(first: Path, second: Path) -> bool:
    import torch

    a, b = weights(first), weights(second)
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path, Path]:
    """train.jsonl, validation.jsonl (the last rows) and the adapter of one run."""
    data = tmp_path / "run" / "data"
    write_rows(data / "train.jsonl", toy_rows())
    write_rows(data / "validation.jsonl", [row(f"v{i}", f"{chr(97 + i)}a!", chr(65 + i) * 2) for i in range(6)])
    return data / "train.jsonl", data / "validation.jsonl", tmp_path / "run" / "adapter"


def test_thirty_rows_are_learned_by_heart(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, student_folder: Path
) -> None:
    recipe = recipe.model_copy(update={"epochs": 40, "learning_rate": 5e-3, "rank": 32, "alpha": 64})
    result = train(recipe, paths[0], paths[1].with_name("none"), paths[2], console)
    losses = [float(line["train_loss"]) for line in csv.DictReader((paths[2] / "losses.csv").open())]
    assert len(losses) == result.steps == 200
    assert losses[-1] < 0.1 < 2 < losses[0]
    questions = [r["messages"][:-1] for r in toy_rows()]
    told = [answer.text for answer in Student.load(str(student_folder), paths[2]).generate(questions, 6)]
    untuned = [answer.text for answer in Student.load(str(student_folder)).generate(questions, 6)]
    right = [r["messages"][-1]["content"] for r in toy_rows()]
    assert sum(a == b for a, b in zip(told, right, strict=True)) >= 29
    assert not any(a == b for a, b in zip(untuned, right, strict=True))


def test_a_stopped_run_goes_on_and_ends_with_the_same_adapter(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, tmp_path: Path
) -> None:
    whole = tmp_path / "whole" / "adapter"
    train(recipe, paths[0], paths[1], whole, console)
    with pytest.raises(Killed):
        train(recipe, paths[0], paths[1], paths[2], KillingConsole(at=17))
    assert not paths[2].exists()
    so_far = (paths[2].parent / "checkpoints" / "losses.csv").read_text()  # for the page of a run under way
    result = train(recipe, paths[0], paths[1], paths[2], console)
    assert result.resumed_at == 15  # three epochs of five updates were whole
    assert same(whole, paths[2])
    assert (paths[2] / "losses.csv").read_text() == (whole / "losses.csv").read_text()
    assert (whole / "losses.csv").read_text().startswith(so_far)
    assert len(so_far.splitlines()) > 1


@pytest.mark.parametrize("left", [None, "", '{"epoch": 3.0, "log_his'], ids=["nothing", "an-empty-file", "half-of-it"])
def test_a_checkpoint_that_was_cut_off_is_passed_over(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, left: str | None
) -> None:
    with pytest.raises(Killed):
        train(recipe, *paths, KillingConsole(at=17))
    state = paths[2].parent / "checkpoints" / "checkpoint-15" / "trainer_state.json"  # what the trainer writes last
    state.unlink() if left is None else state.write_text(left, encoding="utf-8")
    assert train(recipe, *paths, console).resumed_at == 10


@pytest.mark.parametrize("change", ["recipe", "data"])
def test_checkpoints_of_another_recipe_or_data_are_not_used(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, change: str
) -> None:
    with pytest.raises(Killed):
        train(recipe, *paths, KillingConsole(at=12))
    if change == "data":
        write_rows(paths[0], toy_rows(24))
    else:
        recipe = recipe.model_copy(update={"learning_rate": 1e-3})
    assert train(recipe, *paths, console).resumed_at == 0


def test_a_seed_decides_the_adapter(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, tmp_path: Path
) -> None:
    short = recipe.model_copy(update={"epochs": 1})
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(short.model_copy(update={"seed": seed}), paths[0], paths[1], tmp_path / name / "adapter", console)
    assert same(tmp_path / "a" / "adapter", tmp_path / "b" / "adapter")
    assert not same(tmp_path / "a" / "adapter", tmp_path / "c" / "adapter")


def test_the_adapter_carries_its_card_curve_and_tokenizer(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, student_folder: Path
) -> None:
    (paths[2].parent / ".adapter.4711").mkdir(parents=True)  # left by a kill
    result = train(recipe.model_copy(update={"epochs": 2}), *paths, console)
    card = json.loads((paths[2] / "adapter_card.json").read_text())
    assert card["base"]["sha256"]
    assert card["recipe"]["rank"] == recipe.rank
    assert card["result"]["data_sha256"] == result.data_sha256
    assert card["system_prompt"] in (paths[2] / "README.md").read_text()
    assert card["versions"]["trl"]
    assert card["versions"]["torch"]
    table = list(csv.DictReader((paths[2] / "losses.csv").open()))
    assert [line["step"] for line in table if line["validation_loss"]] == ["5", "10"]
    assert result.validation_loss == float(table[-1]["validation_loss"])
    assert (paths[2] / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert (paths[2] / "tokenizer.json").is_file()
    assert not (paths[2].parent / "checkpoints").exists()
    assert not list(paths[2].parent.glob(".adapter*"))


def test_a_finished_adapter_is_not_made_again_until_something_changes(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console
) -> None:
    short = recipe.model_copy(update={"epochs": 1})
    first = train(short, *paths, console)
    made = (paths[2] / "adapter_model.safetensors").stat().st_mtime_ns
    assert train(short, *paths, console) == first
    assert (paths[2] / "adapter_model.safetensors").stat().st_mtime_ns == made
    (paths[2] / "adapter_model.safetensors").unlink()  # a card alone is no adapter
    train(short, *paths, console)
    assert (paths[2] / "adapter_model.safetensors").is_file()
    train(short.model_copy(update={"seed": 5}), *paths, console)
    assert (paths[2] / "adapter_model.safetensors").stat().st_mtime_ns != made


def test_patience_stops_early_and_keeps_the_best(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console
) -> None:
    wild = recipe.model_copy(update={"patience": 1, "epochs": 30, "learning_rate": 5e-2})
    result = train(wild, *paths, console)
    looks = [
        float(line["validation_loss"])
        for line in csv.DictReader((paths[2] / "losses.csv").open())
        if line["validation_loss"]
    ]
    assert result.steps < 150
    assert result.validation_loss == min(looks)
    assert looks[-1] > min(looks)


def test_checkpoint_steps_set_the_rhythm(recipe: Recipe, paths: tuple[Path, Path, Path], console: Console) -> None:
    with pytest.raises(Killed):
        train(recipe.model_copy(update={"checkpoint_steps": 2}), *paths, KillingConsole(at=5))
    assert (paths[2].parent / "checkpoints" / "checkpoint-4").is_dir()


def test_over_long_rows_are_said_and_counted(
    recipe: Recipe, paths: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(paths[0], [*toy_rows(6), row("endless", "z?", "Z" * 200)])
    result = train(recipe.model_copy(update={"epochs": 1, "max_length": 100}), *paths, Console())
    assert [name for name, _ in result.too_long] == ["endless"]
    said = capsys.readouterr().out
    assert "left out: row endless" in said
    assert "6 rows" in said


def test_train_tokens_is_the_most_of_all_epochs_and_what_is_left_out_is_said(
    recipe: Recipe, paths: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = train(recipe.model_copy(update={"epochs": 2}), *paths, Console())
    held = train(recipe.model_copy(update={"epochs": 2, "train_tokens": whole.tokens}), *paths, Console())
    assert 0 < 2 * held.tokens <= whole.tokens
    assert 0 < held.rows < whole.rows == 30
    assert f"left out: {30 - held.rows} rows" in capsys.readouterr().out


def test_train_tokens_without_room_for_a_row_is_an_error(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console
) -> None:
    with pytest.raises(EmptyResult, match="train_tokens = 5 has room for no row"):
        train(recipe.model_copy(update={"train_tokens": 5}), *paths, console)


def test_a_run_of_which_every_row_is_too_long_fails(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console
) -> None:
    with pytest.raises(EmptyResult, match="every row"):
        train(recipe.model_copy(update={"max_length": 16}), *paths, console)
    assert not paths[2].exists()


def test_an_adapter_is_refused_on_another_base(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, student_folder: Path, tmp_path: Path
) -> None:
    train(recipe.model_copy(update={"epochs": 1}), *paths, console)
    card = json.loads((paths[2] / "adapter_card.json").read_text())
    card["base"]["sha256"] = "0" * 64
    (paths[2] / "adapter_card.json").write_text(json.dumps(card))
    with pytest.raises(InputError, match="was tuned on"):
        Student.load(str(student_folder), paths[2])


def test_rows_that_go_through_in_parts_teach_the_same(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, tmp_path: Path
) -> None:
    """The losses of every update and the adapter, to what sums in another order differ by."""
    import torch

    short = recipe.model_copy(update={"epochs": 2, "batch_size": 10, "learning_rate": 5e-3})
    write_rows(
        paths[0],
        [
            *toy_rows(),
            row("page", "z?", "Ada keeps the mill and Una the bell; Per has the orchard, and Ib the gate at night."),
        ],
    )
    train(short, *paths, console)
    train(short.model_copy(update={"batch_tokens": 150}), paths[0], paths[1], tmp_path / "parts" / "adapter", console)
    whole, parts = (
        [float(line["train_loss"]) for line in csv.DictReader((folder / "losses.csv").open())]
        for folder in (paths[2], tmp_path / "parts" / "adapter")
    )
    assert parts == pytest.approx(whole, rel=1e-3)
    first, second = weights(paths[2]), weights(tmp_path / "parts" / "adapter")
    assert all(torch.allclose(first[key], second[key], atol=1e-3) for key in first)


def test_rows_as_one_sequence_teach_what_padded_rows_teach(
    recipe: Recipe,
    paths: tuple[Path, Path, Path],
    console: Console,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Through TRL's trainer, which hands on what it knows and has a loss of its own."""
    short = recipe.model_copy(update={"epochs": 2, "learning_rate": 5e-3})
    train(short, *paths, console)
    monkeypatch.setattr(PeftBackend, "passes", lambda _self, _model, batch, most: split_batch(batch, most))
    train(short, paths[0], paths[1], tmp_path / "padded" / "adapter", console)
    packed, padded = (
        [float(line["train_loss"]) for line in csv.DictReader((folder / "losses.csv").open())]
        for folder in (paths[2], tmp_path / "padded" / "adapter")
    )
    assert packed == pytest.approx(padded, rel=1e-3)


def test_memory_that_will_not_do_is_said_before_the_run(
    recipe: Recipe, paths: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    usual = PeftBackend.load
    monkeypatch.setattr(PeftBackend, "load", lambda *given: order.append("loaded") or usual(*given))
    monkeypatch.setattr("tuning.train.free_bytes", lambda: order.append("measured") or 10**8)
    train(recipe.model_copy(update={"epochs": 1}), *paths, Console())
    assert order == ["measured", "loaded"]  # what is needed counts the weights: they may not be taken off twice
    assert "memory may not do: 0.1 GB are free; lower [tuning] batch_tokens (now 256)" in capsys.readouterr().out


def test_training_goes_on_from_an_adapter_that_is_named(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, tmp_path: Path
) -> None:
    def losses(adapter: Path) -> list[float]:
        return [float(line["train_loss"]) for line in csv.DictReader((adapter / "losses.csv").open())]

    train(recipe, paths[0], paths[1].with_name("none"), paths[2], console)
    on = tmp_path / "on" / "adapter"
    train(recipe, paths[0], paths[1].with_name("none"), on, console, start=paths[2])
    assert losses(on)[0] < losses(paths[2])[-6] < losses(paths[2])[0]
    other = recipe.model_copy(update={"rank": 4})
    with pytest.raises(InputError, match="adapter"):
        train(other, paths[0], paths[1].with_name("none"), tmp_path / "other" / "adapter", console, start=paths[2])
