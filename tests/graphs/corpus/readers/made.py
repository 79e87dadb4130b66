"""Small files of the kinds that people have, made as their programs make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any


def xlsx(sheets: dict[str, Sequence[Sequence[Any]]], merged: Sequence[tuple[int, int, int, int, str]] = ()) -> bytes:
    """A workbook; `merged` are (first row, first column, last row, last column, text) of the first sheet, from 0."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd", "remove_timezone": True}) as book:
        for number, (name, rows) in enumerate(sheets.items()):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
            for one in merged if not number else ():
                sheet.merge_range(*one)
    return out.getvalue()


def epub(chapters: dict[str, str], title: str = "The Mill", **parts: str) -> bytes:
    """A book of chapters under text/ in this order, with further parts as they are given."""
    items = "".join(f'<item id="i{n}" href="text/{name}"/>' for n, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    nav = '<item id="nav" properties="nav" href="text/nav.xhtml"/>'
    said = f"<dc:title>{title}</dc:title><dc:creator>Ann</dc:creator><dc:date>1921-05-04T00:00:00Z</dc:date>"
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{said}'
        f'</metadata><manifest>{items}{nav}</manifest><spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf"/></rootfiles></container>',
        )
        archive.writestr("book.opf", package)
        for name, body in chapters.items():
            archive.writestr(
                f"text/{name}", f'<?xml version="1.0"?><html><head><title/></head><body>{body}</body></html>'
            )
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
