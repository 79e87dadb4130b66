"""How different the questions of a fact are, in files of rows.

python -m bench.quality.question_diversity runs/main/data/examples.jsonl --kind local --vectors

A line is an object with `fact` and `question`; rows that no model wrote (framings, pages, contrast) count like others
unless `--written` leaves them out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.models.embedding import minilm
from agents.records import MADE_BY_RULE
from graphs.dataset.diversity import Diversity, diversity, fact_diversity


def read(path: Path, kind: str, fact: str, written: bool) -> dict[str, list[str]]:
    """The questions of each fact whose id begins with `fact`, of one kind if it is not ""."""
    asked: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        if written and row.get("source", {}).get("role") in MADE_BY_RULE:
            continue
        if row["fact"].startswith(fact) and (not kind or row.get("kind", kind) == kind):
            asked[row["fact"]].append(row["question"])
    return asked


def table(measured: dict[str, Diversity]) -> Iterator[str]:
    """Lines of Markdown, a set a row."""
    yield "| rows | facts | questions a fact | of them distinct | ROUGE-L | shared 4-grams | cosine |"
    yield "|---|---|---|---|---|---|---|"
    for name, found in measured.items():
        likeness = (found.rouge_l, found.shared_4grams, found.cosine)
        told = " | ".join("" if value is None else f"{value:.2f}" for value in likeness)
        yield f"| {name} | {found.facts} | {found.questions:.1f} | {found.distinct:.1f} | {told} |"


def main(
    files: list[Path],
    kind: Annotated[str, typer.Option(help="Only rows of this kind; lines without a kind count.")] = "",
    fact: Annotated[str, typer.Option(help="Only facts whose id begins so.")] = "",
    written: Annotated[bool, typer.Option("--written", help="Only rows that a model wrote.")] = False,
    vectors: Annotated[bool, typer.Option("--vectors", help="The cosine of all-MiniLM-L6-v2 as well.")] = False,
) -> None:
    """Print the means of each file."""
    embed = minilm(print) if vectors else None
    asked = {path.as_posix(): read(path, kind, fact, written) for path in files}
    print(*table({name: diversity(fact_diversity(of, embed)) for name, of in asked.items()}), sep="\n")


if __name__ == "__main__":
    typer.run(main)
