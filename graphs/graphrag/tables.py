"""The tables of a Microsoft GraphRAG index: read whole or refused, and written.

Files of graphrag 1.0 to 3.3; until 1.2 their names begin with create_final_. What columns there are says
graphs/graphrag/columns.py.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.errors import InputError
from agents.files import write_bytes
from graphs.graphrag.columns import KNOWN, NEEDED, UNIQUE, schema_faults

if TYPE_CHECKING:
    import pyarrow as pa

OLD = "create_final_"
OPTIONAL = "documents"  # its text can be put together from the text units
VERSIONS = "graphrag 1.0 to 3.3"
MOST_ROWS = 20_000_000  # of one table: every row becomes an object of some kilobytes
MOST_TEXT = 2_000_000_000  # characters of one column once unpacked; parquet stores a text that stands in every row once
LARGEST = 2**53  # pandas keeps whole numbers as floats where one is missing, which are exact up to here
LONGEST_ID = 1000  # characters; GraphRAG's are 36 to 128
LONGEST_SHOWN = 200  # characters of what pyarrow said, or of a column's type
MOST_FAULTS = 20  # of a schema, in an error
WHERE = f"name the folder with the parquet files of {VERSIONS}, mostly output/"


@dataclass(frozen=True)
class Table:
    """The rows of one file; `name` is the file's."""

    name: str
    rows: list[dict[str, Any]]


def index_files(folder: Path) -> dict[str, Path]:
    """The files of the index in `folder`, {table: path}.

    All of them as 2.0 names them, else all as 1.0 does, never a mixture.

    Raises:
        InputError: the folder or a table is not there; every missing one is named.

    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder", WHERE)
    new = {name: folder / f"{name}.parquet" for name in NEEDED}
    old = {name: folder / f"{OLD}{name}.parquet" for name in NEEDED}
    files = old if old["text_units"].is_file() and not new["text_units"].is_file() else new
    if missing := [path.name for name, path in files.items() if name != OPTIONAL and not path.is_file()]:
        raise InputError(f"{folder} is no GraphRAG index: {', '.join(missing)} missing", WHERE)
    return {name: path for name, path in files.items() if path.is_file()}


def read_tables(folder: Path) -> dict[str, Table]:
    """Every table of the index. Ids are unique, columns of the kind that GraphRAG writes.

    Raises:
        InputError: a file is missing or broken, a column is missing, unknown or of another kind (all of a file are
        named), an id stands twice.

    """
    return {name: Table(path.name, _rows(name, path)) for name, path in index_files(folder).items()}


def _rows(name: str, path: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {**NEEDED[name], **{column: kind for column, kind in KNOWN[name].items() if kind}}
    try:
        schema = pq.read_schema(path)
        faults = schema_faults(name, schema)
        rows = [] if faults else _unpacked(path, [column for column in schema.names if columns.get(column)], schema)
    except (pa.ArrowException, OSError, MemoryError, OverflowError) as error:
        raise InputError(
            f"{path} cannot be read as parquet: {str(error).splitlines()[0][:LONGEST_SHOWN]}",
            "copy or make the index again",
        ) from error
    if faults:
        shown = [fault[:LONGEST_SHOWN] for fault in faults[:MOST_FAULTS]] + [
            f"and {len(faults) - MOST_FAULTS} more"
        ] * (len(faults) > MOST_FAULTS)
        raise InputError(
            "\n".join([f"{path}: not a table of {VERSIONS}", *(f"  - {fault}" for fault in shown)]),
            "take out or add the columns named",
        )
    for column in UNIQUE[name]:
        _check_unique(path, column, rows)
    for column in rows[0] if rows else ():
        _check_values(path, column, columns[column], rows)
    return rows


def _unpacked(path: Path, columns: list[str], schema: pa.Schema) -> list[dict[str, Any]]:
    """The rows.

    Texts stay in their dictionaries until their length is known: one that stands in every row is stored once.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    import pyarrow.types as t

    file = pq.ParquetFile(
        path,
        read_dictionary=[
            c for c in columns if t.is_string(schema.field(c).type) or t.is_large_string(schema.field(c).type)
        ],
    )
    if file.metadata.num_rows > MOST_ROWS:
        raise InputError(f"{path} has {file.metadata.num_rows} rows, more than {MOST_ROWS}", "divide the index")
    table = file.read(columns)
    for column in columns:
        chunks = [chunk for chunk in table[column].chunks if t.is_dictionary(chunk.type)]
        held = sum(pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0 for chunk in chunks)  # pyright: ignore[reportAttributeAccessIssue]
        if held > MOST_TEXT:
            raise InputError(
                f"{path}: column {column} unpacks to {held} characters, more than {MOST_TEXT}", "divide the index"
            )
        try:
            table[column].validate(full=True)
            for chunk in chunks:
                chunk.dictionary.validate(full=True)
        except pa.ArrowInvalid as error:
            raise InputError(
                f"{path}: column {column}: {str(error).splitlines()[0][:LONGEST_SHOWN]}", "make the index again"
            ) from error
    return table.to_pylist()


def _check_values(path: Path, column: str, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Numbers are whole and not out of all range, ids are names; the first that is not is named by its row."""
    do = "correct the row, or make the index again"
    for number, row in enumerate(rows, 1):
        value = row[column]
        if (
            kind == "int"
            and value is not None
            and value == value
            and not (-1 <= value < LARGEST and value == int(value))
        ):
            whole_number = math.isfinite(value) and value == int(value)
            wanted = f"a number from -1 to {LARGEST}" if whole_number else "a whole number"
            raise InputError(f"{path}, row {number}: {column} is {value}, not {wanted}", do)
        if column == "id" and not str(value).strip():  # none at all was found by `_check_unique`
            raise InputError(f"{path}, row {number}: id is empty", do)
        if column == "id" and len(str(value)) > LONGEST_ID:
            raise InputError(f"{path}, row {number}: id has {len(str(value))} characters, more than {LONGEST_ID}", do)


def _check_unique(path: Path, column: str, rows: Sequence[Mapping[str, Any]]) -> None:
    values = Counter(row[column] for row in rows)
    twice = [
        f"{column} {repr(value)[:LONGEST_ID]} stands in {count} rows" for value, count in values.items() if count > 1
    ]
    if none := sum(count for value, count in values.items() if value is None or value != value):
        twice = [f"{column} is empty in {none} rows", *twice]
    if twice:
        more = f", and {len(twice) - 1} more" if len(twice) > 1 else ""
        raise InputError(f"{path}: {twice[0]}{more}", "which row is right cannot be told: make the index again")


def whole(value: Any) -> int | None:
    """An integer that pandas may have stored as a float; None where there is none."""
    return int(value) if value is not None and math.isfinite(value) else None


def write_tables(folder: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write the rows as the parquet files of an index, aside and renamed. Raises `WriteError`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, number = pa.string(), pa.int64()
    findings = pa.list_(pa.struct([("explanation", text), ("summary", text)]))
    types = {
        "text": text,
        "any": text,
        "int": number,
        "float": pa.float64(),
        "texts": pa.list_(text),
        "ints": pa.list_(number),
        "findings": findings,
    }
    for name, rows in tables.items():
        schema = pa.schema([(column, types[kind]) for column, kind in {**NEEDED[name], **KNOWN[name]}.items() if kind])
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), sink)
        write_bytes(folder / f"{name}.parquet", sink.getvalue().to_pybytes())
