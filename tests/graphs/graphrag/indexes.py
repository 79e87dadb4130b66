"""A small GraphRAG index as GraphRAG itself writes one.

Titles in capitals, paragraphs with [Data: …], several communities at the top.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.conftest import PAGES

APRIL, JUNE, JULY = PAGES.values()
CUT = JUNE.index("Bastow Pask keeps")
TITLES = ("BASTOW PASK", "WENNA TOLLEY", "ORLA DUNN", "MARROW", "GULL POINT")
FOUND = (  # summary, explanation
    (
        "Who keeps the lamp",
        "On Monday Bastow Pask bought the blue boat from Wenna Tolley [Data: Entities (1, 4)]. She likes it there. "
        "Wenna Tolley built the tower of Ostrey. "
        "Bastow Pask keeps the lamp now. [Data: Sources (2), Relationships (0, +more)]",
    ),
    ("Pay", "The council of Ostrey pays Bastow Pask nine coppers in a week."),
)


def tables(old: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The rows of the index by table, in the columns of graphrag 2.7 or, if `old`, of 1.0."""
    texts = {"u-april": APRIL, "u-june-1": JUNE[:CUT].rstrip(), "u-june-2": JUNE[CUT:], "u-july": JULY}
    documents = {"d-april": ("april.md", APRIL), "d-june": ("june.md", JUNE), "d-july": ("july.txt", JULY)}
    of = ("d-april", "d-june", "d-june", "d-july")
    mentions = {i: [u for u, text in texts.items() if title.lower() in text.lower()] for i, title in enumerate(TITLES)}
    ends = ((0, 1, ["u-april"]), (0, 2, ["u-july"]), (1, 3, ["u-june-1"]))
    groups = ((0, 0, -1, [0, 1, 4]), (1, 0, -1, [2, 3]), (2, 1, 0, [0, 1]))
    reports = (
        (0, FOUND),
        (2, (("Boat", "Bastow Pask bought the blue boat from Wenna Tolley. [Data: Entities (0), Reports (0)]"),)),
    )
    return {
        "documents": [
            {
                "id": i,
                "human_readable_id": n,
                "title": title,
                "text": text,
                "text_unit_ids": [u for u, d in zip(texts, of, strict=True) if d == i],
            }
            for n, (i, (title, text)) in enumerate(documents.items())
        ],
        "text_units": [
            {
                "id": i,
                "human_readable_id": n,
                "text": text,
                "n_tokens": 40,
                "document_ids": [d],
                "entity_ids": [],
                "relationship_ids": [],
            }
            for n, ((i, text), d) in enumerate(zip(texts.items(), of, strict=True))
        ],
        "entities": [
            {
                "id": f"e-{n}",
                "human_readable_id": n,
                "title": t,
                "type": "PERSON" if n < 3 else "GEO",
                "description": f"About {t}",
                "text_unit_ids": mentions[n],
            }
            for n, t in enumerate(TITLES)
        ],
        "relationships": [
            {
                "id": f"r-{n}",
                "human_readable_id": n,
                "source": TITLES[a],
                "target": TITLES[b],
                "description": "They met.",
                "weight": 7.0,
                "combined_degree": 3,
                "text_unit_ids": units,
            }
            for n, (a, b, units) in enumerate(ends)
        ],
        "communities": [
            {
                "id": f"c-{n}",
                "human_readable_id": n,
                "community": n,
                "level": level,
                "parent": parent,
                **({} if old else {"children": [2] if n == 0 else []}),
                "title": f"Community {n}",
                "entity_ids": [f"e-{m}" for m in members],
                "relationship_ids": [],
                "text_unit_ids": list(dict.fromkeys(u for m in members for u in mentions[m])),
                "period": "2025-01-01",
                "size": len(members),
            }
            for n, level, parent, members in groups
        ],
        "community_reports": [
            {
                "id": f"p-{n}",
                "human_readable_id": n,
                "community": n,
                "parent": -1,
                "level": 0,
                "title": f"Report {n}",
                "summary": f"Of community {n}.",
                "full_content": "",
                "rank": 5.0,
                ("rank_explanation" if old else "rating_explanation"): "",
                "findings": [{"explanation": text, "summary": summary} for summary, text in found],
                "full_content_json": "{}",
                "period": "2025-01-01",
                "size": 3,
            }
            for n, found in reports
        ],
    }


def write_index(folder: Path, old: bool = False, **changed: list[dict[str, Any]]) -> Path:
    """The index as parquet in `folder`, tables in `changed` with those rows; an empty list leaves the file out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**tables(old), **changed}.items():
        if rows:
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{'create_final_' * old}{name}.parquet")
    return folder
