"""What the extractor finds on pages whose names were labelled by hand, question by question, and what it says of pairs.

python -m bench.quality.extraction                  # the embedded teacher over fifteen pages of examples/journal
python -m bench.quality.extraction --lines          # and every relation, to be judged by a person

bench/quality/extraction.jsonl names what each page names (other spellings behind it) and what may be listed beside. A
listed name is right if it is one of these but for case and an article. bench/quality/relations.jsonl holds one person's
verdict of every relation that was found: whether it reads as a true statement in the direction given; a relation that
nobody judged is counted as open.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from agents.console import Console
from agents.extraction import Extraction, FoundEntity
from agents.models.client import Client
from agents.project import Project
from agents.records import Chunk
from agents.roles.extractor import ENTITY_TYPES, extract, of_types, read
from agents.roles.role import fence
from agents.text.fast_extractor import find
from bench.measurement import ROOT, write_result
from eval.demo import EMBEDDED
from graphs.corpus.chunks import chunk_documents
from graphs.corpus.documents import DocumentsConfig, load_documents
from graphs.run import at_work
from ragtuned import SECTIONS

JOURNAL = ROOT / "examples" / "journal"
LABELS = ROOT / "bench" / "quality" / "extraction.jsonl"
VERDICTS = ROOT / "bench" / "quality" / "relations.jsonl"
WAYS = ("fast", "first question", "with names left out")


def plain(name: str) -> str:
    """A name without case and article."""
    return re.sub(r"^(the|an?) ", "", name.strip().casefold())


def scored(found: Mapping[str, Sequence[FoundEntity]], labels: Mapping[str, Any]) -> dict[str, Any]:
    """Labelled names found, and listed names that are right, over all pages.

    A name that is listed twice counts twice.
    """
    counts: Counter[str] = Counter()
    for page, entities in found.items():
        listed, names = (
            [plain(entity.name) for entity in entities],
            [{plain(n) for n in spellings} for spellings in labels[page]["names"]],
        )
        right = set().union(*names, map(plain, labels[page]["also"]))
        counts.update(
            named=len(names),
            found=sum(bool(spellings & set(listed)) for spellings in names),
            listed=len(listed),
            right=sum(n in right for n in listed),
        )
    return {
        **counts,
        "recall": round(counts["found"] / counts["named"], 3),
        "precision": round(counts["right"] / max(1, counts["listed"]), 3),
    }


async def looked_at(client: Client, title: str, chunk: Chunk) -> dict[str, Extraction]:
    """What each way finds; the calls of the first question are those of the whole."""
    whole = await extract(client, title, chunk.text, ENTITY_TYPES)
    look = await of_types(ENTITY_TYPES).ask(
        client, document=fence(f"{title}\n\n{chunk.text}"), types=", ".join(ENTITY_TYPES)
    )
    return {
        WAYS[0]: find(chunk.text, ENTITY_TYPES),
        WAYS[1]: Extraction(entities=read(look), relations=[]),
        WAYS[2]: whole,
    }


async def measure(
    client: Client, pages: Mapping[str, tuple[str, Sequence[Chunk]]], labels: Mapping[str, Any]
) -> dict[str, Any]:
    """Figures by way, the relations by a person's verdict, and the calls."""
    asked = [(page, title, chunk) for page, (title, chunks) in pages.items() for chunk in chunks]
    found = await asyncio.gather(*(looked_at(client, title, chunk) for _, title, chunk in asked))
    await client.backend.close()
    by_way: dict[str, dict[str, list[FoundEntity]]] = {way: {page: [] for page in pages} for way in WAYS}
    lines: list[tuple[str, str]] = []
    for (page, *_), ways in zip(asked, found, strict=True):
        for way in WAYS:
            by_way[way][page] += ways[way].entities
        lines += [(page, f"{r.source} | {r.relation} | {r.target}") for r in ways[WAYS[2]].relations]
    judged = {
        (row["page"], row["line"]): row["verdict"]
        for row in map(json.loads, VERDICTS.read_text(encoding="utf-8").splitlines())
    }
    verdicts = Counter(judged.get(line, "open") for line in lines)
    entities = {way: scored(pages_found, labels) for way, pages_found in by_way.items()}
    return {
        "entities": entities,
        "relations": {"found": len(lines), **verdicts},
        "chunks": len(asked),
        "calls": len(client.keys),
        "lines": lines,
    }


def main(
    lines: Annotated[bool, typer.Option("--lines", help="Print every relation with its verdict.")] = False,
) -> None:
    """Measure the extractor on the labelled pages."""
    project = Project.open(JOURNAL, "extraction", SECTIONS, EMBEDDED.config)
    labels = {row["page"]: row for row in map(json.loads, LABELS.read_text(encoding="utf-8").splitlines())}
    config = project.section("documents", DocumentsConfig)
    documents = {d.id: d for d in load_documents(JOURNAL, config).documents}
    chunks = chunk_documents(list(documents.values()), config)
    pages = {
        name: (d.title, [c for c in chunks if c.document_id == d.id])
        for d in documents.values()
        if (name := d.path.rpartition("/")[2]) in labels
    }
    with at_work(project, Console(), replay=False, dry=False, backend=None, caps=None) as clients:
        client = clients["extractor"]
        found = asyncio.run(measure(client, pages, labels))
    for page, line in found.pop("lines") if lines else ():
        print(json.dumps({"page": page, "line": line, "verdict": ""}, ensure_ascii=False))
    for way, told in found["entities"].items():
        print(way, told)
    print(found["relations"], found["calls"], "calls over", found["chunks"], "chunks")
    found.pop("lines", None)
    write_result("extraction", {"teacher": client.backend.identity, **found})


if __name__ == "__main__":
    typer.run(main)
