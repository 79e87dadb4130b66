"""Tune a tiny model with one backend in a process of its own, and tell as JSON what the model was given.

Usage: python run_backend.py BACKEND FOLDER. FOLDER/base holds the model, FOLDER/train.jsonl the rows. Where
FOLDER/reader holds a student that reads, it is tuned too, once with each loss, on FOLDER/lessons.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import tuning.train
from agents.console import Console
from tuning.backends import Backend
from tuning.dataset import IGNORED
from tuning.probe import Probe
from tuning.recipe import Recipe

WATCHED = ("unsloth", "transformers", "trl")
SETTINGS = {
    "rank": 8,
    "alpha": 16,
    "learning_rate": 1e-2,
    "epochs": 15,
    "batch_size": 3,
    "max_length": 128,
    "replay_rows": 0,
}


LOSSES = ("answers", "distilled", "mixed")
READER = {
    "rank": 16,
    "alpha": 32,
    "learning_rate": 1e-2,
    "epochs": 80,
    "max_length": 512,
    "replay_rows": 0,
    "dtype": "float32",
    "distill_top_k": 8,
}


class Listener(Console):
    """Keeps what is said."""

    said: list[str]

    def __init__(self, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self.said = []

    def say(self, text: str) -> None:
        self.said.append(text)


def main(name: str, folder: Path) -> dict[str, Any]:
    """The tokens under loss that the model saw, the parameters trained, and the watched packages as they are imported.

    A token under loss comes with the one that predicts it, and those of a forward pass are sorted: both backends lay
    the rows of an update out in another way.
    """
    imports = watch_imports()
    batches: list[list[tuple[int, int]]] = []
    trainable: list[str] = []
    choose = tuning.train.choose_backend

    def watched(recipe: Recipe) -> Backend:
        backend = choose(recipe)
        load = backend.load

        def load_and_watch(*arguments: Any) -> Any:
            model, tokenizer = load(*arguments)
            model.register_forward_pre_hook(lambda _, __, given: batches.append(_under_loss(given)), with_kwargs=True)
            trainable.extend(sorted(key for key, value in model.named_parameters() if value.requires_grad))
            return model, tokenizer

        backend.load = load_and_watch
        return backend

    tuning.train.choose_backend = watched
    recipe = Recipe.model_validate({"base": str(folder / "base"), "backend": name, **SETTINGS})
    paths = (folder / "train.jsonl", folder / "none.jsonl", folder / name / "adapter")
    result = tuning.train.train(recipe, *paths, Console(quiet=True))
    told: dict[str, Any] = {
        "batches": batches,
        "steps": result.steps,
        "backend": result.backend,
        "imports": imports,
        "trainable": trainable,
    }
    tuning.train.choose_backend = choose
    short = recipe.model_copy(update={"epochs": 4})
    asked = (folder / "train.jsonl", folder / "train.jsonl", folder / name / "asked" / "adapter")
    tuning.train.train(short, *asked, listener := Listener(quiet=True))
    told["said"] = listener.said
    tuning.train.probe = lambda *_: Probe(4, 4)  # the reader is too simple to pass as alive
    for loss in LOSSES if (folder / "reader").is_dir() else ():
        recipe = Recipe.model_validate({"base": str(folder / "reader"), "backend": name, "loss": loss, **READER})
        paths = (folder / "lessons" / "train.jsonl", folder / "none.jsonl", folder / name / loss / "adapter")
        tuning.train.train(recipe, *paths, Console(quiet=True))
    return told


def watch_imports() -> list[str]:
    """The watched packages as they are imported; one imported already stands first."""
    seen = [name for name in WATCHED if name in sys.modules]
    sys.addaudithook(lambda event, given: seen.append(given[0]) if event == "import" and given[0] in WATCHED else None)
    return seen


def _under_loss(given: dict[str, Any]) -> list[tuple[int, int]]:
    ids, labels = given["input_ids"], given["labels"]
    if "logits_to_keep" in given:  # one sequence, labels where they are predicted
        return sorted(zip(ids[0, given["logits_to_keep"]].tolist(), given["shift_labels"][0].tolist(), strict=True))
    taught = labels[:, 1:] != IGNORED
    return sorted(zip(ids[:, :-1][taught].tolist(), labels[:, 1:][taught].tolist(), strict=True))


if __name__ == "__main__":
    told = main(sys.argv[1], Path(sys.argv[2]))
    (Path(sys.argv[2]) / sys.argv[1] / "told.json").write_text(json.dumps(told), encoding="utf-8")
