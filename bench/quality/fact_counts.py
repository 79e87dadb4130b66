"""What a finished run of recipe facts came to: coverage, rows a fact, words of an answer and taught, refusals.

python -m bench.quality.fact_counts PROJECT RUN
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated

import typer

from agents.facts import Fact, Sentence
from agents.files import read_jsonl
from agents.records import Chunk, Example
from agents.text.stems import content_stems


def main(
    project: Annotated[Path, typer.Argument(help="A folder with a finished run.")],
    run: Annotated[str, typer.Argument(help="The name of the run.")] = "main",
) -> None:
    """Print the counts of one run."""
    folder = project / "runs" / run
    rows = read_jsonl(folder / "data" / "examples.jsonl", Example)
    facts, chunks = (
        read_jsonl(folder / "graph" / "facts.jsonl", Fact),
        read_jsonl(folder / "graph" / "chunks.jsonl", Chunk),
    )
    single = [row for row in rows if row.kind == "local"]
    each = Counter(row.fact for row in single)
    told: dict[str, set[str]] = defaultdict(set)
    trained = [row for row in rows if row.split == "train"]
    for row in trained:
        for span in row.evidence if row.kind in ("local", "multi_hop") else ():
            told[span.chunk_id] |= content_stems(f"{row.question} {row.answer}")
    shares = [len(said & told[c.id]) / len(said) for c in chunks if (said := content_stems(c.text))]
    unread = Counter(s.reason for s in read_jsonl(folder / "graph" / "sentences.jsonl", Sentence))
    record = json.loads((folder / "run.json").read_text())
    print(
        f"sentences by reason (none: it carries a fact): {dict(unread)}",
        f"with a kept fact: {record['coverage']['kept']['sentences']}",
        sep="; ",
    )
    words = sum(len(row.answer.split()) for row in single) / len(single)
    print(f"facts: {len(facts)}, with rows {len(each)}; words of an answer: {words:.1f}")
    print(f"rows of one fact: least {min(each.values())}, mean {len(single) / len(each):.1f}")
    print(f"content words of a chunk that a trained row holds: {sum(shares) / len(shares):.2f}")
    refused = sum(row.kind == "unanswerable" for row in trained)
    print(f"refusals: {refused / len(trained):.1%} of {len(trained)} training rows; calls: {record['calls']}", end=", ")
    tokens = sum(record["tokens"].values())
    print(f"a fact {record['calls'] / len(each):.2f}; tokens a kept row: {tokens / record['counts']['kept']:.0f}")


if __name__ == "__main__":
    typer.run(main)
