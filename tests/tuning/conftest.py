"""A student of two layers with byte tokens and a chat template, made here: no download, and a run takes seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.console import Console
from agents.records import to_messages
from bench.speed.random_student import byte_tokenizer
from tuning.base import Base
from tuning.model import load_model, load_tokenizer
from tuning.recipe import Recipe

SYSTEM = "Say it."


@pytest.fixture(scope="session")
def student_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny random Llama in safetensors and a byte tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    fast = byte_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        initializer_range=0.2,
        bos_token_id=fast.bos_token_id,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
    )
    folder = tmp_path_factory.mktemp("student")
    model = LlamaForCausalLM(config)
    model.get_input_embeddings().weight.data *= (
        4  # sharp enough for frozen, tied output embeddings to tell letters apart
    )
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer(student_folder: Path) -> Any:
    """The byte tokenizer as the program loads it."""
    return load_tokenizer(tiny_base(student_folder))


@pytest.fixture(scope="session")
def untuned(student_folder: Path) -> Any:
    """The tiny model as the program loads it; nobody changes it."""
    return load_model(tiny_base(student_folder)).eval()


@pytest.fixture
def recipe(student_folder: Path) -> Recipe:
    """Thirty rows in six epochs of five updates."""
    return Recipe(
        base=str(student_folder),
        epochs=6,
        batch_size=6,
        rank=16,
        alpha=32,
        learning_rate=2e-2,
        replay_rows=0,
        backend="peft",
        dtype="float32",  # what is compared with what does not depend on the processor
    )


@pytest.fixture
def console() -> Console:
    """A console that prints nothing."""
    return Console(quiet=True)


def tiny_base(folder: Path) -> Base:
    """The folder as a base."""
    from tuning.base import open_base

    return open_base(str(folder))


def toy_rows(count: int = 30) -> list[dict[str, Any]]:
    """Questions of two letters, each with a letter of its own for an answer."""
    return [row(f"r{i}", f"{chr(97 + i % 26)}{chr(97 + i // 26)}?", chr(65 + i % 26) * 2) for i in range(count)]


def row(name: str, question: str, answer: str, kind: str = "local") -> dict[str, Any]:
    """A line of train.jsonl."""
    return {"id": name, "kind": kind, "fact": name, "messages": to_messages(question, answer, SYSTEM)}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write the lines as published."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
