"""The text of a docx: paragraphs, headings, tables row by row, then the notes.

Read from its XML and not through docx2txt or python-docx (docs/decisions/0003, 0018): the one makes a paragraph of
every cell, so that a price stands apart from its item, the other knows no notes, text boxes and tracked changes. Page
headers and footers are left out: they repeat and belong to no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from agents.errors import UnreadableFile
from graphs.corpus.readers.grid import Cell, table_text
from graphs.corpus.readers.reading import Blocks, Options, Reading
from graphs.corpus.readers.zips import MOST_ELEMENTS, opened

PARTS = re.compile(r"word/(document\d*|footnotes|endnotes)\.xml")
STYLES, FACTS = "word/styles.xml", "docProps/core.xml"
UNREAD = {"pPr", "del", "moveFrom", "Fallback"}
"""Tab stops, what was deleted or moved away, and the second copy of a text box."""
PICTURES = {"pic", "imagedata"}
SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
HEADING = re.compile(r"heading ([1-9])|(title)", re.IGNORECASE)


class Block(NamedTuple):
    """A paragraph, with its level if it is a heading, or a table."""

    text: str
    heading: int = 0
    table: bool = False


def read(file: Path, name: str, options: Options) -> Iterator[Reading]:
    """The text of a letter, a report or a book.

    Raises:
        UnreadableFile: encrypted, broken, or its text unpacks to too much.

    """
    with opened(file, "docx") as archive:
        roots = _roots(archive)
        levels = _levels(_part(archive, STYLES))
        facts = _facts(_part(archive, FACTS))
    if not any(_tag(root) == "document" for root in roots):
        raise UnreadableFile("broken", "not a docx: there is no word/document.xml in it")
    blocks = Blocks()
    try:
        for block in (block for root in roots for block in _blocks(root, levels)):
            blocks.add(block.text.strip(), block.heading, block.table)
    except RecursionError as error:
        raise UnreadableFile("broken", "its elements stand hundreds deep in one another") from error
    blocks.left_out["picture"] = sum(_tag(element) in PICTURES for root in roots for element in root.iter())
    yield blocks.reading(**facts)


def _roots(archive: ZipFile) -> list[Element]:
    """The document and its notes, these last."""
    parts = sorted(filter(PARTS.fullmatch, archive.namelist()), key=lambda part: "notes" in part)
    read = [archive.read(part) for part in parts]
    if (elements := sum(part.count(b"<") for part in read)) > MOST_ELEMENTS:
        raise UnreadableFile("too large", f"{elements} tags, more than {MOST_ELEMENTS}")
    try:
        return [ElementTree.fromstring(part) for part in read]
    except ElementTree.ParseError as error:
        raise UnreadableFile("broken", f"not a docx: {error}") from error


def _part(archive: ZipFile, name: str) -> Element | None:
    """A part that the text can do without."""
    try:
        return ElementTree.fromstring(archive.read(name))
    except (KeyError, ElementTree.ParseError):
        return None


def _levels(styles: Element | None) -> dict[str, int]:
    """The styles of headings and their levels; Word calls them "heading 1" in every language."""
    found: dict[str, int] = {}
    for style in styles if styles is not None else ():
        name = next((_value(child) for child in style if _tag(child) == "name"), "")
        if match := HEADING.fullmatch(name):
            found[_value(style, "styleId")] = int(match[1] or 1)
    return found


def _facts(core: Element | None) -> dict[str, str]:
    said = {_tag(child): (child.text or "").strip() for child in core} if core is not None else {}
    date = (said.get("modified") or said.get("created") or "")[:10]
    return {"title": said.get("title", ""), "author": said.get("creator", ""), "date": date}


def _tag(element: Element) -> str:
    """The name without its namespace: Word's strict format has another one."""
    return element.tag.rpartition("}")[2]


def _value(element: Element, name: str = "val") -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _blocks(parent: Element, levels: dict[str, int]) -> Iterator[Block]:
    """Paragraphs and tables in reading order, those inside content controls too."""
    for child in parent:
        if _tag(child) == "p":
            yield Block(_text(child), _level(child, levels))
        elif _tag(child) == "tbl":
            yield Block(table_text(_rows(child)), table=True)
        elif _tag(child) not in UNREAD:
            yield from _blocks(child, levels)


def _level(paragraph: Element, levels: dict[str, int]) -> int:
    said = {_tag(part): _value(part) for child in paragraph if _tag(child) == "pPr" for part in child}
    outline = said.get("outlineLvl", "")
    return levels.get(said.get("pStyle", ""), int(outline) + 1 if outline in set("012345678") else 0)


def _rows(table: Element) -> list[list[Cell]]:
    """The cells of each row; one that is merged with those below it stands in the first of its rows."""
    rows: list[list[Cell]] = []
    above: dict[int, tuple[int, int]] = {}  # column: where the cell stands that goes on here
    for row in _within(table, "tr"):
        cells: list[Cell] = []
        column = 0
        for cell in _within(row, "tc"):
            said = {_tag(part): _value(part) for child in cell if _tag(child) == "tcPr" for part in child}
            width = int(said["gridSpan"]) if re.fullmatch(r"[1-9]\d{0,2}", said.get("gridSpan", "")) else 1
            if "vMerge" in said and said["vMerge"] != "restart" and column in above:
                at, place = above[column]
                rows[at][place] = rows[at][place]._replace(rows=rows[at][place].rows + 1)
            else:
                text = " ".join(" ".join(block.text for block in _blocks(cell, {})).split())
                above[column] = (len(rows), len(cells))
                cells.append(Cell(text, width))
            column += width
        rows.append(cells)
    return rows


def _within(parent: Element, name: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, not those of a table inside a cell."""
    for child in parent:
        if _tag(child) == name:
            yield child
        elif _tag(child) not in UNREAD | {"tbl", "tc"}:
            yield from _within(child, name)


def _text(element: Element) -> str:
    tag = _tag(element)
    if tag in UNREAD:
        return ""
    if tag == "t":
        return element.text or ""
    if tag in SIGNS:
        return SIGNS[tag]
    return "".join(f"\n{_text(child)}" if _tag(child) == "p" else _text(child) for child in element)
