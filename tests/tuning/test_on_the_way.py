"""While it learns, the student is asked what it was not trained on, and that changes nothing."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from agents.console import Console
from tests.tuning.conftest import row, toy_rows, write_rows
from tests.tuning.test_control_tokens import GEMMA, toy
from tests.tuning.test_train import same
from tuning import on_the_way
from tuning.dataset import Row, encode, stop_tokens
from tuning.recipe import Recipe
from tuning.train import train


class Listening(Console):
    """Keeps what is said."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def write_data(folder: Path) -> tuple[Path, Path, Path]:
    """Six rows; for validation a refusal, a long answer and two short ones, of which one stands in the rows."""
    kept = toy_rows()[0]["messages"][-2]["content"]
    validation = [
        row("refused", "zz?", "I do not know.", "unanswerable"),
        row("long", "zy?", "A" * 2 * on_the_way.MOST_TOKENS),
        row("known", kept, "AA"),
        row("other", "zx?", "BB"),
    ]
    write_rows(folder / "data" / "train.jsonl", toy_rows(6))
    write_rows(folder / "data" / "validation.jsonl", validation)
    return folder / "data" / "train.jsonl", folder / "data" / "validation.jsonl", folder / "adapter"


def test_short_questions_are_asked_again_and_again_until_the_answer_is_right(recipe: Recipe, tmp_path: Path) -> None:
    console, paths = Listening(), write_data(tmp_path)
    recipe = recipe.model_copy(update={"epochs": 40, "learning_rate": 5e-3, "rank": 32, "alpha": 64})
    train(recipe, *paths, console)
    moments = [text for text in console.said if "from memory" in text]
    answers = [text for text in console.said if "(taught: AA)" in text]
    assert [text.split(" of ")[0] for text in moments] == [f"after {n}" for n in range(5, 41, 5)]
    assert len(answers) == len(moments)
    assert answers[-1] == "  aa? → AA (taught: AA)"
    assert not any("zz?" in text or "zy?" in text for text in console.said)


def test_asking_changes_no_weight(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, silent = Listening(), Listening()
    first, second = write_data(tmp_path / "asked"), write_data(tmp_path / "silent")
    train(recipe, *first, asked)
    monkeypatch.setattr(on_the_way, "QUESTIONS", 0)
    train(recipe, *second, silent)
    assert len(asked.said) > len(silent.said)
    assert same(first[2], second[2])


def test_without_a_question_for_validation_nothing_is_asked(recipe: Recipe, tmp_path: Path) -> None:
    console, paths = Listening(), write_data(tmp_path)
    paths[1].unlink()
    train(recipe, *paths, console)
    assert not any("from memory" in text for text in console.said)


def test_an_answer_ends_with_the_turn_of_the_template_too() -> None:
    import torch

    tokenizer = toy(GEMMA, ["<end_of_turn>", "<start_of_turn>", "<bos>"])
    tokenizer.eos_token = "<bos>"
    tokens = encode([Row.model_validate(row("short", "Who?", "Wenna."))], tokenizer, 512).rows[0]
    end = tokenizer.convert_tokens_to_ids("<end_of_turn>")
    student = MagicMock(device="cpu")
    student.return_value.logits = torch.nn.functional.one_hot(torch.tensor([[end]]), end + 1)
    assert on_the_way.greedy(student, tokens, stop_tokens(tokenizer)) == [end]
