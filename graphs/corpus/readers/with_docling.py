"""Documents by Docling (MIT), whose models find headings, tables and the order of a page; for those who have them.

Docling 2 gives one kind of document for all of its formats: items in reading order, each with a label and, on a page,
its number. The models, gigabytes that it fetches or finds in a folder of its own, are its own affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from agents.errors import MissingExtra, UnreadableFile
from agents.records import Skipped
from graphs.corpus.readers.reading import BREAK, Blocks, Options, Reading

HEAD = "running head or foot"
LEFT_OUT = {"picture": "picture", "chart": "picture", "page_header": HEAD, "page_footer": HEAD}
NOTES = "footnote"  # they come last, as a docx has them


def read(file: Path, name: str, options: Options) -> Iterator[Reading | Skipped]:
    """One text, with its headings, tables and pages.

    Raises:
        MissingExtra: Docling is not installed.
        UnreadableFile: it gave no text.

    """
    result = converter().convert(file, raises_on_error=False)
    said = "; ".join(str(getattr(error, "error_message", error)) for error in result.errors)
    status = str(getattr(result.status, "value", result.status))
    if status not in ("success", "partial_success"):
        raise UnreadableFile("broken", f"Docling: {said or status}")
    yield reading_of(result.document, options)
    if status == "partial_success":
        yield Skipped(path=name, part="some pages", reason="broken", detail=f"Docling: {said or status}")


@cache
def converter() -> Any:
    """Docling's converter; its models are loaded once, with the first file."""
    try:
        from docling.document_converter import DocumentConverter  # pyright: ignore[reportMissingImports] - an extra
    except ImportError as error:
        raise MissingExtra(
            "[documents] docling: Docling is not installed", 'pip install "ragtuned[docling]", or set docling = []'
        ) from error
    return DocumentConverter()


def reading_of(document: Any, options: Options) -> Reading:
    """The text of a `DoclingDocument`: its items in their order, footnotes last."""
    blocks, pages, notes, title = Blocks(), list[int](), list[str](), ""
    for item, _ in document.iterate_items():
        label = str(getattr(item.label, "value", item.label))
        text = str(getattr(item, "text", "")).strip()
        if left_out := LEFT_OUT.get(label):
            blocks.left_out[left_out] += 1
            continue
        if label == "code" and not options.keep_code:
            blocks.left_out["code block"] += 1
            continue
        for place in item.prov[:1]:  # a page without text begins where the next one does
            pages += [blocks.next_start] * (place.page_no - len(pages))
        if label == NOTES:
            notes.append(text)
        elif label in ("table", "document_index"):
            blocks.add(rows_of(item), table=True)
        elif label == "title":
            title = title or text
            blocks.add(text, heading=1)
        elif label == "section_header":
            blocks.add(text, heading=1 + int(getattr(item, "level", 1)))
        elif label == "list_item":
            marker = getattr(item, "marker", "") or "-"
            blocks.add(f"{marker} {text}", between="\n" if blocks.last_is_item else BREAK)
        else:
            blocks.add(text)
        blocks.last_is_item = label == "list_item"
    for note in notes:
        blocks.add(note)
    return blocks.reading(pages=pages, title=title)


def rows_of(table: Any) -> str:
    """A row a line; a merged cell stands in every row and column that it spans."""
    rows = ([" ".join(cell.text.split()) for cell in row] for row in table.data.grid)
    return "\n".join(" | ".join(cells) for cells in rows)
