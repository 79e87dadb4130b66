"""Items as the rows of an index, where the toy corpus does not reach: repeats, homonyms, findings without chunks."""

from __future__ import annotations

from pathlib import Path

from agents.records import Chunk, Community, Document, Entity, Finding, Relation, Report
from graphs.graphrag.read import read_index
from graphs.graphrag.tables import write_tables
from graphs.graphrag.write import index_rows

TEXT = "Yes. Ann left. Yes. Bo stayed."
SPANS = ((0, 14), (5, 9), (15, 19), (20, 30))


def test_whatever_stands_in_the_items_comes_back(tmp_path: Path) -> None:
    documents = [Document(id="d", path="a.csv#2", title="notes.md", text=TEXT, metadata={"file": "a.csv", "row": 2})]
    chunks = [Chunk(id=f"u{n}", document_id="d", start=a, end=b, text=TEXT[a:b]) for n, (a, b) in enumerate(SPANS)]
    names = (("e1", "Ann", "person"), ("e2", "Ann", "Ship"), ("e3", "BO", ""))
    entities = [
        Entity(id=i, name=name, type=kind, description="", aliases=[], chunk_ids=["u3", "u0"])
        for i, name, kind in names
    ]
    relations = [Relation(id="r1", source="e2", target="e1", description="hit", weight=0.25, chunk_ids=["u0"])]
    communities = [
        Community(id="whole", level=0, parent=None, entity_ids=["e1", "e2", "e3"], chunk_ids=["u3", "u0"]),
        Community(id="part", level=1, parent="whole", entity_ids=["e3", "e1"], chunk_ids=["u0"]),
    ]
    findings = [
        Finding(claim="Ann left. Bo stayed!  Never [Data: x] said", chunk_ids=["u3", "u1"]),
        Finding(claim="Nobody came.", chunk_ids=[]),
    ]
    reports = [
        Report(id="part", title="", summary=" ", findings=findings[1:]),
        Report(id="whole", title="T", summary="S", findings=findings[1:]),
    ]
    items = (documents, chunks, entities, relations, communities, reports[::-1])
    write_tables(tmp_path, index_rows(*items))
    index = read_index(tmp_path)
    assert (index.documents, index.chunks, index.entities, index.relations, index.communities, index.reports) == items
    assert index.skipped == []
