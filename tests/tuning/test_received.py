"""Weights and settings from elsewhere run nothing.

Planted pickles, modules to import and other models are refused by name.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.errors import InputError
from tests.tuning.conftest import toy_rows, write_rows
from tests.tuning.test_train import Killed, KillingConsole
from tuning.base import open_base
from tuning.model import Student, load_model, load_tokenizer
from tuning.received import OWN
from tuning.recipe import Recipe
from tuning.train import train

Paths = tuple[Path, Path, Path]


class Planted:
    """Makes a file where a pickle is believed."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


@pytest.fixture(scope="module")
def stopped(student_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, Path]:
    """A training that was killed after its second checkpoint."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    recipe = Recipe(base=str(student_folder), epochs=3, batch_size=6, rank=4, alpha=8, replay_rows=0, backend="peft")
    write_rows(folder / "data" / "train.jsonl", toy_rows())
    with pytest.raises(Killed):
        train(recipe, folder / "data" / "train.jsonl", folder / "none", folder / "adapter", KillingConsole(at=12))
    return recipe, folder


@pytest.fixture
def received(stopped: tuple[Recipe, Path], tmp_path: Path) -> tuple[Recipe, Paths]:
    """The same files in another folder."""
    recipe, folder = stopped
    shutil.copytree(folder, tmp_path / "run")
    return recipe, (tmp_path / "run" / "data" / "train.jsonl", tmp_path / "none", tmp_path / "run" / "adapter")


def newest(paths: Paths) -> Path:
    return paths[2].parent / "checkpoints" / "checkpoint-10"


@pytest.mark.parametrize("legacy", [False, True], ids=["as-torch-saves", "a-bare-pickle"])
@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state.pth", "scaler.pt"])
def test_a_pickle_that_is_planted_in_a_checkpoint_does_not_run(
    received: tuple[Recipe, Paths], console: Console, tmp_path: Path, name: str, legacy: bool
) -> None:
    import torch

    recipe, paths = received
    mark = tmp_path / "ran"
    if legacy:
        (newest(paths) / name).write_bytes(pickle.dumps(Planted(mark)))
    else:
        torch.save(Planted(mark), newest(paths) / name)
    with pytest.raises(
        InputError, match=rf"(?s){name} holds more than numbers.*remove .*checkpoints: the training starts anew"
    ):
        train(recipe, *paths, console)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["adapter_model.bin", "pytorch_model.bin", "extra.pkl"])
def test_pickled_weights_in_a_checkpoint_are_refused(
    received: tuple[Recipe, Paths], console: Console, tmp_path: Path, name: str
) -> None:
    recipe, paths = received
    (newest(paths) / name).write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
    with pytest.raises(InputError, match=f"{name}: pickled weights are not read"):
        train(recipe, *paths, console)
    assert not (tmp_path / "ran").exists()


def test_the_arguments_that_the_trainer_writes_are_never_read(
    received: tuple[Recipe, Paths], console: Console, tmp_path: Path
) -> None:
    recipe, paths = received
    assert (newest(paths) / OWN).is_file()
    (newest(paths) / OWN).write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
    assert train(recipe, *paths, console).resumed_at == 10
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "state", ["[]", '{"best_model_checkpoint": "/elsewhere/checkpoint-1"}', '{"best_model_checkpoint": 1}']
)
def test_the_state_of_the_trainer_names_nothing_elsewhere(
    received: tuple[Recipe, Paths], console: Console, state: str
) -> None:
    recipe, paths = received
    (newest(paths) / "trainer_state.json").write_text(state)
    with pytest.raises(InputError, match=r"(?s)trainer_state\.json.*remove .*checkpoints"):
        train(recipe, *paths, console)


ODD = {
    "another-kind": {
        "peft_type": "PROMPT_TUNING",
        "prompt_tuning_init": "TEXT",
        "tokenizer_name_or_path": "stranger/model",
    },
    "a-module-to-import": {"megatron_config": {"a": 1}, "megatron_core": "planted_module"},
    "another-initialisation": {"init_lora_weights": "corda"},
    "a-pattern": {"target_modules": "(a+)+$"},
    "no-task": {"task_type": None},
}


@pytest.fixture(scope="module")
def adapter(stopped: tuple[Recipe, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole adapter."""
    recipe, folder = stopped
    target = tmp_path_factory.mktemp("whole") / "adapter"
    train(
        recipe.model_copy(update={"epochs": 1}),
        folder / "data" / "train.jsonl",
        folder / "none",
        target,
        Console(quiet=True),
    )
    return target


@pytest.mark.parametrize("kind", ODD)
def test_an_adapter_with_other_settings_than_ours_is_refused(
    adapter: Path, student_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (tmp_path / "planted_module.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    shutil.copytree(adapter, tmp_path / "adapter")
    config = tmp_path / "adapter" / "adapter_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **ODD[kind]}))
    with pytest.raises(InputError, match=r"(?s)adapter_config\.json.*ragtuned tune"):
        Student.load(str(student_folder), tmp_path / "adapter")
    assert not (tmp_path / "ran").exists()
    assert "planted_module" not in sys.modules


@pytest.mark.parametrize("card", ["[]", "{", "{}", '{"base": "x"}', '{"base": {"name": 1, "sha256": "a"}}'])
def test_a_card_of_another_shape_is_told(adapter: Path, student_folder: Path, tmp_path: Path, card: str) -> None:
    shutil.copytree(adapter, tmp_path / "adapter")
    (tmp_path / "adapter" / "adapter_card.json").write_text(card)
    with pytest.raises(InputError, match=r"adapter_card\.json"):
        Student.load(str(student_folder), tmp_path / "adapter")


def test_pickled_weights_beside_an_adapter_are_not_read(adapter: Path, student_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(adapter, tmp_path / "adapter")
    (tmp_path / "adapter" / "adapter_model.bin").write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
    (tmp_path / "adapter" / "chat_template.jinja").write_text(
        "{{ cycler.__init__.__globals__.os.system('touch ran') }}"
    )
    Student.load(str(student_folder), tmp_path / "adapter")
    assert not (tmp_path / "ran").exists()


def test_code_beside_a_base_does_not_run(student_folder: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(student_folder, base)
    for name in ("configuration_planted", "modeling_planted", "tokenization_planted"):
        (base / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Planted: pass\n")
    add(
        base / "config.json",
        auto_map={"AutoConfig": "configuration_planted.Planted", "AutoModelForCausalLM": "modeling_planted.Planted"},
    )
    add(
        base / "tokenizer_config.json",
        auto_map={"AutoTokenizer": [None, "tokenization_planted.Planted"]},
        tokenizer_class="Planted",
    )
    (base / "pytorch_model.bin").write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
    opened = open_base(str(base))
    load_model(opened)
    with pytest.raises(InputError, match=r"cannot be read: .*custom code"):
        load_tokenizer(opened)
    assert not (tmp_path / "ran").exists()


def test_a_base_of_a_kind_that_only_its_own_code_knows_is_told(student_folder: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(student_folder, base)
    (base / "configuration_planted.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Planted: pass\n")
    add(base / "config.json", model_type="planted", auto_map={"AutoConfig": "configuration_planted.Planted"})
    with pytest.raises(InputError, match=r"cannot be read: .*custom code"):
        load_model(open_base(str(base)))
    assert not (tmp_path / "ran").exists()


def test_an_adapter_is_no_base(student_folder: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(student_folder, base)
    (base / "adapter_config.json").write_text('{"base_model_name_or_path": "stranger/model", "peft_type": "LORA"}')
    with pytest.raises(InputError, match=r"holds adapter_config\.json: an adapter is no base"):
        open_base(str(base))


def test_the_template_of_a_base_reaches_nothing_of_python(student_folder: Path, tmp_path: Path) -> None:
    from jinja2.exceptions import SecurityError, UndefinedError

    base = tmp_path / "base"
    shutil.copytree(student_folder, base)
    (base / "chat_template.jinja").write_text(
        f"{{{{ cycler.__init__.__globals__.os.system('touch {tmp_path / 'ran'}') }}}}"
    )
    with pytest.raises((SecurityError, UndefinedError)):
        load_tokenizer(open_base(str(base))).apply_chat_template([{"role": "user", "content": "x"}], tokenize=False)
    assert not (tmp_path / "ran").exists()


def add(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
