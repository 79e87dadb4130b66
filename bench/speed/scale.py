"""What a synthesis does beside its model calls, on 1,000 to 10,000 chunks and up to 50,000 entities.

Seconds and peak memory.

python -m bench.speed.scale                              # the table of docs/performance.md
python -m bench.speed.scale --chunks 1000 --a-chunk 5

The chunks, the extractions, the reports and the drafted rows are made; the stages are the real ones. Every size runs in
a process of its own, whose processor seconds and largest resident set are its own too; `exponent` is what seconds grow
with from one size to the next: 1 is linear.
"""

from __future__ import annotations

import json
import math
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from agents.extraction import Extraction, FoundEntity, FoundRelation
from agents.records import Brief, Chunk, Community, Document, Evidence, Example, Finding, Report, Source, Verdict
from agents.roles.extractor import ENTITY_TYPES
from agents.text.fast_extractor import find
from agents.text.names import names_in
from bench.corpus import CHUNKS_A_DOCUMENT, names
from bench.measurement import write_result
from graphs.briefs.budget import Spent
from graphs.briefs.community import global_briefs
from graphs.briefs.coverage import coverage, more_briefs
from graphs.briefs.local import local_briefs
from graphs.briefs.unanswerable import unanswerable_briefs
from graphs.config import SynthesisConfig
from graphs.dataset.contrast import contrast_rows
from graphs.dataset.filters import filter_rows
from graphs.dataset.near_duplicates import later_duplicates
from graphs.dataset.quoted_rows import entity_rows, page_rows, report_rows
from graphs.dataset.splits import SplitRow, split_rows
from graphs.knowledge.communities import detect
from graphs.knowledge.graphml import graphml
from graphs.knowledge.merge import KnowledgeConfig, Merged, merge, to_graph
from graphs.knowledge.sources import Sources

SHARED = 5  # entities that a chunk has in common with the chunk before it
SHORT = 4  # every so many-th name of a chunk is a surname alone
LIKELY = 0.9  # that a type is right
HUBS = 20  # entities that stand in every twentieth chunk
WORDINGS = 3  # of a drafted question
DEEDS = (
    "sold nine lanterns to",
    "wrote a long letter to",
    "walked with",
    "waited for",
    "paid forty coppers to",
    "carried the ledger to",
)


class Measured:
    """Processor seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what the block takes."""
        started = time.process_time()
        yield
        self.seconds[name] = round(time.process_time() - started, 2)


def corpus(chunks: int, a_chunk: int) -> tuple[list[Chunk], dict[str, Extraction]]:
    """Chunks of `a_chunk` new names each, some of the chunk before, and a hub; and what an extractor finds in them."""
    people = names(chunks * a_chunk + HUBS, "scale", parts=2)
    rng = random.Random(0)
    made, extractions = [], {}
    for n in range(chunks):
        cast = [*people[max(0, n * a_chunk - SHARED) : (n + 1) * a_chunk], people[-1 - n % HUBS]]
        pairs = [*zip(cast, cast[1:], strict=False)]
        text = " ".join(f"{a} {rng.choice(DEEDS)} {b} on {1 + n % 28} May {1700 + n % 200}." for a, b in pairs)
        chunk_id = f"chunk-{n:06}"
        made.append(
            Chunk(id=chunk_id, document_id=f"doc-{n // CHUNKS_A_DOCUMENT:06}", start=0, end=len(text), text=text)
        )
        spoken = [name.split()[-1] if k % SHORT == 0 else name for k, name in enumerate(cast[-10:])]
        found = [FoundEntity(name, "person" if rng.random() < LIKELY else "place") for name in spoken]
        extractions[chunk_id] = Extraction(
            entities=found, relations=[FoundRelation(a, "met", b) for a, b in pairs[-6:]]
        )
    return made, extractions


def drafted(briefs: list[Brief], chunks: dict[str, Chunk]) -> list[Example]:
    """What a writer that is always right would have made of the briefs, several wordings each."""
    rows = []
    for brief in briefs:
        chunk = chunks[brief.chunk_ids[0]]
        (fact,) = brief.statements
        evidence = [Evidence(chunk_id=chunk.id, start=0, end=len(fact), quote=fact)]
        for n in range(1 + WORDINGS):
            asked = (
                f"{('What', 'Which deed', 'What thing', 'In other words, what')[n]} is told of "
                f"{' and '.join(names_in(fact)[:2])}?"
            )
            rows.append(_row(brief, asked, n, evidence, chunk))
    return rows


def _row(brief: Brief, asked: str, number: int, evidence: list[Evidence], chunk: Chunk) -> Example:
    source = Source(
        documents=[chunk.document_id], chunks=[chunk.id], role="question_writer.local", prompt="", model="made", seed=0
    )
    return Example(
        id=f"{brief.id}-{number}",
        kind="local",
        fact=brief.id,
        wording_of=f"{brief.id}-0" if number else None,
        question=asked,
        reasoning="",
        answer=brief.about,
        evidence=evidence,
        source=source,
        round=1,
        verdict=Verdict(gates={}),
    )


def measure(size: int, a_chunk: int) -> dict[str, Any]:
    """Every stage on one size."""
    chunks, extractions = corpus(size, a_chunk)
    measured = Measured()
    with measured.stage("fast extractor"):
        for chunk in chunks:
            find(chunk.text, ENTITY_TYPES)
    with measured.stage("merge"):
        found = merge(extractions, chunks, KnowledgeConfig.model_validate({}))
    with measured.stage("communities"):
        graph = to_graph(found.entities, found.relations)
        communities = detect(graph, found.entities, 8, 0)
        graphml(graph)
    rows = _rows(measured, chunks, found, communities)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counts = {
        "entities": len(found.entities),
        "merges": len(found.merges),
        "edges": graph.number_of_edges(),
        "communities": len(communities),
        "rows": rows,
    }
    return {
        "chunks": size,
        **counts,
        "seconds": measured.seconds,
        "total_s": round(sum(measured.seconds.values()), 1),
        "peak_mib": round(peak),
    }


def _report(community: Community) -> Report:
    claims = [
        Finding(claim=f"{member} is here.", chunk_ids=community.chunk_ids[:3]) for member in community.entity_ids[:6]
    ]
    return Report(id=community.id, title="", summary="", findings=claims)


def _rows(measured: Measured, chunks: list[Chunk], found: Merged, communities: list[Community]) -> int:
    size = len(chunks)
    reports = [_report(community) for community in communities]
    config = SynthesisConfig.model_validate({"local": {"briefs": size}, "unanswerable": {"briefs": size // 10}})
    with measured.stage("briefs"):
        briefs = local_briefs(chunks, found.entities, config)
        global_briefs(reports, found.entities, config)
        unanswerable_briefs(found.entities, config)
    drafts = drafted(briefs, {chunk.id: chunk for chunk in chunks})
    with measured.stage("filters"):
        kept, _ = filter_rows(drafts)
    vectors = np.random.default_rng(0).normal(size=(len(kept), 384))  # as many as facts: one a chunk
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with measured.stage("dedup by vectors"):
        later_duplicates(vectors, 0.9)
    documents = {
        c.document_id: Document(id=c.document_id, path=c.document_id, title=c.document_id, text=c.text) for c in chunks
    }
    with measured.stage("rows without a model"):
        made = [
            *contrast_rows(kept, found.entities, "\n".join(c.text for c in chunks), size // 10, 0),
            *page_rows(chunks, documents, 0),
        ]
        made += entity_rows(found.entities, chunks, documents, 0)
        made += report_rows(reports, Sources(config, {}, documents, {chunk.id: chunk for chunk in chunks}))
    with measured.stage("coverage"):
        items = (chunks, found.entities, [(r.source, r.target) for r in found.relations], communities)
        coverage(briefs, *items)
        coverage(briefs[::2], *items)
        more_briefs(briefs, briefs[::2], Spent.on(kept), chunks, found.entities, config)
    with measured.stage("splits"):
        done, *_ = split_rows([*map(SplitRow.of, [*kept, *made])], 0.05, 0)
    return len(done)


def main(
    chunks: Annotated[
        list[int] | None, typer.Option(min=10, help="Size of the corpus; may be given several times.")
    ] = None,
    a_chunk: Annotated[int, typer.Option(min=1, help="New entities of each chunk.")] = 5,
    one: Annotated[bool, typer.Option("--one", help="Measure one size in this process and print it.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file to write; bench/results/scale.json if not named.")] = None,
) -> None:
    """Measure the stages that call no model."""
    sizes = chunks or [1000, 3000, 10000]
    if one:
        print(json.dumps(measure(sizes[0], a_chunk)))
        return
    runs: list[dict[str, Any]] = []
    for size in sizes:
        child = [sys.executable, "-m", "bench.speed.scale", "--one", "--chunks", str(size), "--a-chunk", str(a_chunk)]
        runs.append(json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout))
        if len(runs) > 1:
            grown = [runs[-1][key] / runs[-2][key] for key in ("total_s", "chunks")]
            runs[-1]["exponent"] = round(math.log(grown[0]) / math.log(grown[1]), 2)
        print(runs[-1])
    write_result("scale", {"runs": runs}, out)


if __name__ == "__main__":
    typer.run(main)
