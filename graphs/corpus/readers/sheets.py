"""Spreadsheets (xlsx, xls, xlsb, ods) by calamine: a document a row, as of a csv; merged cells stand in all rows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agents.errors import UnreadableFile
from agents.records import Skipped
from agents.text.normal_form import tidy
from graphs.corpus.readers.reading import Options, Reading
from graphs.corpus.readers.tables import Row, as_readings, row_of
from graphs.corpus.readers.zips import OLD_OFFICE, check_markup, opened

CELLS = re.compile(r"xl/(worksheets/.*|sharedStrings)\.xml|content\.xml", re.IGNORECASE)
MOST_MERGED = 100_000  # cells that one text is repeated in


def read(file: Path, name: str, options: Options) -> Iterator[Reading | Skipped]:
    """The rows of each sheet. The first row with several cells names the columns; what stands above it is a text."""
    import python_calamine

    if file.suffix.lower() != ".xls":
        with opened(file, file.suffix.lstrip(".")) as archive:
            check_markup(archive, CELLS)
    elif not file.read_bytes()[:4].startswith(OLD_OFFICE):
        raise UnreadableFile("broken", "not an xls")
    try:
        book = python_calamine.CalamineWorkbook.from_path(file)
        for sheet in book.sheet_names:
            yield from _sheet(book.get_sheet_by_name(sheet), sheet)
    except python_calamine.PasswordError as error:
        raise UnreadableFile("encrypted", "save it without a password") from error
    except python_calamine.CalamineError as error:
        raise UnreadableFile("broken", str(error)) from error


def _sheet(sheet: Any, title: str) -> Iterator[Reading | Skipped]:
    rows = [[_words(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    _fill_merged(rows, sheet.merged_cell_ranges or ())
    at = next((n for n, row in enumerate(rows) if sum(map(bool, row)) > 1 and len(set(row)) > 1), None)
    above = [" ".join(dict.fromkeys(filter(None, row))) for row in (rows if at is None else rows[:at])]
    if any(above):
        yield Reading(tidy("\n".join(filter(None, above))), sheet=title, row=1)
    if at is not None:
        yield from as_readings(_rows(rows[at:], at + 1), sheet=title)


def _rows(rows: Sequence[list[str]], first: int) -> Iterator[Row]:
    """The rows below the one that names the columns, whose number is `first`."""
    width = max((n for row in rows for n, value in enumerate(row, 1) if value), default=0)
    header = [value or f"column {n}" for n, value in enumerate(rows[0][:width], 1)]
    for number, row in enumerate(rows[1:], first + 1):
        if any(row):
            yield row_of(number, header, row[:width])


def _words(value: Any) -> str:
    """A value as a person sees it in its cell: 9 and not 9.0, a day and not its midnight."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
    return " ".join(str(value).split())


def _fill_merged(rows: list[list[str]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Put the text of a merged cell into all rows and columns that it spans."""
    for (top, left), (bottom, right) in merged:
        if (bottom - top + 1) * (right - left + 1) > MOST_MERGED or bottom >= len(rows):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])
