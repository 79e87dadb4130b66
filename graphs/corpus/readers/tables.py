"""Rows of a csv or jsonl, each with its number; a row that is not whole is skipped by name and the others go on.

The csv module reads here and not langchain-community's CSVLoader (docs/decisions/0003), which takes a ragged row as it
comes.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from agents.errors import UnreadableFile
from agents.records import Skipped
from agents.text.normal_form import tidy
from graphs.corpus.readers.plain import decoded
from graphs.corpus.readers.reading import Options, Reading

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 50  # records that the delimiter is told from
SEPARATOR_LINE = re.compile(r"sep=(.)\n", re.IGNORECASE)  # Excel's own first line, which names the delimiter


class Row(NamedTuple):
    """A row's number as a person counts it, its text, and its other columns."""

    number: int
    text: str
    columns: dict[str, Any]


def read_csv(file: Path, name: str, options: Options) -> Iterator[Reading | Skipped]:
    """A document a row."""
    text, guessed = decoded(file.read_bytes())
    yield from as_readings(csv_rows(text, name), guessed)


def read_jsonl(file: Path, name: str, options: Options) -> Iterator[Reading | Skipped]:
    """A document a line."""
    text, guessed = decoded(file.read_bytes())
    yield from as_readings(jsonl_rows(text, name), guessed)


def as_readings(rows: Iterable[Row | Skipped], encoding: str = "", sheet: str = "") -> Iterator[Reading | Skipped]:
    """Each row as a text of its own; its columns go into the metadata."""
    for row in rows:
        if isinstance(row, Skipped):
            yield row
        else:
            yield Reading(tidy(row.text), row=row.number, more=row.columns, encoding=encoding, sheet=sheet)


def jsonl_rows(text: str, path: str) -> Iterator[Row | Skipped]:
    """An object with a `text` a line; the number is the line's."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            body = row.pop("text")
            json.dumps([row, body], ensure_ascii=False).encode()  # half a surrogate pair cannot be written
            if not isinstance(body, str):
                raise TypeError(body)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            yield Skipped(
                path=path, part=f"row {number}", reason="not a row", detail='a line is {"text": "…", "title": "…"}'
            )
            continue
        yield Row(number, body, row)


def csv_rows(text: str, path: str) -> Iterator[Row | Skipped]:
    """A row a record; the number is a spreadsheet's, where the header is row 1.

    The text is the column `text` if there is one, else a line "column: value" for each value that is not empty.

    Raises:
        UnreadableFile: the quotation marks of the header are wrong.

    """
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    named = SEPARATOR_LINE.match(text)
    first = 2 if named else 1
    text = text[named.end() :] if named else text
    header: list[str] = []
    for number, record in _records(text, path, named[1] if named else _delimiter(text), first):
        if isinstance(record, Skipped):
            if not header:
                raise UnreadableFile("broken", f"its header: {record.detail}")
            yield record
        elif not any(value.strip() for value in record):
            continue
        elif not header:
            header = [name.strip() or f"column {n}" for n, name in enumerate(record, 1)]
        elif len(record) != len(header):
            yield Skipped(
                path=path,
                part=f"row {number}",
                reason="ragged row",
                detail=f"{len(record)} fields, the header has {len(header)}",
            )
        else:
            yield row_of(number, header, [value.strip() for value in record])


def row_of(number: int, header: list[str], values: list[str]) -> Row:
    """The text is the column `text` if there is one, else a line "column: value" for each value that is not empty."""
    columns = dict(zip(header, values, strict=True))
    if "text" in columns:
        return Row(number, columns.pop("text"), columns)
    return Row(number, "\n".join(f"{name}: {value}" for name, value in zip(header, values, strict=True) if value), {})


def _records(text: str, path: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str] | Skipped]]:
    """The records with their numbers, which begin at `first`.

    One with a wrong quotation mark is skipped, and with it what the mark swallowed.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in count(first):
        line = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            detail = f"lines {line} to {reader.line_num} are not read: {error}; mend the quotation marks"
            yield number, Skipped(path=path, part=f"row {number}", reason="ragged row", detail=detail)


def _delimiter(text: str) -> str:
    """The one that cuts most of the first records into as many fields as the header, and into the most of them.

    `csv.Sniffer` guesses from letters where the fields are prose.
    """

    def fit(delimiter: str) -> tuple[float, int]:
        records = [
            r
            for _, r in zip(range(SAMPLE), csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), strict=False)
            if r
        ]
        width = len(records[0]) if records else 0
        return (sum(len(r) == width for r in records) / len(records), width) if width > 1 else (0.0, width)

    return max(DELIMITERS, key=fit)
