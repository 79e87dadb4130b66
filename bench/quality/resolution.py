"""How well names of one thing are merged and names of two kept apart.

Precision and recall by category, on labelled pairs.

python -m bench.quality.resolution                                # without a model: the figures of docs/entities.md
python -m bench.quality.resolution --normalised                   # of what is decided without a rule for doubts, too
python -m bench.quality.resolution --teacher examples/demo/embedded.toml --work /tmp/pairs    # asks a model
python -m bench.quality.resolution --misses                       # and the pairs of the first half answered wrongly

With --teacher each scene is a run of its own. An embedded model is asked at once; for any other, WORK/requests.jsonl
is written in the form of the OpenAI Batch API, and the same command reads WORK/results.jsonl when it is there.

bench/quality/resolution.jsonl was written by hand, before the rules that it measures: two names, whether they are one
thing, and the scene they stand in (what was found in each chunk; `documents` numbers the document of each chunk, one
each if not named; `text` is what the chunks say, the names one after the other if not given). Every second pair of a
category is held back: the first rules were never tuned on it, and its figures stand apart. The category "later" was
written after the rules, to find their limits, and changed none of them.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.errors import Waiting
from agents.extraction import Extraction, FoundEntity
from agents.models.batch_results import import_results
from agents.models.client import Client
from agents.models.config import ModelsConfig
from agents.models.store import CallStore
from agents.project import Project
from agents.records import Chunk, Entity
from bench.measurement import ROOT, write_result
from graphs.concurrency import gather
from graphs.knowledge.judging import same_pairs
from graphs.knowledge.merge import KnowledgeConfig, Merging
from graphs.knowledge.pairs import Pair
from graphs.run import open_clients
from ragtuned import SECTIONS

PAIRS = ROOT / "bench" / "quality" / "resolution.jsonl"


def is_one(pair: Mapping[str, Any], entities: Sequence[Entity]) -> bool:
    """Whether the two names of a pair came out as one entity.

    The left one as its first chunk has it, the right one as its last.
    """
    chunks, extractions = scene(pair)
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


async def _judged(mergings: Sequence[Merging], client: Client) -> list[list[Pair]]:
    """The pairs of each scene that the model takes for one thing. Raises `Waiting`."""

    async def one(merging: Merging) -> list[Pair]:
        same, _ = await same_pairs(merging, client, nullcontext())
        return same

    places = asyncio.Semaphore(client.config.calls_at_once)
    return await gather(mergings, one, places)


def _asked(mergings: Sequence[Merging], teacher: Path, work: Path) -> list[list[Pair]] | None:
    """What `_judged` says; None where requests were written instead."""
    work.mkdir(parents=True, exist_ok=True)
    store = CallStore(work / "calls.sqlite")
    try:
        if (results := work / "results.jsonl").is_file():
            import_results(store, results)
        project = Project.open(teacher.parent, "bench", SECTIONS, teacher.name)
        local = "local" in [model.provider for model in project.section("models", ModelsConfig).root.values()]
        clients = open_clients(project, store, replay=False, batch=None if local else work / "requests.jsonl")
        try:
            return asyncio.run(_judged(mergings, clients["same_entity"]))
        except* Waiting:
            batch = clients["same_entity"].batch
            assert batch is not None  # nothing waits without one
            print(f"{batch.write()['requests']} requests in {batch.path}")
        return None
    finally:
        store.close()


def main(
    normalised: Annotated[bool, typer.Option("--normalised", help="Take every doubtful pair for two.")] = False,
    teacher: Annotated[Path | None, typer.Option(help="The config of a project whose model judges the pairs.")] = None,
    work: Annotated[Path, typer.Option(help="Where its replies are kept.")] = Path("resolution-work"),
    misses: Annotated[bool, typer.Option("--misses", help="Print the wrong answers, but for those held back.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; bench/results/resolution.json if not named.")
    ] = None,
) -> None:
    """Measure the merges on the labelled pairs."""
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    config = KnowledgeConfig.model_validate({})
    mergings = [Merging(extractions, chunks, config) for chunks, extractions in map(scene, pairs)]
    if teacher:
        judged = _asked(mergings, teacher, work)
    else:
        judged = [[] if normalised else merging.likely() for merging in mergings]
    if judged is None:
        return
    seen: Counter[str] = Counter()
    outcomes: dict[str, Counter[tuple[bool, bool]]] = {"all": Counter(), "tuned on": Counter(), "held back": Counter()}
    for pair, merging, same in zip(pairs, mergings, judged, strict=True):
        half = "later" if pair["category"] == "later" else "held back" if seen[pair["category"]] % 2 else "tuned on"
        seen[pair["category"]] += 1
        merged = is_one(pair, merging.end(same).entities)
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
    asked = {"doubtful": sum(len(merging.pairs) for merging in mergings)}
    write_result("resolution", {"pairs": len(pairs), **asked, "by_category": result}, out)


if __name__ == "__main__":
    typer.run(main)
