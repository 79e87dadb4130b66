"""The text units of a GraphRAG index become chunks that re-read from their documents by their offsets.

Where a document's text holds its units as they are, it is taken as it is; else (units with metadata in front,
characters cut in half, no documents table) its text is put together from its units.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.errors import InputError
from agents.records import Chunk, Document
from agents.text.printable import printable
from graphs.corpus.readers import LONGEST_TITLE, READERS, short_title, title_of
from graphs.graphrag.index_reading import IndexReading

LEAST_OVERLAP = 20  # characters that two units must share to count as overlapping and not as alike by chance
LONGEST_PATH = 4096  # characters; that of Linux
LONGEST_UNIT = 100_000  # characters: GraphRAG's own are some 5,000; a unit stands whole in every prompt about it
BREAK = "\n\n"  # between units that do not overlap
Unit = dict[str, Any]


def read_units(reading: IndexReading) -> tuple[list[Document], list[Chunk], int]:
    """Documents, chunks in the order of their documents, and how many documents are put together from their units.

    Raises:
        InputError: there is no text unit with a text.

    """
    units = _units(reading)
    given = {row["id"]: (number, row) for number, row in reading.rows("documents")}
    documents: list[Document] = []
    paths: set[str] = set()
    chunks: list[Chunk] = []
    rebuilt = 0
    for document_id in dict.fromkeys([*given, *units]):
        number, row = given.get(document_id, (0, {}))
        own, text = units.get(document_id, []), row.get("text") or ""
        starts = _places(text, own)
        if starts is None:
            rebuilt += 1
            text, starts = _joined([unit["text"] for unit in own])
        if not text.strip():
            reading.skip("documents", number, "no text", "it has neither a text nor a text unit")
            continue
        if row and len(row.get("title") or "") > LONGEST_TITLE:
            reading.skip(
                "documents",
                number,
                "too large",
                f"title has {len(row['title'])} characters; the first {LONGEST_TITLE} are kept",
            )
        documents.append(_document(document_id, row, text, len(documents) + 1, paths))
        paths.add(documents[-1].path)
        chunks += [
            Chunk(id=unit["id"], document_id=document_id, start=start, end=start + len(unit["text"]), text=unit["text"])
            for unit, start in zip(own, starts, strict=True)
        ]
    if not chunks:
        raise InputError(
            f"{reading.tables['text_units'].name} holds no text unit with a text",
            "such an index teaches nothing: make it again",
        )
    return documents, chunks, rebuilt


def _units(reading: IndexReading) -> dict[str, list[Unit]]:
    """The units with a text by the (first) document they are of."""
    found: dict[str, list[Unit]] = {}
    for number, row in reading.rows("text_units"):
        if not (row["text"] or "").strip():
            reading.skip("text_units", number, "no text", f"text unit {row['id']!r}")
            continue
        if len(row["text"]) > LONGEST_UNIT:
            reading.skip(
                "text_units",
                number,
                "too large",
                f"text unit {row['id']!r} has {len(row['text'])} characters, more than {LONGEST_UNIT}",
            )
            continue
        document_id = next(iter(row.get("document_ids") or []), None) or row.get("document_id")
        found.setdefault(document_id or "no document", []).append(row)
    return found


def _places(text: str, units: Sequence[Unit]) -> list[int] | None:
    """Where each unit begins in `text`, one after the other; None if one is not there."""
    starts: list[int] = []
    for unit in units:
        start, wanted = unit.get("start"), unit["text"]
        if start is None or start != start or not text.startswith(wanted, int(start)):
            start = text.find(wanted, starts[-1] + 1 if starts else 0)
            start = text.find(wanted) if start < 0 else start
        if start < 0:
            return None
        starts.append(int(start))
    return starts


def _joined(texts: Sequence[str]) -> tuple[str, list[int]]:
    """The units as one text in which what two of them share stands once, and where each begins."""
    whole, starts = "", []
    for text in texts:
        shared = _overlap(whole, text)
        whole += BREAK if whole and not shared else ""
        starts.append(len(whole) - shared)
        whole += text[shared:]
    return whole, starts


def _overlap(left: str, right: str) -> int:
    """How many characters end `left` and begin `right`.

    Only where the beginning stands in `left` need the rest be compared.
    """
    tail, head = left[-len(right) :], right[:LEAST_OVERLAP]
    at = tail.find(head) if len(head) == LEAST_OVERLAP else -1
    while at >= 0:
        if right.startswith(tail[at:]):
            return len(tail) - at
        at = tail.find(head, at + 1)
    return 0


def _document(document_id: str, row: dict[str, Any], text: str, number: int, taken: set[str]) -> Document:
    name, found = short_title(row.get("title") or f"document-{number}"), _metadata(row)
    path = printable((row.get("path") or "")[:LONGEST_PATH]) or (f"{name}#{number}" if name in taken else name)
    if row.get("path"):  # our own export
        return Document(id=document_id, path=path, title=name, text=text, metadata=found)
    title = short_title(title_of(name, text)) if not row.get("title") or Path(name).suffix.lower() in READERS else name
    return Document(id=document_id, path=path, title=title, text=text, metadata={"metadata": found} if found else {})


def _metadata(row: dict[str, Any]) -> dict[str, Any]:
    """The object in `metadata`, stored as one or as JSON; empty for anything else."""
    value = row.get("metadata")
    try:
        plain = json.loads(value if isinstance(value, str) else json.dumps(value, default=str))
    except (ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}
