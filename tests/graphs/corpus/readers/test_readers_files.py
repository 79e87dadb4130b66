"""One file becomes documents with their provenance, or a reason from the closed list; nothing is lost in silence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.records import Document, Skipped
from graphs.corpus.readers import read_file
from graphs.corpus.readers.zips import OLD_OFFICE
from tests.graphs.files import docx, encrypted, paragraph, pdf

MOST = 100_000  # bytes of a file here


def read(folder: Path, name: str, content: str | bytes) -> list[Document | Skipped]:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(folder / name, name, MOST)


def test_html_gives_its_text_and_its_title(tmp_path: Path) -> None:
    (document,) = read(
        tmp_path,
        "page.html",
        "<html><head><title>The Lamp</title></head><body><h1>Grüße</h1><p>Ann kept it.</p></body></html>",
    )
    assert document.title == "The Lamp"
    assert "Ann kept it." in document.text
    assert "Grüße" in document.text
    assert "<" not in document.text


def test_each_row_of_a_jsonl_is_a_document_with_its_metadata(tmp_path: Path) -> None:
    first, second = read(
        tmp_path,
        "rows.jsonl",
        '{"text": "One\u2028two.", "title": "First", "year": 1901, "row": "x"}\n\n{"text": "Three."}\n',
    )
    assert (first.path, first.title, first.text) == ("rows.jsonl#1", "First", "One\u2028two.")
    assert first.metadata == {"file": "rows.jsonl", "row": 1, "title": "First", "year": 1901}
    assert second.path == "rows.jsonl#3"


def test_each_row_of_a_csv_is_a_document_with_its_row(tmp_path: Path) -> None:
    first, second = read(tmp_path, "prices.csv", "\ufeffitem,price\noil,9\nwick,2\n")
    assert (first.path, first.text, first.metadata) == (
        "prices.csv#2",
        "item: oil\nprice: 9",
        {"file": "prices.csv", "row": 2},
    )
    assert second.path == "prices.csv#3"


def test_a_pdf_is_one_document_that_knows_where_its_pages_begin(tmp_path: Path) -> None:
    document, skipped = read(tmp_path, "report.pdf", pdf("The lamp burned.", "", "The ferry sank."))
    assert document.text == "The lamp burned.\n\nThe ferry sank."
    assert document.metadata == {"file": "report.pdf", "pages": [0, 16, 18]}
    assert document.text[18:].startswith("The ferry")
    assert str(skipped).startswith("report.pdf, page 2: no text: a picture, blank or broken; have it recognised")


def test_a_pdf_that_everyone_may_open_is_read_though_it_is_encrypted(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "open.pdf", encrypted(pdf("The lamp burned."), user=""))
    assert document.text == "The lamp burned."


def test_a_docx_is_one_document(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "letter.docx", docx(paragraph("Letter of May") + paragraph("Ann kept the lamp.")))
    assert (document.title, document.text) == ("Letter of May", "Letter of May\n\nAnn kept the lamp.")


def test_a_byte_order_mark_and_windows_line_ends_are_taken_off(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "a.md", b"\xef\xbb\xbf# Title\r\nText.")
    assert (document.title, document.text) == ("Title", "# Title\nText.")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The Lamp\n\nIt burned.", "The Lamp"),
        ("The Lamp\nIt burned.", "The Lamp"),
        ("It burned all night.\nMore.", "03 my page"),
        ("x" * 81, "03 my page"),
    ],
    ids=["heading", "short-first-line", "sentence", "long-line"],
)
def test_the_title_is_the_heading_a_short_first_line_or_the_file(tmp_path: Path, text: str, title: str) -> None:
    (document,) = read(tmp_path, "03-my_page.md", text)
    assert document.title == title


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "empty: 0 bytes"),
        ("blank.md", b" \n\n", "empty: 3 bytes"),
        ("image.txt", b"\x89PNG\r\n\x00\x00", "binary"),
        ("latin.txt", "Grüße".encode("latin-1"), "not UTF-8: byte 2 is 0xfc"),
        ("cut.csv", "item,price\noil,9\n".encode("utf-16")[:-1], "broken: it begins as utf-16 and is not"),
        ("page.html", b"<html><body></body></html>", "no text"),
        ("rows.jsonl", b'{"text": " "}\n', "no text: not one of its rows"),
        ("header.csv", b"item,price\n", "no text"),
        ("ragged.csv", b"item,price\noil\n", "no text: not one of its rows"),
        ("header.csv", b'"item,price\noil,9\n', "broken: its header"),
        ("large.txt", b"a" * (MOST + 1), "too large: 0.1 MB; max_file_mb is 0.1"),
        ("junk.pdf", b"no pdf at all", "broken: PdfStreamError"),
        ("half.pdf", pdf("The lamp burned.")[:300], "broken: PdfStreamError"),
        ("locked.pdf", encrypted(pdf("The lamp burned."), user="secret"), "encrypted"),
        ("scan.pdf", pdf("", ""), "no text: pictures, blank or broken (pages: 2)"),
        ("junk.docx", b"no zip at all", "broken: not a docx"),
        ("half.docx", docx(paragraph("The lamp burned."))[:120], "broken: not a docx"),
        ("mark-up.docx", docx("<w:p>"), "broken: not a docx"),
        ("pictures.docx", docx(paragraph()), "no text"),
        ("locked.docx", OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("old.docx", OLD_OFFICE + b"WordDocument", "broken: an older kind of file"),
    ],
    ids=[
        "zero-bytes",
        "blank",
        "binary",
        "not-utf-8",
        "utf-16-cut-off",
        "page-blank",
        "row-blank",
        "csv-with-a-header-alone",
        "csv-with-ragged-rows-alone",
        "csv-with-a-broken-header",
        "too-large",
        "pdf-that-is-none",
        "pdf-cut-off",
        "pdf-encrypted",
        "pdf-of-pictures",
        "docx-that-is-none",
        "docx-cut-off",
        "docx-with-broken-markup",
        "docx-of-pictures",
        "docx-encrypted",
        "old-doc",
    ],
)
def test_a_file_that_cannot_be_read_is_skipped_with_its_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    found = read(tmp_path, name, content)
    assert not [item for item in found if isinstance(item, Document)]
    (whole,) = [item for item in found if not item.part]
    assert str(whole).startswith(f"{name}: {reason}")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def link_to_nowhere(path: Path) -> None:
    path.symlink_to("gone.md")


def link_to_its_folder(path: Path) -> None:
    path.symlink_to(path.parent)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (link_to_itself, "cannot be opened: Too many levels"),
        (link_to_nowhere, "cannot be opened: No such file"),
        (link_to_its_folder, "link to a folder"),
        (os.mkfifo, "cannot be opened: not a plain file"),
    ],
    ids=["link-to-itself", "link-to-nowhere", "link-to-its-folder", "pipe"],
)
def test_what_is_no_file_is_skipped_with_its_reason(
    tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    make(tmp_path / "a.md")
    (skipped,) = read_file(tmp_path / "a.md", "a.md", MOST)
    assert str(skipped).startswith(f"a.md: {reason}")
