"""Slides (pptx) by python-pptx: their titles as headings, text, tables and notes in the order of the slides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from graphs.corpus.readers.grid import Cell, table_text
from graphs.corpus.readers.reading import Blocks, Options, Reading
from graphs.corpus.readers.zips import MARKUP, check_markup, opened

TITLES = ("TITLE", "CENTER_TITLE", "VERTICAL_TITLE")
ON_EVERY_SLIDE = ("DATE", "FOOTER", "SLIDE_NUMBER", "HEADER")


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """One text; `pages` holds where each slide begins in it."""
    import pptx

    with opened(file, "pptx") as archive:
        check_markup(archive, MARKUP)
        shown = pptx.Presentation(str(file))
    blocks, starts = Blocks(), list[int]()
    for slide in shown.slides:
        starts.append(blocks.next_start)
        for shape in _in_order(slide.shapes):
            _shape(shape, blocks)
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None:
            blocks.add(f"Notes: {notes.text}" if notes.text.strip() else "")
    said = shown.core_properties
    date = said.modified or said.created
    yield blocks.reading(
        pages=starts, title=said.title or "", author=said.author or "", date=date.date().isoformat() if date else ""
    )


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    """The title, then from the top down and from left to right; what has no place of its own as it is listed."""
    return sorted(shapes, key=lambda shape: (_kind(shape) not in TITLES, shape.top or 0, shape.left or 0))


def _kind(shape: Any) -> str:
    return shape.placeholder_format.type.name if shape.is_placeholder and shape.placeholder_format.type else ""


def _shape(shape: Any, blocks: Blocks) -> None:
    kind = _kind(shape)
    if kind in ON_EVERY_SLIDE:
        blocks.left_out["running head or foot"] += 1
    elif hasattr(shape, "shapes"):
        for inner in _in_order(shape.shapes):
            _shape(inner, blocks)
    elif getattr(shape, "has_table", False):
        blocks.add(table_text(_rows(shape.table)), table=True)
    elif getattr(shape, "has_chart", False):
        blocks.left_out["chart"] += 1
    elif shape.has_text_frame:
        lines = [" ".join(line.text.replace("\v", "\n").split()) for line in shape.text_frame.paragraphs]
        blocks.add("\n".join(filter(None, lines)), heading=kind in TITLES)
    elif hasattr(shape, "image"):
        blocks.left_out["picture"] += 1


def _rows(table: Any) -> Iterator[list[Cell]]:
    for row in table.rows:
        yield [
            Cell(" ".join(cell.text.split()), cell.span_width, cell.span_height)
            if cell.is_merge_origin
            else Cell(" ".join(cell.text.split()))
            for cell in row.cells
            if not cell.is_spanned
        ]
