"""Tune a tiny model with one backend in a process of its own, and tell as JSON what the model was given.

Usage: python run_backend.py BACKEND FOLDER. FOLDER/base holds the model, FOLDER/train.jsonl the rows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import tuning.train
from agents.console import Console
from tuning.backends import Backend
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


def main(name: str, folder: Path) -> dict[str, Any]:
    """The batches that the model saw, the parameters trained, and the watched packages in the order of their import."""
    imports = watch_imports()
    batches: list[dict[str, Any]] = []
    trainable: list[str] = []
    choose = tuning.train.choose_backend

    def watched(recipe: Recipe) -> Backend:
        backend = choose(recipe)
        load = backend.load

        def load_and_watch(*arguments: Any) -> Any:
            model, tokenizer = load(*arguments)
            model.register_forward_pre_hook(lambda _, __, given: batches.append(_unpadded(given)), with_kwargs=True)
            trainable.extend(sorted(key for key, value in model.named_parameters() if value.requires_grad))
            return model, tokenizer

        backend.load = load_and_watch
        return backend

    tuning.train.choose_backend = watched
    recipe = Recipe.model_validate({"base": str(folder / "base"), "backend": name, **SETTINGS})
    paths = (folder / "train.jsonl", folder / "none.jsonl", folder / name / "adapter")
    result = tuning.train.train(recipe, *paths, Console(quiet=True))
    return {
        "batches": batches,
        "steps": result.steps,
        "backend": result.backend,
        "imports": imports,
        "trainable": trainable,
    }


def watch_imports() -> list[str]:
    """The watched packages as they are imported; one imported already stands first."""
    seen = [name for name in WATCHED if name in sys.modules]
    sys.addaudithook(lambda event, given: seen.append(given[0]) if event == "import" and given[0] in WATCHED else None)
    return seen


def _unpadded(given: dict[str, Any]) -> dict[str, Any]:
    rows = zip(given["input_ids"].tolist(), given["labels"].tolist(), given["attention_mask"].tolist(), strict=True)
    kept = [[(token, label) for token, label, seen in zip(*row, strict=True) if seen] for row in rows]
    return {
        "input_ids": [[token for token, _ in row] for row in kept],
        "labels": [[label for _, label in row] for row in kept],
    }


if __name__ == "__main__":
    told = main(sys.argv[1], Path(sys.argv[2]))
    (Path(sys.argv[2]) / sys.argv[1] / "told.json").write_text(json.dumps(told), encoding="utf-8")
