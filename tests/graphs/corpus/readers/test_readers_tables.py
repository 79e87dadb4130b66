"""Rows keep their numbers and their columns; a row that is not whole is named and the others go on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from agents.errors import UnreadableFile
from agents.records import Skipped
from graphs.corpus.readers.tables import csv_rows, jsonl_rows


def split(rows: Iterable[Any]) -> tuple[list[Any], list[tuple[str, str, str]]]:
    rows = list(rows)
    return [row for row in rows if not isinstance(row, Skipped)], [
        (row.part, row.reason, row.detail) for row in rows if isinstance(row, Skipped)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "item,price\noil,9\nwick,2\n",
        "item;price\noil;9\nwick;2\n",
        "item\tprice\r\noil\t9\r\nwick\t2\r\n",
        "item|price\noil|9\n\n,\nwick|2".replace(",", "|"),
    ],
    ids=["comma", "semicolon", "tab-and-windows-line-ends", "bar-and-blank-rows"],
)
def test_a_row_is_a_line_a_column_whatever_the_delimiter(text: str) -> None:
    rows, skipped = split(csv_rows(text, "a.csv"))
    assert [row.text for row in rows] == ["item: oil\nprice: 9", "item: wick\nprice: 2"]
    assert skipped == []


def test_excels_own_first_line_names_the_delimiter() -> None:
    rows, skipped = split(csv_rows("sep=;\nitem;note\noil;a, b, c\n", "a.csv"))
    assert [(row.number, row.text) for row in rows] == [(3, "item: oil\nnote: a, b, c")]
    assert skipped == []


def test_semicolons_win_over_decimal_commas() -> None:
    rows, _ = split(csv_rows("item;price\noil;9,5\nwick;2,5\n", "a.csv"))
    assert rows[0].text == "item: oil\nprice: 9,5"


def test_a_row_is_numbered_as_a_spreadsheet_numbers_it() -> None:
    rows, _ = split(csv_rows('item,note\noil,"two\nlines"\n\nwick,short\n', "a.csv"))
    assert [(row.number, row.text) for row in rows] == [
        (2, "item: oil\nnote: two\nlines"),
        (4, "item: wick\nnote: short"),
    ]


def test_a_text_column_is_the_text_and_the_others_are_beside_it() -> None:
    rows, _ = split(csv_rows("title,text\nThe Lamp,It burned.\n", "a.csv"))
    assert rows == [(2, "It burned.", {"title": "The Lamp"})]


def test_columns_without_a_name_get_a_number_and_empty_values_no_line() -> None:
    rows, _ = split(csv_rows(",item,price\n0,oil,\n", "a.csv"))
    assert rows[0].text == "column 1: 0\nitem: oil"


def test_ragged_rows_are_named_and_the_others_go_on() -> None:
    rows, skipped = split(csv_rows("item,price\noil,9\nwick\nrope,2,3\nsalt,4\n", "a.csv"))
    assert [row.number for row in rows] == [2, 5]
    assert skipped == [
        ("row 3", "ragged row", "1 fields, the header has 2"),
        ("row 4", "ragged row", "3 fields, the header has 2"),
    ]


def test_what_an_open_quotation_mark_swallows_is_named_by_its_lines() -> None:
    rows, skipped = split(csv_rows('item,price\noil,9\n"wick,2\nrope,3\n', "a.csv"))
    assert [row.number for row in rows] == [2]
    ((part, reason, detail),) = skipped
    assert (part, reason) == ("row 3", "ragged row")
    assert "lines 3 to 4 are not read" in detail


def test_a_header_with_an_open_quotation_mark_breaks_the_file() -> None:
    with pytest.raises(UnreadableFile, match="its header"):
        list(csv_rows('"item,price\noil,9\n', "a.csv"))


def test_a_field_may_be_as_long_as_the_file() -> None:
    rows, skipped = split(csv_rows(f"title,text\nLong,{'word ' * 40_000}\n", "a.csv"))
    assert len(rows[0].text) == 199_999
    assert skipped == []


@pytest.mark.parametrize(
    "line",
    [
        '{"body": "b"}',
        '{"text": null}',
        "[1]",
        "{text}",
        "[" * 100_000,
        '{"text": "\\ud800"}',
        '{"text": "a", "n": ' + "1" * 5000 + "}",
    ],
    ids=["without-text", "text-null", "a-list", "not-json", "too-deep", "half-a-character", "a-number-too-long"],
)
def test_a_line_that_is_no_object_with_a_text_is_named_and_the_others_go_on(line: str) -> None:
    rows, skipped = split(jsonl_rows(f'{{"text": "a"}}\n{line}\n{{"text": "c", "year": 1901}}\n', "a.jsonl"))
    assert rows == [(1, "a", {}), (3, "c", {"year": 1901})]
    assert [(part, reason) for part, reason, _ in skipped] == [("row 2", "not a row")]
