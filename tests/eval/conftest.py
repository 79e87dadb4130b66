"""Toys for the tests of eval: a student that looks answers up, embeddings by word, a project with two documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.console import Console
from agents.files import write_jsonl
from agents.project import Project
from agents.records import Document, Entity, Message, to_messages
from eval.evaluate import evaluate
from eval.settings import EvalConfig

DOCUMENTS = [
    Document(
        id="doc-1",
        path="april.md",
        title="April",
        text="Hettary charges two coppers for a crossing. The lens broke on 1 April.",
    ),
    Document(
        id="doc-2", path="june.md", title="June", text="Wenna became keeper of the light on 10 June. The ferry is red."
    ),
]
GOLD = [
    {
        "id": "g-1",
        "kind": "local",
        "question": "What does Hettary charge?",
        "answers": ["two coppers"],
        "evidence": [{"path": "april.md", "quote": "two coppers"}],
    },
    {
        "id": "g-2",
        "kind": "multi_hop",
        "question": "Who keeps the light since June?",
        "answers": ["Wenna"],
        "evidence": [{"path": "june.md", "quote": "Wenna became keeper"}],
    },
    {
        "id": "g-3",
        "kind": "global",
        "question": "What happened?",
        "claims": [["lens"], ["keeper", "Wenna"]],
        "evidence": [{"path": "april.md", "quote": "The lens broke"}],
    },
    {"id": "g-4", "kind": "unanswerable", "question": "What was the name of Wenna's dog?"},
]


@dataclass
class Reply:
    """What a toy generates."""

    text: str
    prompt_tokens: int = 10
    completion_tokens: int = 3
    seconds: float = 0.5
    finished: bool = True


@dataclass
class ToyStudent:
    """Answers by a function of the user's turn and remembers the batches it was asked."""

    reply: Callable[[str], str]
    batches: list[list[str]] = field(default_factory=list)

    def generate(self, prompts: Sequence[list[Message]], max_new_tokens: int, batch_size: int) -> list[Reply]:
        """One reply a prompt, in order."""
        self.batches.append([prompt[-1]["content"] for prompt in prompts])
        return [Reply(self.reply(prompt[-1]["content"])) for prompt in prompts]


def toy_embed(texts: Sequence[str]) -> list[list[float]]:
    """Texts with the same words are near: each word counts in one of 64 dimensions."""
    vectors = []
    for text in texts:
        vector = [0.01] * 64
        for word in text.lower().replace(".", " ").replace("?", " ").split():
            vector[hashlib.sha256(word.encode()).digest()[0] % 64] += 1.0
        vectors.append(vector)
    return vectors


def heldout_row(number: int, question: str, answer: str, tag: str = "wording") -> dict[str, object]:
    """A row as synthesis writes it."""
    return {
        "messages": to_messages(question, answer),
        "id": f"h-{number}",
        "kind": "local",
        "tag": tag,
        "fact": f"fact-{number}",
        "training_rows": ["r-1"] if tag == "wording" else [],
    }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A synthesised and tuned run with gold and held-out questions.

    The adapter is an empty file, the students are toys.
    """
    run = Project(tmp_path, "main", {"eval": EvalConfig(batch_tokens=512)})
    write_jsonl(run.graph_dir / "documents.jsonl", DOCUMENTS)
    write_jsonl(
        run.graph_dir / "entities.jsonl",
        [Entity(id="e-1", name="Wenna", type="person", description="keeper", chunk_ids=[])],
    )
    rows = [
        heldout_row(1, "How much is a crossing with Hettary?", "Two coppers."),
        heldout_row(2, "Which colour has the ferry?", "Red.", "untrained"),
    ]
    write_jsonl(run.data_dir / "heldout.jsonl", rows)
    write_jsonl(run.gold, [json.loads(json.dumps(row)) for row in GOLD])
    run.adapter_dir.mkdir(parents=True)
    (run.adapter_dir / "adapter_model.safetensors").write_bytes(b"")
    return run


@pytest.fixture
def quiet() -> Console:
    """A console that prints nothing."""
    return Console(quiet=True)


@pytest.fixture
def toy_student() -> type[ToyStudent]:
    """The class, because test files cannot import from here."""
    return ToyStudent


@pytest.fixture
def embed() -> Callable[[Sequence[str]], list[list[float]]]:
    """The toy embeddings."""
    return toy_embed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a config and nothing else."""
    (tmp_path / "ragtuned.toml").write_text('[tuning]\nbase = "some/base"\n', encoding="utf-8")
    return tmp_path


@pytest.fixture
def evaluated(
    project: Project, quiet: Console, embed: Callable[[Sequence[str]], list[list[float]]], toy_student: type
) -> Project:
    """A run of the usual three that was evaluated: tuned knows the fare."""
    students = {None: toy_student(lambda _: "Paris"), project.adapter_dir: toy_student(lambda _: "two coppers")}
    config = project.section("eval", EvalConfig)
    evaluate(project, config, "toy", lambda adapter: students[adapter], lambda: embed, quiet)
    return project
