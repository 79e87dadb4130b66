"""How well names of one thing are merged and names of two kept apart.

Precision and recall by category, on labelled pairs.

python -m bench.quality.resolution                # the figures of docs/entities.md
python -m bench.quality.resolution --misses       # and the pairs of the first half that are answered wrongly

bench/quality/resolution.jsonl was written by hand, before the rules that it measures: two names, whether they are one
thing, and the scene they stand in (what was found in each chunk; `documents` numbers the document of each chunk, one
each if not named; `text` is what the chunks say, the names one after the other if not given). Every second pair of a
category is held back: the rules were never tuned on it, and its figures stand apart. The category "later" was written
after the rules, to find their limits, and changed none of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.extraction import Extraction, FoundEntity
from agents.records import Chunk
from bench.measurement import ROOT, write_result
from graphs.knowledge.merge import KnowledgeConfig, merge

PAIRS = ROOT / "bench" / "quality" / "resolution.jsonl"


def is_one(pair: Mapping[str, Any]) -> bool:
    """Whether the two names of a pair came out as one entity.

    The left one as its first chunk has it, the right one as its last.
    """
    chunks, extractions = scene(pair)
    entities = merge(extractions, chunks, KnowledgeConfig.model_validate({})).entities
    found = []
    for name, order in ((pair["left"], 1), (pair["right"], -1)):
        here = next(c.id for c in chunks[::order] if name in (e.name for e in extractions[c.id].entities))
        found.append({e.id for e in entities if name in (e.name, *e.aliases) and here in e.chunk_ids})
    return bool(found[0] & found[1])


def scene(pair: Mapping[str, Any]) -> tuple[list[Chunk], dict[str, Extraction]]:
    """The chunks of a pair and what was found in them."""
    chunks, extractions = [], {}
    for number, lines in enumerate(pair["chunks"]):
        found = [FoundEntity(name, kind) for kind, _, name in (line.partition(": ") for line in lines)]
        text = pair["text"][number] if "text" in pair else " met ".join(entity.name for entity in found) + "."
        document = pair["documents"][number] if "documents" in pair else number
        chunks.append(Chunk(id=f"chunk-{number}", document_id=f"doc-{document}", start=0, end=len(text), text=text))
        extractions[f"chunk-{number}"] = Extraction(entities=found, relations=[])
    return chunks, extractions


def figures(outcomes: Counter[tuple[bool, bool]]) -> dict[str, Any]:
    """Precision and recall of merges from counts of (is one, was merged); None where there is nothing to divide by."""
    right, lost, wrong = outcomes[True, True], outcomes[True, False], outcomes[False, True]
    return {
        "merges": right + lost,
        "non_merges": wrong + outcomes[False, False],
        "precision": round(right / (right + wrong), 3) if right + wrong else None,
        "recall": round(right / (right + lost), 3) if right + lost else None,
        "merged_wrongly": wrong,
        "not_merged": lost,
    }


def main(
    misses: Annotated[bool, typer.Option("--misses", help="Print the wrong answers, but for those held back.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; bench/results/resolution.json if not named.")
    ] = None,
) -> None:
    """Measure the merges on the labelled pairs."""
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    seen: Counter[str] = Counter()
    outcomes: dict[str, Counter[tuple[bool, bool]]] = {"all": Counter(), "tuned on": Counter(), "held back": Counter()}
    for pair in pairs:
        half = "later" if pair["category"] == "later" else "held back" if seen[pair["category"]] % 2 else "tuned on"
        seen[pair["category"]] += 1
        merged = is_one(pair)
        for group in dict.fromkeys(("all", half, pair["category"])):
            outcomes.setdefault(group, Counter())[pair["same"], merged] += 1
        if misses and merged is not pair["same"] and half != "held back":
            print(
                f"{'not merged' if pair['same'] else 'merged wrongly'}: {pair['category']}: {pair['left']} | "
                f"{pair['right']}"
            )
    result = {group: figures(counts) for group, counts in outcomes.items()}
    for group, line in result.items():
        print(f"{group:16}", *(f"{key} {value}" for key, value in line.items()))
    write_result("resolution", {"pairs": len(pairs), "by_category": result}, out)


if __name__ == "__main__":
    typer.run(main)
