"""A run whose numbers are no numbers ends at that update, and nothing of it is called an adapter."""

from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import TrainingDiverged
from tests.tuning.conftest import toy_rows, write_rows
from tuning import train as training
from tuning.backends.peft import PeftBackend
from tuning.dataset import Tokens
from tuning.guard import Guard
from tuning.recipe import Recipe
from tuning.train import train


class FaultyKernels(PeftBackend):
    """PEFT on a machine whose backward pass gives `value` in one layer from the given update on."""

    def __init__(self, at: int, value: float) -> None:
        self.at, self.value, self.seen = at, value, 0

    def load(self, recipe: Recipe, base: Any) -> tuple[Any, Any]:
        model, tokenizer = super().load(recipe, base)

        def spoil(gradient: Any) -> Any:
            self.seen += 1
            return gradient * self.value if self.seen >= self.at else gradient

        next(p for name, p in model.named_parameters() if "q_proj.lora_B" in name).register_hook(spoil)
        return model, tokenizer


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Thirty rows, no validation, and where the adapter shall lie; five updates an epoch."""
    return write_rows(tmp_path / "data" / "train.jsonl", toy_rows()), tmp_path / "none.jsonl", tmp_path / "adapter"


@pytest.mark.parametrize("value", [float("nan"), float("inf")], ids=["nan", "infinite"])
def test_a_gradient_that_is_no_number_ends_the_run_with_step_rows_and_last_values(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    monkeypatch.setattr(training, "choose_backend", lambda recipe: FaultyKernels(8, value))
    with pytest.raises(TrainingDiverged) as error:
        train(recipe, *paths, console)
    said = str(error.value)
    assert error.value.exit_code == 1
    assert "update 8 is no number" in said
    assert "grad_norm nan" in said or "grad_norm inf" in said
    assert "update 7 had loss" in said
    named = said.split("rows of the update: ")[1].split("\n")[0].split(", ")
    assert len(named) == recipe.rows_a_batch
    assert set(named) < {row["id"] for row in toy_rows()}
    assert "learning_rate (now 0.02)" in said
    assert not paths[2].exists()


def test_the_last_good_checkpoint_stays_and_the_same_command_goes_on_from_it(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as faulty:
        faulty.setattr(training, "choose_backend", lambda recipe: FaultyKernels(8, float("nan")))
        with pytest.raises(TrainingDiverged):
            train(recipe, *paths, console)
    assert [path.name for path in (paths[2].parent / "checkpoints").glob("checkpoint-*")] == ["checkpoint-5"]
    result = train(recipe, *paths, console)
    assert result.resumed_at == 5
    assert result.steps == 30


@pytest.mark.parametrize("name", ["loss", "grad_norm", "eval_loss"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_every_watched_value_must_be_finite(name: str, value: float) -> None:
    guard = Guard(Recipe(), [])
    guard.check(3, {"loss": 1.5, "grad_norm": 2.0, "learning_rate": 0.1})
    with pytest.raises(TrainingDiverged, match="update 3 had loss 1.5, grad_norm 2"):
        guard.check(4, {name: value})


def test_of_a_large_update_some_rows_are_named_and_the_rest_is_counted() -> None:
    import torch

    rows = [Tokens(f"r{n}", [n], [n]) for n in range(40)]
    guard = Guard(Recipe(), rows)
    guard.see({"input_ids": torch.tensor([[n] for n in range(40)]), "attention_mask": torch.ones(40, 1)})
    with pytest.raises(TrainingDiverged, match="r15 and 24 more"):
        guard.check(1, {"loss": float("nan")})
