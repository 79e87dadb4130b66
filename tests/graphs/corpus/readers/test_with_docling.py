"""What Docling finds becomes a text with headings, tables and pages; a stand-in has its API."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from agents.errors import MissingExtra
from agents.records import Document, Skipped
from graphs.corpus.readers import read_file, with_docling
from graphs.corpus.readers.reading import Options
from tests.graphs.files import pdf


def item(label: str, text: str = "", page: int = 1, **more: Any) -> SimpleNamespace:
    return SimpleNamespace(label=label, text=text, prov=[SimpleNamespace(page_no=page)], **more)


def table(*rows: tuple[str, ...]) -> SimpleNamespace:
    return SimpleNamespace(grid=[[SimpleNamespace(text=cell) for cell in row] for row in rows])


ITEMS = [
    item("title", "The Mill"),
    item("page_header", "Lund"),
    item("section_header", "Wheels", level=1),
    item("text", "Anna opened the mill."),
    item("footnote", "1 Found in a letter."),
    item("code", "wheel = 1", page=3),
    item("list_item", "oak", page=3, marker="1."),
    item("list_item", "iron", page=3, marker=""),
    item("table", page=3, data=table(("Item", "Price"), ("Rope", "2\n"), ("Salt", "Salt"))),
    item("picture", page=3),
]
TEXT = (
    "The Mill\n\nWheels\n\nAnna opened the mill.\n\n1. oak\n- iron\n\nItem | Price\nRope | 2\nSalt | Salt\n\n"
    "1 Found in a letter."
)


@pytest.fixture
def docling(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A converter that answers what the test says, where the package would be."""
    document = SimpleNamespace(iterate_items=lambda: ((one, 0) for one in ITEMS))
    answer = SimpleNamespace(status=SimpleNamespace(value="success"), errors=[], document=document)
    module = ModuleType("docling.document_converter")
    converted = SimpleNamespace(convert=lambda file, raises_on_error: answer)
    module.DocumentConverter = lambda: converted  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "docling", ModuleType("docling"))
    monkeypatch.setitem(sys.modules, "docling.document_converter", module)
    with_docling.converter.cache_clear()
    yield answer
    with_docling.converter.cache_clear()


def read(folder: Path, *kinds: str) -> list[Document | Skipped]:
    (folder / "a.pdf").write_bytes(pdf("The lamp burned."))
    return read_file(folder / "a.pdf", "a.pdf", 10**7, Options(docling=kinds))


@pytest.mark.usefixtures("docling")
def test_items_become_a_text_in_their_order_with_footnotes_last(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "pdf")
    assert isinstance(document, Document)
    assert document.text == TEXT
    found = document.metadata
    assert [document.text[start:end] for start, end, _ in found["headings"]] == ["The Mill", "Wheels"]
    assert [level for *_, level in found["headings"]] == [1, 2]
    assert [document.text[start:end] for start, end in found["tables"]] == ["Item | Price\nRope | 2\nSalt | Salt"]
    assert [document.text[start:][:6] for start in found["pages"]] == ["The Mi", "1. oak", "1. oak"]
    assert found["left_out"] == {"running head or foot": 1, "code block": 1, "picture": 1}


@pytest.mark.usefixtures("docling")
def test_only_the_kinds_that_are_named_are_read_so(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "docx")
    assert isinstance(document, Document)
    assert document.text == "The lamp burned."


def test_what_docling_could_not_read_is_told(tmp_path: Path, docling: SimpleNamespace) -> None:
    docling.errors = [SimpleNamespace(error_message="page 2 timed out")]
    docling.status = "partial_success"
    _, skipped = read(tmp_path, "pdf")
    assert isinstance(skipped, Skipped)
    assert (skipped.reason, skipped.detail) == ("broken", "Docling: page 2 timed out")
    docling.status = "failure"
    (skipped,) = read(tmp_path, "pdf")
    assert isinstance(skipped, Skipped)
    assert skipped.part == ""


def test_without_docling_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docling.document_converter", None)
    with_docling.converter.cache_clear()
    with pytest.raises(MissingExtra, match="not installed"):
        read(tmp_path, "pdf")
