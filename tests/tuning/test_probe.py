"""An adapter that answers nothing of sense is never called done."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest

from agents.console import Console
from agents.errors import DeadAdapter
from tests.tuning.conftest import toy_rows, write_rows
from tuning.model import Generation
from tuning.probe import as_taught, what_is_dead
from tuning.recipe import Recipe
from tuning.train import train


def said(text: str, finished: bool = True) -> Generation:
    return Generation(text, 5, 5, 0.1, finished)


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (["", "", ""], "empty"),
        (["!!!!", "!!!!!!!!", ""], "one token repeated"),
        (["the the the the", "of of of of of", "a a a a"], "one token repeated"),
        (["的的的的的", "。。。。", "的的的的"], "one token repeated"),
        (["Ada", "Ada", "Ada"], "the same"),
        (["Ada", "Ida", ""], ""),
        (["Ada", "!!!!!!", "!!!!!!"], ""),
        (["no no no", "1111", "Ada"], ""),
        (["100", "200", "300"], ""),
    ],
    ids=["empty", "marks", "words", "chinese", "same", "alive", "one-alive", "short-repeats", "numbers"],
)
def test_dead_is_what_all_answers_have_together(texts: list[str], fault: str) -> None:
    found = what_is_dead([said(text) for text in texts], ["Ada", "Ida", "Una"])
    assert fault in found
    assert bool(found) == bool(fault)


def test_a_set_that_teaches_one_answer_to_all_its_questions_is_not_dead_for_giving_it() -> None:
    assert not what_is_dead([said("yes")] * 3, ["Yes.", "Yes.", "Yes."])


@pytest.mark.parametrize(
    ("text", "finished", "taught", "right"),
    [
        ("the salt, in 1871", True, "The salt in 1871.", True),
        ("It was cold.\n\nAnswer: Ada", True, "She kept it.\n\nAnswer: Ada", True),
        ("the salt", True, "The salt in 1871.", False),
        ("the salt", False, "The salt in 1871.", True),
        ("", False, "The salt in 1871.", False),
        ("pepper", False, "The salt in 1871.", False),
    ],
    ids=["marks-and-case", "other-reasoning", "half", "cut", "nothing", "other"],
)
def test_an_answer_is_as_taught_whatever_its_marks(text: str, finished: bool, taught: str, right: bool) -> None:
    assert as_taught(said(text, finished), taught) is right


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path, Path]:
    return write_rows(tmp_path / "data" / "train.jsonl", toy_rows()), tmp_path / "none.jsonl", tmp_path / "adapter"


def test_a_rate_that_wrecks_the_student_leaves_its_adapter_aside_and_the_good_one_in_place(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console
) -> None:
    good = train(recipe.model_copy(update={"epochs": 1}), *paths, console)
    with pytest.raises(DeadAdapter, match="kept aside") as error:
        train(recipe.model_copy(update={"learning_rate": 1.0, "alpha": 4096}), *paths, console)
    assert error.value.exit_code == 1
    assert json.loads((paths[2] / "adapter_card.json").read_text())["result"]["steps"] == good.steps == 5
    assert (
        json.loads((paths[2].with_name("adapter-dead") / "adapter_card.json").read_text())["recipe"]["learning_rate"]
        == 1.0
    )


def test_an_adapter_is_kept_where_the_memory_does_not_do_to_ask_it(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    asked = Mock(side_effect=torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    monkeypatch.setattr("tuning.train.probe", asked)
    result = train(recipe.model_copy(update={"epochs": 1}), *paths, console)
    assert (asked.call_count, result.asked) == (1, 0)
    assert (paths[2] / "adapter_model.safetensors").is_file()


def test_card_and_last_line_tell_how_many_training_questions_it_answers(
    recipe: Recipe, paths: tuple[Path, Path, Path], console: Console
) -> None:
    learned = recipe.model_copy(update={"epochs": 40, "learning_rate": 5e-3, "rank": 32, "alpha": 64})
    result = train(learned, *paths, console)
    assert result.asked == 10
    assert result.answered >= 9
    told = f"answers {result.answered} of 10 questions it was trained on"
    assert told in str(result)
    assert told in (paths[2] / "README.md").read_text()
    assert json.loads((paths[2] / "adapter_card.json").read_text())["result"]["answered"] == result.answered
