"""Text units as chunks that re-read from their documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.errors import InputError
from agents.records import Chunk, Document
from graphs.graphrag.index_reading import IndexReading
from graphs.graphrag.tables import read_tables
from graphs.graphrag.text_units import LEAST_OVERLAP, _overlap, read_units
from tests.graphs.graphrag.indexes import JUNE, tables, write_index


def read(folder: Path, **changed: Any) -> tuple[IndexReading, list[Document], list[Chunk], int]:
    reading = IndexReading(read_tables(write_index(folder, **changed)))
    documents, chunks, rebuilt = read_units(reading)
    texts = {document.id: document.text for document in documents}
    assert all(texts[chunk.document_id][chunk.start : chunk.end] == chunk.text for chunk in chunks)
    return reading, documents, chunks, rebuilt


def units(**texts: str) -> list[dict[str, Any]]:
    return [{**row, "text": texts.get(row["id"].replace("-", "_"), row["text"])} for row in tables()["text_units"]]


def test_units_stand_in_the_text_of_their_documents(tmp_path: Path) -> None:
    _, documents, chunks, rebuilt = read(tmp_path)
    assert [(d.id, d.path, d.title) for d in documents][:2] == [
        ("d-april", "april.md", "Journal, 3 April"),
        ("d-june", "june.md", "Letter, 10 June"),
    ]
    assert [(c.id, c.document_id) for c in chunks][1:3] == [("u-june-1", "d-june"), ("u-june-2", "d-june")]
    assert (documents[1].text, rebuilt) == (JUNE, 0)


def test_without_the_documents_their_text_is_put_together_and_the_overlap_stands_once(tmp_path: Path) -> None:
    changed = units(u_june_1=JUNE[:100], u_june_2=JUNE[60:])
    _, documents, _, rebuilt = read(tmp_path, documents=[], text_units=changed)
    assert (documents[1].text, documents[1].title, documents[1].path, rebuilt) == (
        JUNE,
        "Letter, 10 June",
        "document-2",
        3,
    )


def test_a_unit_that_is_not_in_its_document_has_the_document_put_together(tmp_path: Path) -> None:
    _, documents, chunks, rebuilt = read(tmp_path, text_units=units(u_june_1="source: post\n" + JUNE[:60]))
    assert rebuilt == 1
    assert documents[1].text.startswith("source: post\n")
    assert len(chunks) == 4


def test_the_column_of_version_3_names_the_document_too(tmp_path: Path) -> None:
    changed = [
        {"document_id" if k == "document_ids" else k: v[0] if k == "document_ids" else v for k, v in row.items()}
        for row in tables()["text_units"]
    ]
    assert [chunk.document_id for chunk in read(tmp_path, text_units=changed)[2]] == [
        "d-april",
        "d-june",
        "d-june",
        "d-july",
    ]


def test_documents_of_one_title_get_paths_of_their_own(tmp_path: Path) -> None:
    documents = [{**row, "title": "notes"} for row in tables()["documents"]]
    assert [d.path for d in read(tmp_path, documents=documents)[1]] == ["notes", "notes#2", "notes#3"]


def test_metadata_is_kept_whether_it_is_an_object_or_json(tmp_path: Path) -> None:
    documents = [{**row, "metadata": '{"pages": "12"}'} for row in tables()["documents"]]
    assert read(tmp_path, documents=documents)[1][0].metadata == {"metadata": {"pages": "12"}}


def test_a_unit_without_text_is_told_and_left_out(tmp_path: Path) -> None:
    reading, _, chunks, _ = read(tmp_path, text_units=units(u_july=" "))
    assert [chunk.id for chunk in chunks] == ["u-april", "u-june-1", "u-june-2"]
    assert [str(item) for item in reading.skipped] == ["text_units.parquet, row 4: no text: text unit 'u-july'"]


def test_an_index_without_a_text_unit_is_an_error(tmp_path: Path) -> None:
    blank = [{**row, "text": ""} for row in tables()["text_units"]]
    with pytest.raises(InputError, match=r"text_units\.parquet holds no text unit"):
        read(tmp_path, text_units=blank)


@settings(max_examples=300)
@given(st.text(alphabet="ab ", min_size=0, max_size=60), st.text(alphabet="ab ", min_size=0, max_size=60))
def test_the_overlap_is_the_longest_end_that_is_also_a_beginning(left: str, right: str) -> None:
    lengths = range(min(len(left), len(right)), LEAST_OVERLAP - 1, -1)
    assert _overlap(left, right) == next((n for n in lengths if left.endswith(right[:n])), 0)
    whole = left + right[: len(right) // 2] + right
    assert _overlap(whole, right) == next(
        (n for n in range(len(right), LEAST_OVERLAP - 1, -1) if whole.endswith(right[:n])), 0
    )
