"""The tables of a GraphRAG index: read whole, or refused with file and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.errors import InputError
from graphs.graphrag.columns import NEEDED
from graphs.graphrag.tables import index_files, read_tables, whole, write_tables
from tests.graphs.graphrag.indexes import tables, write_index


@pytest.mark.parametrize("old", [False, True], ids=["2.x", "1.0"])
def test_both_ways_of_naming_files_are_read(tmp_path: Path, old: bool) -> None:
    read = read_tables(write_index(tmp_path, old))
    assert set(read) == set(NEEDED)
    assert [row["id"] for row in read["entities"].rows] == [row["id"] for row in tables()["entities"]]


def test_a_table_that_pandas_wrote_with_its_index_is_read(tmp_path: Path) -> None:
    import pandas as pd

    write_index(tmp_path)
    for name, of in tables().items():
        frame = pd.DataFrame(of).iloc[[len(of) - 1, *range(len(of) - 1)]]
        frame.to_parquet(tmp_path / f"{name}.parquet")
    assert pq.read_schema(tmp_path / "entities.parquet").names[-1] == "__index_level_0__"
    assert [row["id"] for row in read_tables(tmp_path)["entities"].rows] == ["e-4", "e-0", "e-1", "e-2", "e-3"]


def test_files_of_two_versions_are_never_mixed(tmp_path: Path) -> None:
    write_index(tmp_path, old=True)
    write_index(tmp_path, reports=[])
    assert {path.name for path in index_files(tmp_path).values()} == {f"{name}.parquet" for name in NEEDED}


def test_the_documents_may_be_missing_and_nothing_else(tmp_path: Path) -> None:
    assert "documents" not in index_files(write_index(tmp_path / "a", documents=[]))
    with pytest.raises(InputError, match=r"entities\.parquet, communities\.parquet missing\n.*output/"):
        index_files(write_index(tmp_path / "b", entities=[], communities=[]))


@pytest.mark.parametrize(
    ("name", "message"), [("nowhere", "is no folder"), ("", "is no GraphRAG index: text_units.parquet")]
)
def test_a_folder_that_is_none_or_empty_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_tables(tmp_path / name)


def rows(name: str, /, **change: Any) -> Any:
    """The rows of a table with a column changed or, for None, taken out."""
    gone = {column for column, value in change.items() if value is None}
    return [{k: v for k, v in {**row, **change}.items() if k not in gone} for row in tables()[name]]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (
            "entities",
            {"title": None, "name": "X"},
            (
                r"entities\.parquet: not a table of graphrag 1\.0 to 3\.3\n.*column title is missing\n.*column name "
                r"is unknown"
            ),
        ),
        (
            "relationships",
            {"text_unit_ids": "u-april"},
            r"relationships\.parquet.*\n.*column text_unit_ids holds string, not texts",
        ),
        (
            "text_units",
            {"document_ids": None},
            r"text_units\.parquet.*\n.*column document_ids \(or document_id\) is missing",
        ),
        ("communities", {"level": "0"}, r"communities\.parquet.*\n.*column level holds string, not int"),
        (
            "community_reports",
            {"findings": "none"},
            r"community_reports\.parquet.*\n.*column findings holds string, not findings",
        ),
        ("entities", {"id": "e-0"}, r"entities\.parquet: id 'e-0' stands in 5 rows"),
        ("communities", {"community": 1}, r"communities\.parquet: community 1 stands in 3 rows"),
    ],
    ids=["missing-and-unknown", "no-list", "no-document", "number-as-text", "no-findings", "id-twice", "number-twice"],
)
def test_what_is_wrong_is_told_by_file_and_column(
    tmp_path: Path, name: str, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_tables(write_index(tmp_path, **{name: rows(name, **change)}))


def test_an_empty_id_is_no_id(tmp_path: Path) -> None:
    first, *others = tables()["text_units"]
    with pytest.raises(InputError, match=r"text_units\.parquet: id is empty in 1 row"):
        read_tables(write_index(tmp_path, text_units=[{**first, "id": None}, *others]))


@pytest.mark.parametrize("left", [0, 10, 0.5, 0.99], ids=["empty", "head-only", "half", "cut-at-the-end"])
def test_a_truncated_file_is_named(tmp_path: Path, left: Any) -> None:
    file = write_index(tmp_path) / "entities.parquet"
    whole_file = file.read_bytes()
    file.write_bytes(whole_file[: left if left >= 1 else int(len(whole_file) * left)])
    with pytest.raises(InputError, match=r"entities\.parquet cannot be read as parquet"):
        read_tables(tmp_path)


def test_numbers_that_pandas_made_floats_are_whole_again() -> None:
    assert [whole(value) for value in (3, 3.0, float("nan"), None)] == [3, 3, None, None]


def test_a_table_without_a_row_keeps_the_kinds_of_its_columns(tmp_path: Path) -> None:
    write_tables(tmp_path, {"entities": [], "community_reports": []})
    schema = pq.read_schema(tmp_path / "entities.parquet")
    assert schema.field("text_unit_ids").type == pa.list_(pa.string())
    assert pa.types.is_struct(pq.read_schema(tmp_path / "community_reports.parquet").field("findings").type.value_type)
