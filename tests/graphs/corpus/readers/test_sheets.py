"""A row of a spreadsheet is a document, as a row of a csv is."""

from __future__ import annotations

import datetime
from pathlib import Path

from agents.records import Document
from graphs.corpus.readers import read_file
from tests.graphs.corpus.readers.made import xlsx


def read(folder: Path, content: bytes) -> list[Document]:
    (folder / "a.xlsx").write_bytes(content)
    return [item for item in read_file(folder / "a.xlsx", "a.xlsx", 10**7) if isinstance(item, Document)]


def test_each_row_is_a_document_with_its_sheet_and_number(tmp_path: Path) -> None:
    day = datetime.date(1921, 5, 4)
    sheets = {
        "Prices": [["Item", "Price", "Day"], ["oil", 9.0, day], [], ["rope", 2.5, ""]],
        "Names": [["A", "B"], [1, True]],
    }
    first, second, third = read(tmp_path, xlsx(sheets))
    assert (first.path, first.text) == ("a.xlsx#Prices!2", "Item: oil\nPrice: 9\nDay: 1921-05-04")
    assert first.metadata == {"file": "a.xlsx", "sheet": "Prices", "row": 2}
    assert (second.path, second.text) == ("a.xlsx#Prices!4", "Item: rope\nPrice: 2.5")
    assert (third.path, third.text) == ("a.xlsx#Names!2", "A: 1\nB: TRUE")


def test_what_stands_above_the_columns_is_a_text_of_its_own(tmp_path: Path) -> None:
    above, row = read(tmp_path, xlsx({"S": [["Prices of Lund, in crowns"], [], ["Item", "Price"], ["oil", 9]]}))
    assert (above.path, above.text) == ("a.xlsx#S!1", "Prices of Lund, in crowns")
    assert (row.path, row.text) == ("a.xlsx#S!4", "Item: oil\nPrice: 9")


def test_a_merged_cell_stands_in_all_its_rows(tmp_path: Path) -> None:
    rows = [["Item", "Day", "Price"], ["", "May", 9], ["", "June", 8]]
    first, second = read(tmp_path, xlsx({"S": rows}, merged=[(1, 0, 2, 0, "oil")]))
    assert (first.text, second.text) == ("Item: oil\nDay: May\nPrice: 9", "Item: oil\nDay: June\nPrice: 8")


def test_a_sheet_of_one_column_is_one_text(tmp_path: Path) -> None:
    (document,) = read(tmp_path, xlsx({"S": [["Ann opened the mill."], ["Karl built the wheel."]]}))
    assert document.text == "Ann opened the mill.\nKarl built the wheel."
