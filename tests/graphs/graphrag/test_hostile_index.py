"""A hostile GraphRAG index never ends in a traceback.

It ends in an `InputError` that names file, column and row, or is read with what is wrong left out by name.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.errors import InputError
from graphs.graphrag.read import read_index
from tests.graphs.graphrag.indexes import tables, write_index

Rows = list[dict[str, Any]]


def changed(name: str, number: int = 0, /, **values: Any) -> Rows:
    """The rows of a table, one of them with other values."""
    rows = tables()[name]
    rows[number] = {**rows[number], **values}
    return rows


def replaced(name: str, column: str, array: pa.Array) -> Callable[[Path], None]:
    """A column of another Arrow type in place of the table's own."""

    def write(folder: Path) -> None:
        table = pa.Table.from_pylist(tables()[name])
        at = table.schema.get_field_index(column)
        pq.write_table(table.set_column(at, column, array), folder / f"{name}.parquet")

    return write


def twice(folder: Path) -> None:
    table = pa.Table.from_pylist(tables()["entities"])
    pq.write_table(table.append_column("title", table["title"]), folder / "entities.parquet")


def written(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / f"{name}.parquet").write_bytes(content) and None


def cut(folder: Path) -> None:
    path = folder / "entities.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def spoiled(folder: Path) -> None:
    path = folder / "entities.parquet"
    raw = bytearray(path.read_bytes())
    raw[4:400] = bytes(396)
    path.write_bytes(bytes(raw))


def spoiled_footer(folder: Path) -> None:
    path = folder / "entities.parquet"
    raw = bytearray(path.read_bytes())
    raw[-8:-4] = (2**31 - 1).to_bytes(4, "little")
    path.write_bytes(bytes(raw))


def one_string_in_every_row(folder: Path) -> None:
    """A few kB on disk that are sixty gigabytes of text."""
    rows = 2000
    plain = {
        column: tables()["text_units"][0][column]
        for column in ("n_tokens", "document_ids", "entity_ids", "relationship_ids")
    }
    columns = {name: pa.array([value] * rows) for name, value in plain.items() if value} | {
        "id": pa.array([f"u{n}" for n in range(rows)]),
        "human_readable_id": pa.array(range(rows)),
        "text": pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 30_000_000])),
    }
    pq.write_table(pa.table(columns), folder / "text_units.parquet", compression="zstd")


def no_rows(name: str) -> Callable[[Path], None]:
    return lambda folder: pq.write_table(pa.Table.from_pylist(tables()[name]).slice(0, 0), folder / f"{name}.parquet")


REFUSED: dict[str, tuple[Callable[[Path], None] | dict[str, Rows], str]] = {
    "no-parquet": (written("entities", b"not parquet at all"), r"entities\.parquet cannot be read as parquet"),
    "empty-file": (written("entities", b""), r"entities\.parquet cannot be read as parquet"),
    "cut-off": (cut, r"entities\.parquet cannot be read as parquet"),
    "spoiled-pages": (spoiled, r"entities\.parquet cannot be read as parquet"),
    "footer-of-two-gigabytes": (spoiled_footer, r"entities\.parquet cannot be read as parquet"),
    "a-column-twice": (twice, r"entities\.parquet.*\n.*column title stands twice"),
    "numbers-for-text": (
        {"entities": [{**row, "title": n} for n, row in enumerate(tables()["entities"])]},
        r"column title holds int64, not text",
    ),
    "lists-for-text": (
        {"entities": [{**row, "title": ["a"]} for row in tables()["entities"]]},
        r"column title holds list.*, not text",
    ),
    "text-for-lists": (
        {"entities": [{**row, "text_unit_ids": "u-april"} for row in tables()["entities"]]},
        r"column text_unit_ids holds string, not texts",
    ),
    "structs-for-text": (
        {"text_units": [{**row, "text": {"a": {"b": "c"}}} for row in tables()["text_units"]]},
        r"column text holds struct.*, not text",
    ),
    "lists-of-lists": (
        {"communities": [{**row, "entity_ids": [["e-0"]]} for row in tables()["communities"]]},
        r"column entity_ids holds list.*, not texts",
    ),
    "a-list-of-numbers-for-findings": (
        {"community_reports": [{**row, "findings": [1, 2]} for row in tables()["community_reports"]]},
        r"column findings holds list<.*int64>, not findings",
    ),
    "findings-of-another-shape": (
        {"community_reports": [{**row, "findings": [{"claim": "x"}]} for row in tables()["community_reports"]]},
        r"column findings holds list<.*claim.*>, not findings",
    ),
    "findings-of-numbers": (
        {
            "community_reports": [
                {**row, "findings": [{"summary": 1, "explanation": 2}]} for row in tables()["community_reports"]
            ]
        },
        r"column findings holds list<.*int64.*>, not findings",
    ),
    "times-for-numbers": (
        {"communities": [{**row, "level": datetime.datetime(2025, 1, 1)} for row in tables()["communities"]]},
        r"column level holds timestamp.*, not int",
    ),
    "truth-for-numbers": (
        {"communities": [{**row, "community": bool(n)} for n, row in enumerate(tables()["communities"][:2])]},
        r"column community holds bool, not int",
    ),
    "bytes-for-text": (
        replaced("entities", "title", pa.array([b"\xff\xfe"] * 5)),
        r"column title holds binary, not text",
    ),
    "not-utf-8": (
        replaced("entities", "title", pa.Array.from_buffers(pa.string(), 5, pa.array([b"\xff\xfe"] * 5).buffers())),
        r"entities\.parquet: column title: .*UTF8",
    ),
    "a-number-that-is-none": (
        {"communities": changed("communities", 1, community=None)},
        r"communities\.parquet: community is empty in 1 row",
    ),
    "a-fraction-for-a-number": (
        {"communities": [{**row, "level": row["level"] + 0.5} for row in tables()["communities"]]},
        r"communities\.parquet, row 1: level is 0\.5, not a whole number",
    ),
    "infinity-for-a-number": (
        {
            "communities": [
                {**row, "community": float(n) if n else float("inf")} for n, row in enumerate(tables()["communities"])
            ]
        },
        r"communities\.parquet, row 1: community is inf, not a whole number",
    ),
    "a-negative-level": (
        {"communities": changed("communities", level=-5)},
        r"communities\.parquet, row 1: level is -5",
    ),
    "a-giant-level": (
        {"communities": changed("communities", level=2**62)},
        r"communities\.parquet, row 1: level is 4611686018427387904",
    ),
    "a-start-below-zero": (
        {"text_units": changed("text_units", start=-(10**18))},
        r"text_units\.parquet, row 1: start is -1000000000000000000, not a number",
    ),
    "an-id-twice": ({"entities": changed("entities", 1, id="e-0")}, r"entities\.parquet: id 'e-0' stands in 2 rows"),
    "an-empty-id": ({"entities": changed("entities", 1, id="")}, r"entities\.parquet, row 2: id is empty"),
    "no-text-unit": (no_rows("text_units"), r"text_units\.parquet holds no text unit with a text"),
    "the-same-text-a-thousand-times": (
        one_string_in_every_row,
        r"text_units\.parquet.*text unpacks to 60000000000 characters",
    ),
    "an-id-of-a-megabyte": (
        {"entities": changed("entities", id="x" * 1_000_000)},
        r"entities\.parquet, row 1: id has 1000000 characters",
    ),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_set_is_refused_by_file_and_column_or_row(tmp_path: Path, kind: str) -> None:
    how, message = REFUSED[kind]
    spoil(tmp_path, how)
    started = time.process_time()
    with pytest.raises(InputError, match=message) as told:
        read_index(tmp_path)
    assert time.process_time() - started < 20
    assert len(str(told.value)) < 2000


READ: dict[str, tuple[Callable[[Path], None] | dict[str, Rows], str]] = {
    "no-entity": (no_rows("entities"), ""),
    "no-report": (no_rows("community_reports"), ""),
    "a-title-of-nothing": ({"entities": changed("entities", title=None)}, "entities.parquet, row 1: no text"),
    "a-nul-in-a-title": ({"entities": changed("entities", title="BASTOW\0PASK")}, ""),
    "a-title-of-a-megabyte": (
        {"entities": changed("entities", title="X" * 1_000_000)},
        "entities.parquet, row 1: too large",
    ),
    "a-text-of-a-megabyte": (
        {"text_units": changed("text_units", text="word " * 200_000)},
        "text_units.parquet, row 1: too large",
    ),
    "a-text-unit-of-nothing": ({"text_units": changed("text_units", text=None)}, "text_units.parquet, row 1: no text"),
    "lists-with-nothing-in-them": (
        {"entities": changed("entities", text_unit_ids=[None, "u-april"])},
        "entities.parquet, row 1: unknown text unit",
    ),
    "no-list": ({"entities": changed("entities", text_unit_ids=None)}, "entities.parquet, row 1: unknown text unit"),
    "a-finding-of-nothing": (
        {"community_reports": changed("community_reports", findings=[None, {"summary": None, "explanation": None}])},
        "",
    ),
    "a-weight-of-nothing": ({"relationships": changed("relationships", weight=float("nan"))}, ""),
    "a-community-that-is-its-own-parent": (
        {"communities": changed("communities", parent=0)},
        "communities.parquet, row 1: unknown community",
    ),
    "communities-in-a-circle": (
        {"communities": [{**row, "parent": (1, 0, 0)[n]} for n, row in enumerate(tables()["communities"])]},
        "communities.parquet, row 1: unknown community",
    ),
    "a-unit-that-starts-before-its-text": (
        {"text_units": [{**row, "start": -1} for row in tables()["text_units"]]},
        "",
    ),
    "a-unit-that-starts-after-its-text": (
        {"text_units": [{**row, "start": 2**52} for row in tables()["text_units"]]},
        "",
    ),
    "metadata-of-brackets": ({"documents": [{**row, "metadata": "[" * 100_000} for row in tables()["documents"]]}, ""),
    "a-dictionary": (
        replaced("entities", "title", pa.array([row["title"] for row in tables()["entities"]]).dictionary_encode()),
        "",
    ),
    "a-path-that-climbs": ({"documents": [{**row, "path": "../../etc/passwd"} for row in tables()["documents"]]}, ""),
    "a-document-title-of-a-megabyte": (
        {"documents": changed("documents", title="T" * 1_000_000)},
        "documents.parquet, row 1: too large",
    ),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", READ)
def test_what_is_wrong_in_a_row_is_left_out_by_name(tmp_path: Path, kind: str) -> None:
    how, skipped = READ[kind]
    spoil(tmp_path, how)
    index = read_index(tmp_path)
    assert index.chunks
    assert not skipped or any(str(item).replace(", part", "").startswith(skipped) for item in index.skipped), [
        str(item)[:120] for item in index.skipped
    ]
    assert all(len(document.title) <= 301 and "\0" not in document.path for document in index.documents)


def spoil(folder: Path, how: Callable[[Path], Any] | dict[str, Any]) -> None:
    if isinstance(how, dict):
        write_index(folder, **how)
    else:
        write_index(folder)
        how(folder)
