"""A run with two contestants' answers to twenty questions, and scripted judges: honest, biased and random ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.files import write_jsonl
from agents.models.scripted import ScriptedModel
from agents.project import Project
from agents.records import Document
from agents.roles.pairwise_judge import PairwiseVerdict
from eval.contestants.answering import Answer
from ragtuned import SECTIONS

PLACES = "Arbor Basin Cove Dale Elm Fen Grove Heath Isle Jetty Knoll Lane Mill Nook Orchard Pond Quay Ridge Stile Tor"
KEEPERS = "Ada Bela Cora Dora Ella Fara Gwen Hilda Ines Juna Kira Lena Mona Nora Olga Petra Quinn Rosa Sela Thea"
Judge = Callable[[dict[str, Any]], PairwiseVerdict]


def told(inputs: dict[str, Any], slot: str) -> str:
    """The answer in a slot, without its fence."""
    return re.sub(r"^<[^>]+>\n|\n</[^>]+>$", "", inputs[slot])


def verdict(winner: str) -> PairwiseVerdict:
    return PairwiseVerdict(reason="Because.", winner=winner)  # pyright: ignore[reportArgumentType]


def honest(inputs: dict[str, Any]) -> PairwiseVerdict:
    """The one whose name stands in the source, or that is no refusal; else a tie."""
    key = re.search(r"kept by (\w+)", inputs["source"])

    def worth(slot: str) -> int:
        answer = told(inputs, slot)
        return int(key[1] in answer) if key else int("know" not in answer)

    first, second = worth("first"), worth("second")
    return verdict("tie" if first == second else "1" if first > second else "2")


def longer(inputs: dict[str, Any]) -> PairwiseVerdict:
    first, second = (len(told(inputs, slot)) for slot in ("first", "second"))
    return verdict("tie" if first == second else "1" if first > second else "2")


def always_first(_inputs: dict[str, Any]) -> PairwiseVerdict:
    return verdict("1")


def at_random(inputs: dict[str, Any]) -> PairwiseVerdict:
    return verdict(random.Random(str(sorted(inputs.items()))).choice(["1", "2", "tie"]))


JUDGES: dict[str, Judge] = {
    "honest": honest,
    "always the first": always_first,
    "always the longer": longer,
    "random": at_random,
}


@pytest.fixture
def judges() -> dict[str, Judge]:
    """The judges by name."""
    return JUDGES


@pytest.fixture
def model_of() -> Callable[[Judge], ScriptedModel]:
    """A scripted model that judges by a function."""
    return lambda judge: ScriptedModel({"judge.pairwise": judge})


CONFIG = """
[models.teacher]
provider = "openai"
model = "a-teacher"
price_in = 1.0
price_out = 2.0

[models.judge]
provider = "openai"
model = "a-judge"
price_in = 1.0
price_out = 2.0

[roles]
judge = "judge"
"""


@pytest.fixture
def judged_run(tmp_path: Path) -> Project:
    """Twenty keepers of twenty places; tuned knows every second of them, rag every third."""
    (tmp_path / "ragtuned.toml").write_text(CONFIG, encoding="utf-8")
    run = Project.open(tmp_path, "main", SECTIONS)
    facts = list(zip(PLACES.split(), KEEPERS.split(), strict=True))
    pages = [
        Document(id=f"d-{n}", path=f"{place}.md", title=place, text=f"The lamp of {place} is kept by {keeper}.")
        for n, (place, keeper) in enumerate(facts)
    ]
    write_jsonl(run.graph_dir / "documents.jsonl", pages)
    gold = [
        {
            "id": f"g-{n}",
            "kind": "local",
            "question": f"Who keeps the lamp of {place}?",
            "answers": [keeper],
            "evidence": [{"path": f"{place}.md", "quote": f"kept by {keeper}"}],
        }
        for n, (place, keeper) in enumerate(facts)
    ]
    write_jsonl(run.gold, gold)
    for name, every in (("tuned", 2), ("rag", 3)):
        answers = [
            Answer(
                question=f"g-{n}",
                contestant=name,
                text=f"{keeper} keeps it." if n % every == 0 else "I do not know that, I am afraid.",
                raw="",
                finished=True,
                prompt_tokens=1,
                completion_tokens=1,
                seconds=0.1,
            )
            for n, (_, keeper) in enumerate(facts)
        ]
        write_jsonl(run.eval_dir / "answers" / f"{name}.jsonl", answers)
    return run
